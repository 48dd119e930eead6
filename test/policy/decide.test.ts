import { describe, expect, test } from 'vitest'
import { builtInRoles, builtInRules } from '../../src/policy/built-in.ts'
import { type DecisionRequest, decide } from '../../src/policy/decide.ts'
import type { Snapshot } from '../../src/policy/snapshot.ts'
import { ask, snapshotOf } from './support.ts'

const world = {
  guardrails: [
    'p, role:reader, *, /docs/documents/:id, GET, allow',
    'p, role:editor, *, /docs/documents/:id, PUT, allow',
    'g, role:editor, role:reader, *',
    'p, *, *, /docs/archive/*, DELETE, deny',
    'p, anonymous, *, /docs/health, GET, allow',
    'p, service:robot, org:acme, /docs/robots, *, allow',
    'p, user:ann, org:beta, /docs/beta, GET, allow',
  ],
  rules: [
    'g, user:ann, team:writers, org:acme',
    'g, team:writers, role:editor, org:acme',
    'g, user:oli, role:owner, org:acme',
    'p, user:ann, org:acme, /docs/documents/secret, GET, deny',
    'p, *, org:acme, /docs/open, GET, allow',
  ],
}

describe('a request', () => {
  test.each([
    ['user:ann GET /docs/documents/7', true, 'allowed_by_rule'],
    ['user:ann PUT /docs/documents/7', true, 'allowed_by_rule'],
    ['user:ann HEAD /docs/documents/7', true, 'allowed_by_rule'],
    ['user:ann POST /docs/documents/7', false, 'denied_by_default'],
    ['user:ann GET /docs/documents/7/8', false, 'denied_by_default'],
    ['user:ann GET /docs/documents/', false, 'denied_by_default'],
    ['user:ann GET /docs/documents/secret', false, 'denied_by_rule'],
    ['user:ann HEAD /docs/documents/secret', false, 'denied_by_rule'],
    ['user:ann PUT /docs/documents/secret', true, 'allowed_by_rule'],
    ['user:ann GET /docs/beta', false, 'denied_by_default'],
    ['user:ben GET /docs/documents/7', false, 'denied_by_default'],
    ['user:ben GET /docs/open', true, 'allowed_by_rule'],
    ['user:oli DELETE /docs/documents/7', true, 'allowed_by_rule'],
    ['user:oli DELETE /docs/archive/7', false, 'denied_by_rule'],
    ['user:oli GET /gatehouse/members', true, 'allowed_by_rule'],
    ['user:ann GET /gatehouse/members', false, 'denied_by_default'],
    ['service:robot OPTIONS /docs/robots', true, 'allowed_by_rule'],
    ['anonymous GET /docs/health', true, 'allowed_by_rule'],
    ['anonymous HEAD /docs/health', true, 'allowed_by_rule'],
    ['anonymous GET /docs/documents/7', false, 'denied_by_default'],
    ['anonymous DELETE /docs/archive/7', false, 'denied_by_rule'],
  ])('%s: %s', async (request, allow, reason) => {
    expect(ask(await snapshotOf(world), request)).toMatchObject({ allow, reason })
  })

  test.each([
    ['user:ann PUT /docs/documents/7', { kind: 'file', file: 'policies/rules.csv', line: 3 }],
    ['user:oli DELETE /docs/archive/7', { kind: 'file', file: 'policies/rules.csv', line: 5 }],
    ['user:oli GET /gatehouse/members', { kind: 'built-in' }],
    [
      'user:ann GET /docs/documents/secret',
      { kind: 'organisation', author: 'user:ann', revision: 1 },
    ],
  ])('%s knows the rule that decided, and where it was written', async (request, source) => {
    expect(ask(await snapshotOf(world), request).rule?.source).toMatchObject(source)
  })
})

