/** A model with attributes and conditions, and small snapshots of it. */
import type { Attributes } from '../../src/policy/attributes.ts'
import { type Decision, decide } from '../../src/policy/decide.ts'
import { type PolicyFiles, parsePolicyFiles } from '../../src/policy/files/files.ts'
import { buildSnapshot, type Snapshot } from '../../src/policy/snapshot.ts'
import { ruleOf } from './support.ts'

/** One condition of each kind; the matcher is one line, so that places are easy to say. */
export const attributesModel = [
  ...['[request_definition]', 'r = sub, dom, obj, act, who, res', '[policy_definition]'],
  ...['p = sub, dom, obj, act, eft, when', '[role_definition]', 'g = _, _, _', '[policy_effect]'],
  'e = some(where (p.eft == allow)) && !some(where (p.eft == deny))',
  '[matchers]',
  'm = (p.sub == "*" || g(r.sub, p.sub, r.dom)) && (p.dom == "*" || r.dom == p.dom) && keyMatch2(r.obj, p.obj) && (p.act == "*" || r.act == p.act) && (p.when == "always" || p.when == "own" && r.res.owner == r.who.id || p.when == "department" && r.res.department == r.who.department || p.when == "mail" && r.res.owner == r.who.email || p.when == "self" && r.res.subject == r.sub || p.when == "open" && r.res.state == "open")',
].join('\n')

const apps = `applications:
  - id: docs
    upstreams: [http://127.0.0.1:9]
    organisation: credential
    resources:
      - { type: document, actions: [can_read, can_share] }
      - { type: folder, actions: [can_read, list] }
`

export function attributeFiles(rules: readonly string[], model = attributesModel): PolicyFiles {
  return parsePolicyFiles({
    model: { name: 'model.conf', text: model },
    files: new Map([
      ['policies/apps.yaml', apps],
      ['policies/rules.csv', rules.join('\n')],
    ]),
  })
}

export interface AttributeWorld {
  readonly guardrails: readonly string[]
  readonly rules?: readonly string[]
  readonly attributes?: Readonly<Record<string, Attributes>>
  /** Email by subject. */
  readonly members?: Readonly<Record<string, string | null>>
  readonly model?: string
}

export function attributeSnapshot(world: AttributeWorld): Promise<Snapshot> {
  const { guardrails, rules = [], attributes = {}, members = {}, model = attributesModel } = world
  const people = Object.entries(members).map(
    ([sub, email]) => [sub, { email, name: null }] as const,
  )
  return buildSnapshot({
    files: attributeFiles(guardrails, model),
    organisation: 'acme',
    revision: 1,
    rules: rules.map((line) => ruleOf(line)),
    known: { members: new Map(people), attributes: new Map(Object.entries(attributes)) },
  })
}

/** Decides `user:ann can_read /docs/document/1`, with what is sent of the resource. */
export function askWith(
  snapshot: Snapshot,
  question: string,
  sent?: Readonly<Record<string, unknown>>,
): Decision {
  const [sub = '', act = '', obj = ''] = question.split(' ')
  return decide(snapshot, { sub, dom: 'org:acme', obj, act, sent })
}
