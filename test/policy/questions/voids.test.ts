/** A rule is called void only where nothing of it is left to anybody whom it names. */
import { expect, test } from 'vitest'
import { finish } from '../../../src/lib/turns.ts'
import { decide } from '../../../src/policy/decide.ts'
import { findVoids } from '../../../src/policy/questions/voids.ts'
import { snapshotOf } from '../support.ts'

const allow = 'p, role:editor, org:acme, /docs/a/:id, GET, allow'
const deny = (who: string, what: string, method = 'GET') =>
  `p, ${who}, org:acme, /docs/${what}, ${method}, deny`

/** How many denies make `rule` void among `others`; 0 where it is not. */
async function voidBy(rule: string, others: readonly string[]): Promise<number> {
  const snapshot = await snapshotOf({ rules: [rule, ...others] })
  const own = snapshot.rules.filter(
    ({ values }) => values.join() === rule.split(', ').slice(1).join(),
  )
  const [found] = finish(findVoids(snapshot, own))
  return found?.denies.length ?? 0
}

test.each<[string, string, readonly string[], number]>([
  ['the same is denied', allow, [deny('role:editor', 'a/:id')], 1],
  ['more is denied, to everybody', allow, [deny('*', 'a/*', '*')], 1],
  ['of two denies either would do', allow, [deny('*', 'a/:id'), deny('*', 'a/*')], 1],
  [
    'it is denied to a role that whoever has this one has',
    allow,
    ['g, role:editor, role:reader, org:acme', deny('role:reader', 'a/*')],
    1,
  ],
  [
    'denies together leave nothing, no trailing slash either',
    allow.replace('/:id', '/*'),
    [deny('*', 'a/:id'), deny('*', 'a/'), deny('*', 'a/:id/*')],
    3,
  ],
  ['a part is left', allow, [deny('*', 'a/1')], 0],
  ['two denies leave a part', allow, [deny('*', 'a/1'), deny('*', 'a/2')], 0],
  ['another path is denied', allow, [deny('*', 'b/*')], 0],
  ['another method is denied', allow, [deny('*', 'a/*', 'PUT')], 0],
  ['only one method of all is denied', allow.replace('GET', '*'), [deny('*', 'a/*')], 0],
  ['it is denied to somebody else', allow, [deny('role:viewer', 'a/*')], 0],
  [
    'it is denied to those alone who have another role as well',
    allow,
    ['g, role:chief, role:editor, org:acme', deny('role:chief', 'a/*')],
    0,
  ],
  ['it is a deny itself', deny('role:editor', 'a/1'), [deny('*', 'a/*')], 0],
])('%s', async (_, rule, others, expected) => {
  expect(await voidBy(rule, others)).toBe(expected)
})

test('what is called void is denied', async () => {
  const rules = [allow, deny('*', 'a/*'), 'g, user:ann, role:editor, org:acme']
  const snapshot = await snapshotOf({ rules })
  const request = { sub: 'user:ann', dom: 'org:acme', obj: '/docs/a/1', act: 'GET' }
  expect(finish(findVoids(snapshot, snapshot.rules))).toHaveLength(1)
  expect(decide(snapshot, request)).toMatchObject({ allow: false })
})
