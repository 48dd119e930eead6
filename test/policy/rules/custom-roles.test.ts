import { describe, expect, test } from 'vitest'
import { finish } from '../../../src/lib/turns.ts'
import { builtInRules } from '../../../src/policy/built-in.ts'
import { explain } from '../../../src/policy/questions/explain.ts'
import { whatCan } from '../../../src/policy/questions/what-can.ts'
import { describeRule } from '../../../src/policy/rule.ts'
import {
  type CustomRole,
  customRoleRules,
  sameRoles,
} from '../../../src/policy/rules/custom-roles.ts'
import { propose } from '../../../src/policy/rules/proposal.ts'
import { buildSnapshot, type Snapshot, updateSnapshot } from '../../../src/policy/snapshot.ts'
import { attributeFiles } from '../attribute-world.ts'
import { ask, problemsIn, ruleOf } from '../support.ts'
import { applicationsWith, filesFor, read, save } from './permissions-world.ts'

const guardrail = 'p, *, *, /docs/items/7, *, deny'
const files = filesFor([read, save], [guardrail])
const clerk: CustomRole = { id: 'role:clerk', permissions: ['docs:read', 'teams:write'] }
const holds = ruleOf('g, user:ann, role:clerk, org:acme')

const build = (roles: readonly CustomRole[], rules = [holds], of = files) =>
  buildSnapshot({ files: of, organisation: 'acme', revision: 1, roles, rules })
const allows = (snapshot: Snapshot, request: string) => ask(snapshot, `user:ann ${request}`).allow

describe('the rules of a custom role', () => {
  const linesOf = (...roles: CustomRole[]) =>
    customRoleRules(roles, 'acme', applicationsWith(read, save)).map(describeRule)

  test('are what its permissions stand for, each under the name of its permission', () => {
    expect(linesOf(clerk)).toEqual([
      'p, role:clerk, org:acme, /docs/items/:id, GET, allow (permission docs:read of role:clerk)',
      'p, role:clerk, org:acme, /gatehouse/teams, *, allow (permission teams:write of role:clerk)',
      'p, role:clerk, org:acme, /gatehouse/teams/*, *, allow (permission teams:write of role:clerk)',
    ])
  })

  test('are there once for a permission that is named twice', () => {
    expect(linesOf({ id: 'role:x', permissions: ['docs:*', 'docs:*'] })).toHaveLength(1)
  })

  test('are none for names that are not declared', () => {
    expect(linesOf({ id: 'role:x', permissions: ['docs:gone', '*', ''] })).toEqual([])
  })

  test.each(['owner', 'admin', 'billing', 'member', 'viewer'])(
    'are none for a row that bears the built-in name %s',
    (name) => expect(linesOf({ id: `role:${name}`, permissions: ['docs:*'] })).toEqual([]),
  )

  test('cannot be changed', () => {
    const [rule] = customRoleRules([clerk], 'acme', [])
    expect([rule, rule?.values, rule?.source].every(Object.isFrozen)).toBe(true)
  })
})

