/** A snapshot after a change is the snapshot that is built of what is left. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { finish } from '../../src/lib/turns.ts'
import { decide } from '../../src/policy/decide.ts'
import { explain } from '../../src/policy/questions/explain.ts'
import type { Rule } from '../../src/policy/rule.ts'
import { buildSnapshot, type Snapshot, updateSnapshot } from '../../src/policy/snapshot.ts'
import { filesWith, ruleOf } from './support.ts'

const guardrails = [
  'p, role:reader, *, /docs/public/*, GET, allow',
  'p, *, *, /docs/secret/:id, *, deny',
  'g, role:editor, role:reader, *',
]
const files = filesWith(guardrails)

const build = (rules: readonly Rule[], revision = 1) =>
  buildSnapshot({ files, organisation: 'acme', revision, rules })

const update = (before: Snapshot, added: readonly Rule[], removed: readonly Rule[] = []) =>
  updateSnapshot(before, { files, revision: before.revision + 1, added, removed })

const names = ['user:ann', 'user:ben', 'team:t', 'role:editor', 'role:own']
const lines = fc.oneof(
  fc
    .record({
      name: fc.constantFrom(...names, '*'),
      object: fc.constantFrom(
        '/docs/a',
        '/docs/:id',
        '/docs/a/*',
        '/docs/secret/x',
        '/docs/public/*',
      ),
      method: fc.constantFrom('GET', 'POST', '*'),
      effect: fc.constantFrom('allow', 'allow', 'deny'),
    })
    .map(({ name, object, method, effect }) => {
      return `p, ${name}, org:acme, ${object}, ${method}, ${effect}`
    }),
  fc
    .constantFrom(
      ...['user:ann, team:t', 'user:ben, role:own', 'team:t, role:editor', 'role:own, role:editor'],
      ...['user:ann, role:reader', 'team:t, role:own'],
    )
    .map((pair) => `g, ${pair}, org:acme`),
)
const requests = ['user:ann', 'user:ben', 'user:eve'].flatMap((sub) =>
  ['/docs/a', '/docs/a/b', '/docs/b', '/docs/secret/x', '/docs/public/x'].flatMap((obj) =>
    ['GET', 'POST'].map((act) => ({ sub, dom: 'org:acme', obj, act })),
  ),
)
const decisions = (snapshot: Snapshot) => requests.map((request) => decide(snapshot, request))

test('decides, explains and lists as one that is built of all rules (I7)', async () => {
  const worlds = fc.record({
    rules: fc.uniqueArray(lines, { minLength: 1, maxLength: 14 }),
    steps: fc.array(fc.record({ add: fc.nat(2), gone: fc.nat(30) }), { maxLength: 6 }),
  })
  await fc.assert(
    fc.asyncProperty(worlds, async ({ rules, steps }) => {
      const all = rules.map((line) => Object.freeze({ ...ruleOf(line) }))
      let left = all.slice(0, Math.ceil(all.length / 2)).map(frozen)
      const later = all.slice(left.length).map(frozen)
      let snapshot = await build(left)
      const before: [Snapshot, unknown][] = []
      for (const { add, gone } of steps) {
        const added = later.splice(0, add)
        const removed = left.filter((_, at) => at === gone)
        const next = update(snapshot, added, removed)
        if (next === undefined) throw new Error('it was built anew')
        before.push([snapshot, decisions(snapshot)])
        left = [...left.filter((rule) => !removed.includes(rule)), ...added]
        snapshot = next
        const anew = await build(left, snapshot.revision)
        expect(decisions(snapshot)).toEqual(decisions(anew))
        expect(snapshot.rules).toEqual(anew.rules)
        expect(snapshot.ruleCount).toBe(anew.ruleCount)
        for (const name of names) expect(snapshot.rolesOf(name)).toEqual(anew.rolesOf(name))
        const [request] = requests
        if (request)
          expect(finish(explain(snapshot, request))).toEqual(finish(explain(anew, request)))
      }
      for (const [old, was] of before) expect(decisions(old)).toEqual(was)
    }),
    { numRuns: 60 },
  )
})

function frozen({ ptype, values, source }: Rule): Rule {
  return Object.freeze({ ptype, values: Object.freeze([...values]), source })
}

describe('is built anew', () => {
  const rule = (line: string) => frozen(ruleOf(line))
  const first = rule('p, role:own, org:acme, /docs/a, GET, allow')
  const chain = Array.from({ length: limits.roleDepth - 2 }, (_, at) =>
    rule(`g, role:r${at}, role:r${at + 1}, org:acme`),
  )

  test.each([
    ['for a rule that a publish would refuse', ['p, role:own, org:acme, /nowhere/a, GET, allow']],
    ['for a rule of another organisation', ['p, role:own, org:beta, /docs/a, GET, allow']],
    ['for two equal rules', Array(2).fill('p, role:own, org:acme, /docs/b, GET, allow')],
    ['for a circle', ['g, role:reader, role:editor, org:acme']],
    [
      'for roles that are too deep',
      [
        'g, user:ann, team:t, org:acme',
        'g, team:t, role:x, org:acme',
        'g, role:x, role:r0, org:acme',
      ],
    ],
    [
      'for a large change',
      Array.from({ length: limits.turnRules + 1 }, (_, at) => {
        return `p, role:own, org:acme, /docs/${at}, GET, allow`
      }),
    ],
  ])('%s', async (_, added) => {
    const snapshot = await build([first, ...chain])
    expect(update(snapshot, added.map(rule))).toBeUndefined()
  })

  test('for a rule that is not there', async () => {
    const snapshot = await build([first])
    expect(
      update(snapshot, [], [rule('p, role:own, org:acme, /docs/a, GET, allow')]),
    ).toBeUndefined()
  })

  test('on other files', async () => {
    const snapshot = await build([first])
    const change = { files: filesWith(guardrails.slice(1)), revision: 2, added: [], removed: [] }
    expect(updateSnapshot(snapshot, change)).toBeUndefined()
  })

  test('after many changes, so that what is laid over stays small', async () => {
    let snapshot: Snapshot | undefined = await build([first])
    let changes = 0
    while (snapshot !== undefined && changes <= limits.rulesOverlaid) {
      const added = Array.from({ length: 200 }, (_, at) => {
        return rule(`p, role:own, org:acme, /docs/${changes + at}, GET, allow`)
      })
      snapshot = update(snapshot, added)
      changes += 200
    }
    expect(changes).toBe(limits.rulesOverlaid + 200)
  })

  test('a member more is no reason', async () => {
    const snapshot = await build([first, ...chain])
    const next = update(snapshot, [rule('g, user:ann, role:r0, org:acme')])
    expect(next?.rolesOf('user:ann')).toHaveLength(limits.roleDepth - 1)
  })
})
