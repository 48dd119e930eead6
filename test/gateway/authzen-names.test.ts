import { describe, expect, test } from 'vitest'
import { actionsOf, createNaming, nameResource } from '../../src/gateway/authzen-names.ts'
import { readResources } from '../../src/policy/rules/resources.ts'
import { issuerWith } from '../identity/issuing.ts'
import { attributeFiles } from '../policy/attribute-world.ts'

const { applications } = attributeFiles(['p, *, *, /docs/*, GET, deny, always'])
const resources = readResources(applications)

const wide = issuerWith({ file: 'a' }, { issuer: 'https://wide.test/' })
const acme = issuerWith({ file: 'b' }, { issuer: 'https://acme.test/', organisation: 'acme' })
const beta = issuerWith({ file: 'c' }, { issuer: 'https://beta.test/', organisation: 'beta' })

/** Whom each issuer calls what. */
const identities = [
  [wide.issuer, 'auth0|ann', 'user:ann'],
  [wide.issuer, 'both', 'user:ann'],
  [acme.issuer, 'both', 'user:ben'],
  [acme.issuer, 'Ben', 'user:ben'],
  [acme.issuer, 'auth0|ann', 'user:ann'],
  [beta.issuer, 'Cleo', 'user:cleo'],
  [wide.issuer, 'Robot', 'service:robot'],
  [wide.issuer, 'bare', 'user:dan'],
] as const

function naming(organisation = 'acme') {
  const asked: (readonly [string, readonly string[]])[] = []
  const find = async (sub: string, issuers: readonly string[]) => {
    asked.push([sub, issuers])
    const found = identities.filter(([issuer, of]) => issuers.includes(issuer) && of === sub)
    return [...new Set(found.map(([, , subject]) => subject))]
  }
  const name = createNaming(find, [wide, acme, beta], organisation)
  const ask = (type: string, id: string, properties: object = {}) =>
    name({ type, id, properties: { ...properties } })
  return { ask, asked }
}

describe('a subject', () => {
  test.each([
    ['user', 'ann', 'user:ann'],
    ['service', 'robot', 'service:robot'],
    // Whether anybody has this id is for the organisation to say.
    ['user', 'nobody', 'user:nobody'],
  ])('of type %s with the id %s is %s, and nobody is asked', async (type, id, subject) => {
    const { ask, asked } = naming()
    expect(await ask(type, id)).toBe(subject)
    expect(asked).toEqual([])
  })

  test.each([
    ['user', 'auth0|ann', 'user:ann'],
    ['identity', 'auth0|ann', 'user:ann'],
    ['identity', 'Robot', 'service:robot'],
    ['service', 'Robot', 'service:robot'],
    // By an id of ours a user would be another one.
    ['identity', 'bare', 'user:dan'],
  ])('of type %s with the id %s is whom a token calls so: %s', async (type, id, subject) => {
    expect(await naming().ask(type, id)).toBe(subject)
  })

  test.each([
    ['a type that is none of ours', 'role', 'owner'],
    ['a type that is none of ours', 'team', 'writers'],
    ['a type that is none of ours', 'User', 'ann'],
    ['a type of every object', '__proto__', 'ann'],
    ['somebody whom no issuer knows', 'identity', 'ann'],
    ['an id with its type', 'user', 'user:ann'],
    ['H8: the name of a role', 'user', 'role:owner'],
    ['another type than the identity has', 'user', 'Robot'],
    ['two people of one name', 'identity', 'both'],
    ['text that no database holds', 'identity', 'a\0'],
    ['half a pair of surrogates', 'identity', '\ud800'],
    ['more than a sub has', 'identity', 'x'.repeat(256)],
    ['whom the issuer of another organisation knows', 'identity', 'Cleo'],
  ])('is unknown for %s', async (_title, type, id) => {
    expect(await naming().ask(type, id)).toBeUndefined()
  })

  test('is not looked for where no database could hold it', async () => {
    const { ask, asked } = naming()
    for (const id of ['a\0', '\ud800', 'x'.repeat(256)]) await ask('identity', id)
    expect(asked).toEqual([])
  })

  test('is told apart by the issuer that is named', async () => {
    const { ask } = naming()
    expect(await ask('identity', 'both', { issuer: wide.issuer })).toBe('user:ann')
    expect(await ask('identity', 'both', { issuer: acme.issuer })).toBe('user:ben')
    for (const issuer of [beta.issuer, 'https://wide.test', '', 7, null, [wide.issuer]]) {
      expect(await ask('identity', 'both', { issuer })).toBeUndefined()
    }
    const inherited = JSON.parse(`{"__proto__": {"issuer": "${wide.issuer}"}}`)
    expect(await ask('identity', 'both', inherited)).toBeUndefined()
  })

  test('I10: is named by the issuers of its own organisation', async () => {
    expect(await naming('beta').ask('identity', 'Cleo')).toBe('user:cleo')
    expect(await naming('beta').ask('identity', 'Ben')).toBeUndefined()
  })

  test('is looked for once in a call', async () => {
    const { ask, asked } = naming()
    await Promise.all([ask('identity', 'Ben'), ask('user', 'Ben'), ask('identity', 'Ben')])
    await ask('identity', 'Ben', { issuer: acme.issuer })
    expect(asked).toEqual([
      ['Ben', [wide.issuer, acme.issuer]],
      ['Ben', [acme.issuer]],
    ])
  })
})

describe('a resource', () => {
  const name = (type: string, id: string) =>
    nameResource({ type, id }, { resources, organisation: 'acme' }, applications)

  test('of a declared type has the actions of the type', () => {
    expect(name('document', 'a b')).toEqual({
      kind: 'resource',
      object: '/docs/document/a%20b',
      actions: ['can_read', 'can_share'],
    })
  })

  test.each([
    ['/docs', '/docs/'],
    ['/docs/', '/docs/'],
    ['/docs/a', '/docs/a'],
    ['/docs//a/../%61', '/docs/a'],
    ['/docs/{id}', '/docs/%7Bid%7D'],
    ['/docs/%7bid%7d', '/docs/%7Bid%7D'],
  ])('of type route with the id %s is the path %s', (id, object) => {
    const named = name('route', id)
    expect(named).toMatchObject({ kind: 'resource', object })
    if (named.kind === 'resource') {
      expect(named.actions).toContain('HEAD')
      expect(actionsOf(named)).toEqual(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    }
  })

  test.each([
    ['route', 'docs/a', 'target_malformed'],
    ['route', '/docs/a?b', 'target_malformed'],
    ['route', '/docs/a#b', 'target_fragment'],
    ['route', '/docs/a%2fb', 'target_encoded_delimiter'],
    ['route', '/docs/%2561', 'target_double_encoding'],
    ['route', '/../docs', 'target_above_root'],
    ['route', '/docs/a;b', 'target_matrix_parameter'],
    ['route', '/other/a', 'no_application'],
    ['route', '/docs/../gatehouse/members', 'no_application'],
    ['route', '/gatehouse/members', 'no_application'],
    ['route', '/.gatehouse/me', 'no_application'],
    ['route', '/', 'no_application'],
    ['document', '../folder/1', 'target_encoded_delimiter'],
    ['document', '..', 'target_malformed'],
    ['docs', '1', 'resource_unknown'],
    ['Document', '1', 'resource_unknown'],
    ['__proto__', '1', 'resource_unknown'],
    ['toString', '1', 'resource_unknown'],
  ])('of type %s with the id %j is unknown: %s', (type, id, reason) => {
    expect(name(type, id)).toEqual({ kind: 'unknown', reason })
  })
})
