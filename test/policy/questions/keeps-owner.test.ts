/** An organisation always keeps somebody who can run it. */
import { expect, test } from 'vitest'
import { finish } from '../../../src/lib/turns.ts'
import { keepsOwner } from '../../../src/policy/questions/keeps-owner.ts'
import { snapshotOf } from '../support.ts'

const own = (member: string) => `g, ${member}, role:owner, org:acme`
const deny = (who: string, what: string) => `p, ${who}, *, /gatehouse/${what}, POST, deny`

test.each<[string, boolean, string[], string[], string[]]>([
  ['an owner', true, ['user:ann'], [own('user:ann')], []],
  [
    'an owner through a team',
    true,
    ['user:ann'],
    ['g, user:ann, team:t, org:acme', own('team:t')],
    [],
  ],
  ['one of several', true, ['user:bob', 'user:ann'], [own('user:ann')], []],
  ['nobody', false, [], [own('user:ann')], []],
  ['an owner who is not active', false, ['user:bob'], [own('user:ann')], []],
  [
    'an administrator, who could publish',
    false,
    ['user:ann'],
    ['g, user:ann, role:admin, org:acme'],
    [],
  ],
  [
    'an owner whom a guardrail keeps from publishing',
    false,
    ['user:ann'],
    [own('user:ann')],
    [deny('user:ann', 'policies/*')],
  ],
  [
    'an owner whom a guardrail keeps from assigning',
    false,
    ['user:ann'],
    [own('user:ann')],
    [deny('role:owner', 'assignments')],
  ],
])('%s: %s', async (_, expected, subjects, rules, guardrails) => {
  const after = await snapshotOf({ rules, guardrails })
  expect(finish(keepsOwner(after, subjects))).toBe(expected)
})
