/** Small policies at random, and every question that tells any two of them apart. */
import fc from 'fast-check'
import { type DecisionRequest, decide } from '../../../src/policy/decide.ts'
import type { Snapshot } from '../../../src/policy/snapshot.ts'
import { inert, snapshotOf } from '../support.ts'

const letters = ['a', 'b', 'c']

/** Every canonical path below `/docs` of one or two segments more, and `/docs/` and `/docs/a/`. */
export const objects: readonly string[] = [
  ...['', ...letters].map((last) => `/docs/${last}`),
  ...letters.flatMap((first) => ['', ...letters].map((last) => `/docs/${first}/${last}`)),
]
/** One that rules spell, one that they do not. */
export const actions = ['GET', 'POST', 'DELETE']
export const asking = ['user:a', 'user:b', 'service:s', 'anonymous', 'user:stranger']

const person = fc.constantFrom('user:a', 'user:b', 'service:s')
const team = fc.constantFrom('team:t', 'team:u')
const role = fc.constantFrom('role:r', 'role:q')
const pieces = ['a', 'b', ':x', '*']
export const pattern = fc.constantFrom(
  ...[...pieces, ''].map((last) => `/docs/${last}`),
  ...pieces.flatMap((first) => [...pieces, ''].map((last) => `/docs/${first}/${last}`)),
)
export const method = fc.constantFrom('GET', 'POST', '*')
const effect = fc.constantFrom('allow', 'allow', 'deny')
const named = fc.oneof(person, team, role, fc.constantFrom('*', 'anonymous'))

export const permission = (domain: string) =>
  fc
    .tuple(named, pattern, method, effect)
    .map(([sub, obj, act, eft]) => `p, ${sub}, ${domain}, ${obj}, ${act}, ${eft}`)
export const membership = (domain: string) =>
  fc
    .oneof(
      fc.tuple(person, team),
      fc.tuple(person, role),
      fc.tuple(team, role),
      fc.constant(['role:q', 'role:r'] as const),
      fc.tuple(fc.constantFrom('user:b', 'team:u'), fc.constantFrom('role:viewer', 'role:owner')),
    )
    .map(([member, group]) => `g, ${member}, ${group}, ${domain}`)

/** Rules of the organisation, each once. */
const ownRules: fc.Arbitrary<string[]> = fc.uniqueArray(
  fc.oneof(
    { weight: 3, arbitrary: permission('org:acme') },
    { weight: 2, arbitrary: membership('org:acme') },
  ),
  { maxLength: 10 },
)
const guardrails = fc.uniqueArray(permission('*'), { maxLength: 3 })

export interface SmallWorld {
  readonly guardrails: readonly string[]
  readonly rules: readonly string[]
}

export const smallWorld: fc.Arbitrary<SmallWorld> = fc.record({ guardrails, rules: ownRules })

/** A world and another one that has most of it, under the same guardrails. */
export const twoWorlds = fc
  .tuple(smallWorld, smallWorld, fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }))
  .map(([first, second, kept]): [SmallWorld, SmallWorld] => {
    const mixed = [...first.rules.filter((_, at) => kept[at]), ...second.rules.slice(0, 3)]
    return [first, { guardrails: first.guardrails, rules: [...new Set(mixed)] }]
  })

/** The application is declared even where no guardrail is drawn. */
export function buildWorld({ guardrails: files, rules }: SmallWorld): Promise<Snapshot> {
  return snapshotOf({ guardrails: files.filter((line) => line !== inert), rules })
}

export function isAllowed(snapshot: Snapshot, sub: string, act: string, obj: string): boolean {
  return decide(snapshot, { sub, dom: 'org:acme', obj, act }).allow
}

/** Every request of the world. */
export function* requests(): Generator<DecisionRequest> {
  for (const sub of asking)
    for (const act of actions) for (const obj of objects) yield { sub, dom: 'org:acme', obj, act }
}
