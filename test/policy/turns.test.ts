/** Long questions are cut into short steps, and each is answered by the snapshot that it began with. */
import { describe, expect, test } from 'vitest'
import { finish, inTurns, type Steps } from '../../src/lib/turns.ts'
import type { Application } from '../../src/policy/applications.ts'
import { readRules } from '../../src/policy/files/csv.ts'
import { comparePolicies } from '../../src/policy/questions/diff.ts'
import { explain } from '../../src/policy/questions/explain.ts'
import { whoCan } from '../../src/policy/questions/search.ts'
import { whatCan } from '../../src/policy/questions/what-can.ts'
import { whichOperations } from '../../src/policy/questions/which-operations.ts'
import { RoleLinks } from '../../src/policy/role-links.ts'
import { propose } from '../../src/policy/rules/proposal.ts'
import type { Snapshot } from '../../src/policy/snapshot.ts'
import { filesWith, inert, ruleOf, snapshotOf } from './support.ts'

const RULES = 2_000
const rules = Array.from({ length: RULES }, (_, at) => {
  return `p, role:r${at % 40}, org:acme, /docs/area${at % 50}/x${at}, GET, allow`
})
const links = Array.from({ length: 200 }, (_, at) => {
  return `g, user:u${at}, role:r${at % 40}, org:acme`
})
const world = { rules: [...links, ...rules] }
const page = { limit: 20 }
const denied = { sub: 'user:u1', dom: 'org:acme', obj: '/docs/area7/other', act: 'PUT' }
const { applications: declared } = filesWith([inert])
const applications: readonly Application[] = declared.map((application) => ({
  ...application,
  operations: rules.slice(0, 50).map((_, at) => {
    return { id: `op-${at}`, method: 'GET', path: `/area${at}/:id` }
  }),
}))

/** Every question, with how many rules one of its steps looks at, at most. */
const questions: [string, number, (snapshot: Snapshot) => Steps<unknown>][] = [
  ['explain', 500, (snapshot) => explain(snapshot, denied, applications)],
  ['who can', 500, (snapshot) => whoCan(snapshot, { obj: '/docs/area1/x1', act: 'GET' }, page)],
  ['what can', 1_000, (snapshot) => whatCan(snapshot, 'user:u1', page)],
  ['operations', 50, (snapshot) => whichOperations(snapshot, 'user:u1', applications, page)],
  [
    'the links of roles',
    500,
    () =>
      RoleLinks.read(
        rules.map((line) => ruleOf(line)),
        'g',
        3,
      ),
  ],
  ['reading', 1, ({ model }) => readRules(rules.join('\n'), 'rules', model)],
  [
    'a proposal',
    500,
    (snapshot) =>
      propose(
        snapshot,
        rules.map((line) => ruleOf(line)),
        declared,
      ),
  ],
]

function stepsOf(work: Steps<unknown>): number {
  for (let steps = 0; ; steps += 1) if (work.next().done) return steps
}

describe('a question may be put aside', () => {
  test.each(questions)('%s, every %i rules', async (_, stride, ask) => {
    expect(stepsOf(ask(await snapshotOf(world)))).toBeGreaterThanOrEqual(RULES / stride)
  })

  test.each(questions)('%s, and is answered as if it had not been', async (_, _stride, ask) => {
    const [one, other] = [await snapshotOf(world), await snapshotOf({ rules: rules.slice(0, 9) })]
    const alone = [finish(ask(one)), finish(ask(other))]
    // Both in turns: neither sees anything of the other.
    const together = await Promise.all([inTurns(ask(one)), inTurns(ask(other))])
    expect(JSON.stringify(together)).toBe(JSON.stringify(alone))
  })
})

describe('a comparison', () => {
  const changed = world.rules.map((line) => line.replace('/docs/area7/', '/docs/moved/'))

  test('is cut into steps as well, one for each class and pattern', async () => {
    const [before, after] = [await snapshotOf(world), await snapshotOf({ rules: changed })]
    expect(stepsOf(comparePolicies(before, after, page))).toBeGreaterThan(500)
  })

  test('of too much is not answered at all', async () => {
    const [before, after] = [await snapshotOf(world), await snapshotOf({ rules: changed })]
    expect(finish(comparePolicies(before, after, page, 400))).toEqual({
      kind: 'unsupported',
      because: 'Too much differs to be told at once: compare a part of the change.',
    })
    expect(finish(comparePolicies(before, after, page, 100_000)).kind).toBe('page')
  })
})
