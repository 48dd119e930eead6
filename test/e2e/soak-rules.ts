/** Random rules, requests about them, and the answer of the reference evaluator. */
import { builtInRules } from '../../src/policy/built-in.ts'
import type { PolicyFiles } from '../../src/policy/files/files.ts'
import { parseModel } from '../../src/policy/model/model.ts'
import type { NewRule } from '../../src/store/rule-shape.ts'
import type { Random } from '../bench/random.ts'
import { isAllowed } from '../policy/reference.ts'
import { modelText } from '../policy/support.ts'
import { policyFiles } from '../support/policy.ts'

const users = ['user:ann', 'user:ben', 'user:cleo', 'user:dan']
const groups = ['team:red', 'team:blue', 'role:reader', 'role:editor', 'role:lead']
const paths = ['/docs/a', '/docs/a/b', '/docs/b', '/docs/a/b/c']
const patterns = ['/docs/a', '/docs/:id', '/docs/:id/b', '/docs/a/*', '/docs/*', '/docs/:x/b/:y']
const methods = ['GET', 'POST']
const RULES = 16

const applications = '  - { id: docs, upstreams: [http://127.0.0.1:1], organisation: credential }'
const always = ['p, user:nobody, *, /docs/nothing, GET, deny', 'g, role:lead, role:reader, *']

/** Sets of policy files that differ in what they allow and deny everywhere. */
export const fileSets: readonly PolicyFiles[] = [
  [],
  ['p, role:reader, *, /docs/*, GET, allow'],
  ['p, role:editor, *, /docs/*, *, allow', 'p, user:ben, *, /docs/a/*, *, deny'],
  ['p, *, *, /docs/b, *, deny', 'p, team:red, *, /docs/:id, GET, allow'],
].map((rules) => policyFiles({ applications, rules: [...always, ...rules] }))

export interface Request {
  readonly sub: string
  readonly obj: string
  readonly act: string
}

/**
 * The rules of one revision. Two of them exist in this revision alone and allow or deny the same: a
 * snapshot that holds one without the other is torn.
 */
export function randomRules(random: Random, organisation: string, revision: number): NewRule[] {
  const dom = `org:${organisation}`
  const lines = new Map<string, NewRule>()
  const add = (ptype: string, ...values: string[]) =>
    lines.set([ptype, ...values].join(), { ptype, values })
  for (const side of ['left', 'right']) {
    add('p', 'user:ann', dom, `/docs/${side}/${revision}`, 'GET', 'allow')
  }
  while (lines.size < RULES) {
    // Teams hold roles and nobody holds a team but users, so that no circle can come about.
    if (random.next() < 0.3) add('g', random.pick(users), random.pick(groups), dom)
    else if (random.next() < 0.2) {
      add(
        'g',
        random.pick(['team:red', 'team:blue']),
        random.pick(['role:reader', 'role:editor']),
        dom,
      )
    } else {
      const effect = random.next() < 0.25 ? 'deny' : 'allow'
      const subject = random.pick([...users, ...groups, '*'])
      add('p', subject, dom, random.pick(patterns), random.pick([...methods, '*']), effect)
    }
  }
  return [...lines.values()]
}

/** A request about anything, or about the pair of rules of this revision or of the one before. */
export function randomRequest(random: Random, revision: number): Request {
  if (random.next() < 0.7) {
    return { sub: random.pick(users), obj: random.pick(paths), act: random.pick(methods) }
  }
  const obj = `/docs/${random.pick(['left', 'right'])}/${revision - random.below(2)}`
  return { sub: 'user:ann', obj, act: 'GET' }
}

const model = parseModel(modelText, 'model.conf')
const columns = {
  r: model.requestColumns,
  p: model.policyColumns['p'] ?? [],
  effect: spelt(model.effect),
  matcher: spelt(model.matcher),
}

function spelt(text: string): string {
  return text.replace(/\b([rp])_/g, '$1.')
}

/** Whether the documentation of casbin allows a request by these rules and files. */
export function expectedAnswer(
  rules: readonly NewRule[],
  files: PolicyFiles,
  dom: string,
  { sub, obj, act }: Request,
): boolean {
  const all = [...builtInRules, ...files.guardrails, ...rules]
  const of = (type: string) => all.filter(({ ptype }) => ptype === type)
  const roles = of('g').map(({ values }) => (values[2] === '*' ? values.with(2, dom) : values))
  const p = of('p').map(({ values }) => values)
  return isAllowed(columns, { p, roles: { g: roles } }, [sub, dom, obj, act])
}