describe('what is not a request is denied before any rule is looked at', () => {
  const good = { sub: 'user:oli', dom: 'org:acme', obj: '/docs/a', act: 'GET' }

  test.each([
    ['H4: a blank subject', { sub: '' }, 'request_incomplete'],
    ['H4: a blank domain', { dom: '' }, 'request_incomplete'],
    ['H4: a blank object', { obj: '' }, 'request_incomplete'],
    ['H4: a blank action', { act: '' }, 'request_incomplete'],
    ['an object without a slash', { obj: 'docs/a' }, 'request_incomplete'],
    ['H8: a role as subject', { sub: 'role:owner' }, 'subject_unknown'],
    ['H8: a team as subject', { sub: 'team:writers' }, 'subject_unknown'],
    ['an organisation as subject', { sub: 'org:acme' }, 'subject_unknown'],
    ['a star as subject', { sub: '*' }, 'subject_unknown'],
    ['a bare name as subject', { sub: 'oli' }, 'subject_unknown'],
    ['capitals in the subject', { sub: 'user:Oli' }, 'subject_unknown'],
    ['H1: commas in the subject', { sub: 'user:a,role:owner,org:acme' }, 'subject_unknown'],
    ['another organisation', { dom: 'org:beta' }, 'organisation_disagrees'],
    ['every organisation', { dom: '*' }, 'organisation_disagrees'],
    ['an organisation without its prefix', { dom: 'acme' }, 'organisation_disagrees'],
    ['an unknown method', { act: 'GETX' }, 'method_not_allowed'],
    ['a method in lower case', { act: 'get' }, 'method_not_allowed'],
    ['a star as method', { act: '*' }, 'method_not_allowed'],
    ['CONNECT', { act: 'CONNECT' }, 'method_not_allowed'],
  ])('%s', async (_, change, reason) => {
    const snapshot = await snapshotOf(world)
    expect(decide(snapshot, good)).toMatchObject({ allow: true })
    expect(decide(snapshot, { ...good, ...change })).toEqual({ allow: false, reason })
  })

  test.each([
    [undefined],
    [null],
    [7],
    [true],
    [{}],
    [['user:oli']],
    [{ toString: () => 'user:oli' }],
  ])('a field that is no text: %j', async (value) => {
    const request: DecisionRequest = JSON.parse(JSON.stringify(good))
    const snapshot = await snapshotOf(world)
    for (const field of ['sub', 'dom', 'obj', 'act']) {
      const decision = decide(snapshot, Object.assign({ ...request }, { [field]: value }))
      expect(decision).toEqual({ allow: false, reason: 'request_incomplete' })
    }
  })
})

describe('an error is a deny', () => {
  const broken = async (evaluate: Snapshot['engine']['evaluate']) => {
    const snapshot = await snapshotOf(world)
    return ask({ ...snapshot, engine: { ...snapshot.engine, evaluate } }, 'user:oli GET /docs/a')
  }

  test('H3: an engine that throws', async () => {
    const failing = () => {
      throw new Error('away')
    }
    expect(await broken(failing)).toEqual({ allow: false, reason: 'decision_error' })
  })

  test('H4: an allow that names no rule', async () => {
    const nameless = () => ({ allow: true, rule: undefined })
    expect(await broken(nameless)).toEqual({ allow: false, reason: 'decision_error' })
  })

  test('a request that is nothing at all', async () => {
    const snapshot = await snapshotOf(world)
    const request: DecisionRequest = JSON.parse('null')
    expect(decide(snapshot, request)).toEqual({ allow: false, reason: 'decision_error' })
  })
})

describe('the built-in roles', () => {
  const people = {
    guardrails: [],
    rules: ['owner', 'admin', 'billing', 'member', 'viewer'].map(
      (role) => `g, user:${role}, role:${role}, org:acme`,
    ),
  }

  /** Who may do it, by the initials of owner, admin, billing, member and viewer. */
  test.each([
    ['GET /gatehouse/members', 'oav'],
    ['POST /gatehouse/members', 'oa'],
    ['DELETE /gatehouse/roles/x', 'oa'],
    ['GET /gatehouse/decisions/explain', 'oav'],
    ['GET /gatehouse/billing', 'oabv'],
    ['PUT /gatehouse/billing/card', 'oab'],
    ['GET /gatehouse/usage/live', 'oabv'],
    ['GET /gatehouse/me', 'oamv'],
    ['PUT /gatehouse/me', 'oam'],
    ['DELETE /gatehouse/me/keys/x', 'oam'],
    ['GET /gatehouse/members/me', 'oav'],
    ['GET /gatehouse', 'o'],
    ['GET /docs/documents', 'o'],
    ['DELETE /docs/documents/7', 'o'],
    ['GET /gatehouse-old/x', 'o'],
  ])('%s: %s', async (request, initials) => {
    const snapshot = await snapshotOf(people)
    const roles = ['owner', 'admin', 'billing', 'member', 'viewer']
    const allowed = roles.filter((role) => ask(snapshot, `user:${role} ${request}`).allow)
    expect(allowed.map(([initial]) => initial).join('')).toBe(initials)
  })

  test('are one rule a permission, and cannot be changed', () => {
    expect(builtInRules).toHaveLength(Object.values(builtInRoles).flat().length)
    for (const rule of builtInRules) {
      expect(Object.isFrozen(rule) && Object.isFrozen(rule.values)).toBe(true)
    }
  })
})