describe('a snapshot with custom roles', () => {
  test('allows who holds one what its permissions name, and nobody else', async () => {
    const snapshot = await build([clerk])
    expect(allows(snapshot, 'GET /docs/items/1')).toBe(true)
    expect(allows(snapshot, 'PUT /docs/items/1')).toBe(false)
    expect(allows(snapshot, 'DELETE /gatehouse/teams/team:x')).toBe(true)
    expect(allows(snapshot, 'GET /gatehouse/members')).toBe(false)
    expect(ask(snapshot, 'user:ben GET /docs/items/1').allow).toBe(false)
    expect(allows(await build([]), 'GET /docs/items/1')).toBe(false)
  })

  test('lets a guardrail deny, and a deny of the organisation', async () => {
    const deny = ruleOf('p, user:ann, org:acme, /docs/items/3, GET, deny')
    const snapshot = await build([clerk], [holds, deny])
    expect(ask(snapshot, 'user:ann GET /docs/items/7').reason).toBe('denied_by_rule')
    expect(ask(snapshot, 'user:ann GET /docs/items/3').reason).toBe('denied_by_rule')
  })

  test('has their rules behind the guardrails and before the own ones', async () => {
    const kinds = (await build([clerk])).rules.map(({ source }) => source.kind)
    expect(kinds).toEqual([
      ...builtInRules.map(() => 'built-in'),
      ...['file', 'role', 'role', 'role', 'organisation'],
    ])
  })

  test('completes their rules where the model has conditions', async () => {
    const conditional = attributeFiles([`${guardrail}, always`])
    const snapshot = await build([{ ...clerk, permissions: ['docs:*'] }], [holds], conditional)
    expect(allows(snapshot, 'GET /docs/items/1')).toBe(true)
  })

  test('expands their permissions anew with other policy files', async () => {
    const without = await build([clerk], [holds], filesFor([save], [guardrail]))
    expect(allows(without, 'GET /docs/items/1')).toBe(false)
    expect(allows(without, 'GET /gatehouse/teams')).toBe(true)
  })

  test('still refuses a rule of the organisation itself about the management API', async () => {
    const own = ruleOf('p, user:ann, org:acme, /gatehouse/teams, GET, allow')
    const [problem] = await problemsIn(build([clerk], [own]))
    expect(problem).toContain('no "/gatehouse/" object')
  })
})

describe('a small change', () => {
  const more = ruleOf('p, user:ben, org:acme, /docs/items/1, GET, allow')
  const update = (before: Snapshot, roles: readonly CustomRole[]) =>
    updateSnapshot(before, { files, revision: 2, roles, added: [more], removed: [] })

  test('keeps the custom roles where they are the same', async () => {
    const next = update(await build([clerk]), [{ ...clerk, permissions: [...clerk.permissions] }])
    if (next === undefined) throw new Error('it was to be built anew')
    expect(next.customRoles).toEqual([clerk])
    expect(allows(next, 'GET /docs/items/1')).toBe(true)
    expect(ask(next, 'user:ben GET /docs/items/1').allow).toBe(true)
  })

  test.each<[string, readonly CustomRole[]]>([
    ['is gone', []],
    ['is new', [clerk, { id: 'role:more', permissions: [] }]],
    ['has another id', [{ ...clerk, id: 'role:other' }]],
    ['allows more', [{ ...clerk, permissions: [...clerk.permissions, 'docs:*'] }]],
    ['allows something else', [{ ...clerk, permissions: ['docs:read', 'teams:read'] }]],
  ])('is built of everything when a custom role %s', async (_name, roles) => {
    const before = await build([clerk])
    expect(update(before, roles)).toBeUndefined()
    expect(sameRoles([clerk], roles)).toBe(false)
  })
})

describe('questions about custom roles', () => {
  const request = { sub: 'user:ann', dom: 'org:acme', obj: '/gatehouse/teams/team:x', act: 'POST' }

  test('an explanation names role and permission', async () => {
    const found = finish(explain(await build([clerk]), request))
    expect(found.sentences[0]).toContain('(permission teams:write of role:clerk)')
    expect(found.rolePath).toEqual(['user:ann', 'role:clerk'])
  })

  test('what somebody can do lists each of them once', async () => {
    const found = finish(whatCan(await build([clerk]), 'user:ann', { limit: 10 }))
    if (found.kind === 'unsupported') throw new Error(found.because)
    expect(found.results.map(({ object, method }) => `${method} ${object}`)).toEqual([
      'GET /docs/items/:id',
      '* /gatehouse/teams',
      '* /gatehouse/teams/*',
    ])
  })

  test('a proposal replaces the own rules and keeps the custom roles', async () => {
    const snapshot = await build([clerk])
    const own = [ruleOf('g, user:ben, role:clerk, org:acme')]
    const { rules } = finish(propose(snapshot, own, files.applications))
    expect(rules.filter(({ source }) => source.kind === 'role')).toHaveLength(3)
    expect(rules.filter(({ source }) => source.kind === 'organisation')).toEqual(own)
  })
})
