/** `gatehouse who-can` and `what-can`: the policy files asked the other way round. */
import { Command } from 'commander'
import { finish } from '../lib/turns.ts'
import type { Unsupported } from '../policy/questions/page.ts'
import { whoCan } from '../policy/questions/search.ts'
import { type Allowed, whatCan } from '../policy/questions/what-can.ts'
import { describeRule } from '../policy/rule.ts'
import { ends, formatOption } from './command.ts'
import { bareId } from './load-policy.ts'
import { askedOptions, loadAsked, type QuestionOptions } from './question.ts'
import { CommandError, exits, type Terminal } from './terminal.ts'

const everyone = { limit: Number.POSITIVE_INFINITY }

const whoHelp = `
Exit status: 0 where somebody can, 1 where nobody can, 2 on a failure.

Example:
  gatehouse who-can acme /docs/documents/7 DELETE --rules acme.csv
`

/** The command `who-can`. */
export function whoCanCommand(terminal: Terminal): Command {
  const command = new Command('who-can')
    .summary('everybody who may do something')
    .description('Names everybody whom the rules name and allow, through every team and role.')
    .argument('<organisation>', 'its id, such as acme')
    .argument('<object>', '/<application>/<path>')
    .argument('<action>', 'an HTTP method')
  return askedOptions(command)
    .addOption(formatOption(['text', 'json']))
    .addHelpText('after', whoHelp)
    .action(
      ends(async (org: string, obj: string, act: string, options: QuestionOptions) => {
        const { snapshot } = await loadAsked(bareId(org), options)
        const found = answered(finish(whoCan(snapshot, { obj, act }, everyone)))
        const { results, everybody } = found
        const others = everybody ? ['and everybody whom no rule names'] : []
        const text = `${[...results, ...others].join('\n') || 'nobody'}\n`
        const json = () => `${JSON.stringify({ subjects: results, everybody }, undefined, 2)}\n`
        terminal.print(options.format === 'json' ? json() : text)
        return results.length > 0 || everybody ? exits.well : exits.found
      }),
    )
}

const whatHelp = `
Exit status: 0 where there is something, 1 where there is nothing, 2 on a failure.

Examples:
  gatehouse what-can user:ann acme --rules acme.csv
  gatehouse what-can role:editor acme
`

/** The command `what-can`. */
export function whatCanCommand(terminal: Terminal): Command {
  const command = new Command('what-can')
    .summary('everything that somebody may do')
    .description('What a person, team or role is allowed, rule by rule, less what is denied to it.')
    .argument('<subject>', 'user:…, service:…, team:…, role:… or anonymous')
    .argument('<organisation>', 'its id, such as acme')
  return askedOptions(command)
    .addOption(formatOption(['text', 'json']))
    .addHelpText('after', whatHelp)
    .action(
      ends(async (subject: string, org: string, options: QuestionOptions) => {
        const { snapshot } = await loadAsked(bareId(org), options)
        const { results } = answered(finish(whatCan(snapshot, subject, everyone)))
        const shown = results.map((one) => ({ ...one, rule: describeRule(one.rule) }))
        const text = () => results.map((one) => toText(one, terminal.paint)).join('') || 'nothing\n'
        const json = () => `${JSON.stringify({ allowed: shown }, undefined, 2)}\n`
        terminal.print(options.format === 'json' ? json() : text())
        return results.length > 0 ? exits.well : exits.found
      }),
    )
}

function toText({ method, object, except, rolePath, rule }: Allowed, paint: Terminal['paint']) {
  const what = `${method === '*' ? 'every method' : method} ${object}`
  const less = except.map((one) => `, but not ${one.method} ${one.object}`).join('')
  const way = rolePath.length > 1 ? `  by ${rolePath.slice(1).join(' -> ')}` : ''
  return `${what}${less}${paint('dim', `${way}  ${describeRule(rule)}`)}\n`
}

function answered<T extends { readonly kind: string }>(found: T | Unsupported): T {
  if (!isUnsupported(found)) return found
  throw new CommandError(`This model cannot be asked the other way round: ${found.because}`)
}

function isUnsupported(found: { readonly kind: string }): found is Unsupported {
  return found.kind === 'unsupported'
}
