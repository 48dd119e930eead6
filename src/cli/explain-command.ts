/** `gatehouse explain`: why a request is allowed or denied, by policy files alone. */
import { Command } from 'commander'
import { finish } from '../lib/turns.ts'
import { type Explanation, explain } from '../policy/questions/explain.ts'
import { describeRule } from '../policy/rule.ts'
import { ends, formatOption } from './command.ts'
import { bareId } from './load-policy.ts'
import { askedOptions, loadAsked, type QuestionOptions } from './question.ts'
import { exits, type Terminal } from './terminal.ts'

const help = `
Exit status: 0 where it is allowed, 1 where it is denied, 2 on a failure.

Examples:
  gatehouse explain user:ann acme /docs/documents/7 DELETE --rules acme.csv
  gatehouse explain anonymous acme /docs/health GET
  gatehouse explain user:ann acme /docs/documents/7 GET --policy v1.2 --rules acme.csv
`

/** The command `explain`. */
export function explainCommand(terminal: Terminal): Command {
  const command = new Command('explain')
    .summary('why a request is allowed or denied')
    .description(
      'Decides one request as the gateway would and says why: the rule with its file and line, the way through teams and roles, and for a denial what came nearest and what would allow it.',
    )
    .argument('<subject>', 'user:…, service:… or anonymous')
    .argument('<organisation>', 'its id, such as acme')
    .argument('<object>', '/<application>/<path>')
    .argument('<action>', 'an HTTP method, or an action that the application declares')
  return askedOptions(command)
    .addOption(formatOption(['text', 'json']))
    .addHelpText('after', help)
    .action(
      ends(async (sub: string, org: string, obj: string, act: string, options: QuestionOptions) => {
        const organisation = bareId(org)
        const { snapshot, applications } = await loadAsked(organisation, options)
        const request = { sub, dom: `org:${organisation}`, obj, act }
        const found = finish(explain(snapshot, request, applications))
        const json = () => `${JSON.stringify(toData(found), undefined, 2)}\n`
        terminal.print(options.format === 'json' ? json() : toText(found, terminal.paint))
        return found.decision.allow ? exits.well : exits.found
      }),
    )
}

function toData({ decision, sentences, rolePath, rule, candidates, ...rest }: Explanation) {
  const { changes, unchangeable } = rest
  return {
    allow: decision.allow,
    reason: decision.reason,
    sentences,
    rolePath,
    rule: rule && describeRule(rule),
    candidates: candidates.map((one) => ({
      rule: describeRule(one.rule),
      unmatched: one.unmatched,
    })),
    changes: changes.map(({ ptype, values, phrase }) => ({
      add: [ptype, ...values].join(', '),
      phrase,
    })),
    unchangeable,
  }
}

function toText(explanation: Explanation, paint: Terminal['paint']): string {
  const { allow, sentences, candidates, changes, unchangeable } = toData(explanation)
  const verdict = allow ? paint('green', 'allowed') : paint('red', 'denied')
  const near = candidates.map(({ rule, unmatched }) => {
    return `  ${rule}: differs in ${unmatched.join(' and ')}`
  })
  const adds = changes.map(({ add, phrase }) => `  ${add}   ${paint('dim', phrase)}`)
  const parts = [
    `${verdict}: ${sentences.join(' ')}`,
    ...(near.length === 0 ? [] : ['', 'What came near:', ...near]),
    ...(adds.length === 0 ? [] : ['', 'Any of these lines would allow it:', ...adds]),
    ...(unchangeable === undefined || allow ? [] : ['', `No single rule would: ${unchangeable}.`]),
  ]
  return `${parts.join('\n')}\n`
}
