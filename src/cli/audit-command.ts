/** `gatehouse audit`: what is done with an exported audit, without a server. */
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { Command } from 'commander'
import { judge, NotAuditError } from './audit-verify.ts'
import { ends } from './command.ts'
import { CommandError, exits, type Terminal } from './terminal.ts'

const help = `
Examples:
  curl -s -H "Authorization: Bearer $KEY" \\
    "http://127.0.0.1:8081/api/v1/orgs/acme/audit/export?format=jsonl" | gatehouse audit verify
`

/** The command `audit` with what belongs to it. */
export function auditCommand({ print, note }: Terminal): Command {
  const verify = new Command('verify')
    .summary('whether exported entries are one unbroken chain')
    .description(
      'Says whether exported entries of an audit are one unbroken chain: that none was changed, dropped or put in between. Asks nobody.',
    )
    .argument('[file]', 'JSON lines; standard input where there is none')
    .option('--head <hash>', 'the hash that the last entry must have, as you noted it before')
    .addHelpText('after', help)
    .action(
      ends(async (file: string | undefined, { head }: { readonly head?: string }) => {
        try {
          const { text: said, sound } = judge(await read(file), head)
          print(`${said}\n`)
          return sound ? exits.well : exits.found
        } catch (error) {
          if (!(error instanceof NotAuditError)) throw error
          note(`${error.message}\n`)
          return exits.found
        }
      }),
    )
  return new Command('audit').summary('look at an exported audit').addCommand(verify)
}

/** Standard input comes when it comes: read at once, a pipe that has nothing yet would be an error. */
async function read(file: string | undefined): Promise<string> {
  try {
    return file === undefined ? await text(process.stdin) : readFileSync(file, 'utf8')
  } catch (error) {
    throw new CommandError(
      `${file ?? 'Standard input'} cannot be read: ${(error as Error).message}`,
    )
  }
}
