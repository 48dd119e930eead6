import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/policy/decide.ts'
import { isInScopes, isScopeWithin } from '../../../src/policy/rules/scopes.ts'
import { buildSnapshot } from '../../../src/policy/snapshot.ts'
import { ruleOf } from '../support.ts'
import { applicationsWith, filesFor, read, save } from './permissions-world.ts'

const applications = applicationsWith(read, save)

describe('scopes', () => {
  test.each<[string, string, string, boolean]>([
    ['docs:read', 'GET', '/docs/items/1', true],
    ['docs:read', 'PUT', '/docs/items/1', false],
    ['docs:read', 'GET', '/docs/items', false],
    ['docs:read', 'GET', '/docs/items/1/2', false],
    ['docs:*', 'DELETE', '/docs/', true],
    ['docs:*', 'GET', '/crm/', false],
    ['teams:read', 'GET', '/gatehouse/teams', true],
    ['teams:read', 'GET', '/gatehouse/teams/team:x/members', true],
    ['teams:read', 'POST', '/gatehouse/teams', false],
    ['teams:read', 'GET', '/gatehouse/teamsters', false],
    ['teams:write', 'GET', '/gatehouse/teams', true],
    ['teams:write', 'DELETE', '/gatehouse/teams/team:x', true],
    ['docs:gone', 'GET', '/docs/items/1', false],
  ])('%s for %s %s: %s', (scope, method, object, allowed) => {
    expect(isInScopes([scope], applications, object, method)).toBe(allowed)
    // One more never takes away.
    expect(isInScopes(['crm:*', scope], applications, object, method)).toBe(
      allowed || object.startsWith('/crm/'),
    )
  })

  test('that name nothing allow nothing', () => {
    expect(isInScopes([], applications, '/docs/items/1', 'GET')).toBe(false)
  })

  test('stand for what the applications declare now, for the same key too', () => {
    const scopes = ['docs:save']
    const asked = ['/docs/items/1', 'PUT'] as const
    expect(isInScopes(scopes, applications, ...asked)).toBe(true)
    expect(isInScopes(scopes, applicationsWith(read), ...asked)).toBe(false)
    expect(isInScopes(scopes, applications, ...asked)).toBe(true)
  })
})

describe('a decision for a credential with scopes (A6 112)', () => {
  const files = filesFor([read, save], ['p, *, *, /docs/items/7, *, deny'])
  const rules = [ruleOf('p, user:ann, org:acme, /docs/items/:id, GET, allow')]
  const snapshot = () => buildSnapshot({ files, organisation: 'acme', revision: 1, rules })
  const request = { sub: 'user:ann', dom: 'org:acme', obj: '/docs/items/1', act: 'GET' }

  test('is an allow only where the rules allow it and a scope names it', async () => {
    const policy = await snapshot()
    const reasonFor = (changes: object) => decide(policy, { ...request, ...changes }).reason
    expect(reasonFor({})).toBe('allowed_by_rule')
    expect(reasonFor({ scopes: undefined })).toBe('allowed_by_rule')
    expect(reasonFor({ scopes: ['docs:read'] })).toBe('allowed_by_rule')
    expect(reasonFor({ scopes: ['docs:save'] })).toBe('scope_missing')
    expect(reasonFor({ scopes: [] })).toBe('scope_missing')
    expect(reasonFor({ scopes: ['docs:*'], act: 'PUT' })).toBe('denied_by_default')
    expect(reasonFor({ scopes: ['docs:*'], obj: '/docs/items/7' })).toBe('denied_by_rule')
  })

  test('takes a HEAD for a GET', async () => {
    const asked = { ...request, act: 'HEAD', scopes: ['docs:read'] }
    expect(decide(await snapshot(), asked).allow).toBe(true)
  })

  test('does not answer for the same person without scopes, nor the other way round', async () => {
    const policy = await snapshot()
    const narrow = { ...request, scopes: ['crm:*'] }
    const answers = [request, narrow, request, narrow].map((asked) => decide(policy, asked).allow)
    expect(answers).toEqual([true, false, true, false])
  })

  test('is a deny when its scopes cannot be read', async () => {
    const scopes = null as unknown as readonly string[]
    expect(decide(await snapshot(), { ...request, scopes })).toEqual({
      allow: false,
      reason: 'decision_error',
    })
  })
})

test.each<[string, readonly string[], boolean]>([
  ['docs:read', ['docs:read'], true],
  ['docs:read', ['docs:*'], true],
  ['docs:read', ['teams:read', 'docs:*'], true],
  ['teams:read', ['teams:write'], true],
  ['docs:*', ['docs:read', 'docs:save'], false],
  ['docs:save', ['docs:read'], false],
  ['teams:write', ['teams:read'], false],
  ['crm:*', ['docs:*'], false],
  ['docs:read', [], false],
  ['docs:gone', ['docs:*'], false],
  ['docs:gone', ['docs:gone'], true],
])('the scope %s is within %j: %s', (name, scopes, within) => {
  expect(isScopeWithin(name, scopes, applications)).toBe(within)
})
