/** `gatehouse diff`: what changes for whom between two versions of the policy files. */
import { Command } from 'commander'
import { compareFiles, type FilesDifference } from '../policy/questions/diff-files.ts'
import { ends, formatOption, modelOption } from './command.ts'
import { loadOwnRules, loadPolicy, type OwnOptions } from './load-policy.ts'
import { describeDifferences, markdownOf } from './report/differences.ts'
import { CommandError, exits, type Terminal } from './terminal.ts'

const help = `
Exit status: 0 where nobody may do anything more or less, 1 where somebody may, 2 on a failure.

Examples:
  gatehouse diff main                       this folder against the branch main
  gatehouse diff v1 v2 --format markdown    two tags, as a comment for a pull request
  gatehouse diff ../old . --org acme --rules acme.csv
                                            what it means for the people of acme
`

interface Options extends OwnOptions {
  readonly format: 'text' | 'json' | 'markdown'
  readonly model?: string
}

/** The command `diff`. */
export function diffCommand(terminal: Terminal): Command {
  return new Command('diff')
    .summary('who may do more, who less, between two versions')
    .description(
      'The exact difference in what may be done: computed on patterns, so that it holds for every request there could be.',
    )
    .argument('<old>', 'a folder with model.conf and policies/, or a revision of git')
    .argument('[new]', 'the same', '.')
    .option('--org <id>', 'look at one organisation alone')
    .option('--rules <file>', 'the own rules of that organisation, as CSV')
    .addOption(modelOption())
    .addOption(formatOption(['text', 'json', 'markdown']))
    .addHelpText('after', help)
    .action(
      ends(async (old: string, next: string, options: Options) => {
        const before = loadPolicy(old, options.model)
        const after = loadPolicy(next, options.model)
        const found = await compareFiles(before, after, loadOwnRules(options, after.model))
        if ('kind' in found) throw new CommandError(`The two cannot be compared: ${found.because}`)
        terminal.print(write(found, options.format, terminal))
        return found.length === 0 ? exits.well : exits.found
      }),
    )
}

function write(
  found: readonly FilesDifference[],
  format: Options['format'],
  { paint }: Terminal,
): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify({ differences: found }, undefined, 2)}\n`
    case 'markdown':
      return markdownOf(found)
    default:
      return describeDifferences(found, paint)
  }
}
