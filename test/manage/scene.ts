/** The management listener of the whole product, with two organisations and who may ask what. */
import { addIdentity } from '../../src/store/identities.ts'
import {
  raiseRevision,
  setMemberState,
  setOrganisationState,
} from '../../src/store/organisations.ts'
import { addRules } from '../../src/store/rules.ts'
import { ecKey, issue, type Json, jwks } from '../identity/issuing.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

const issuer = { name: 'https://wide.test/', audience: 'https://gateway.test', key: ecKey('wide') }

export interface ManageScene {
  readonly gateway: TestGateway
  readonly keys: Readonly<Record<'owner' | 'viewer' | 'member' | 'left' | 'stranger', string>>
  /** Asks the management listener; `credential` is a key or a token. */
  readonly ask: (path: string, credential?: string, init?: RequestInit) => Promise<Response>
  readonly close: () => Promise<void>
}

/** A token of the owner's that spans the organisations. */
export function ownerToken(changes: Json = {}): string {
  const now = Math.floor(Date.now() / 1_000)
  const claims = { iss: issuer.name, aud: issuer.audience, sub: 'olga', iat: now, exp: now + 300 }
  return issue(issuer.key, { ...claims, ...changes })
}

/** In acme an owner, a viewer, a member and one who was suspended; in beta a stranger. */
export async function openManagement(): Promise<ManageScene> {
  const gateway = await startGateway({
    applications: `  - { id: docs, upstreams: ['http://127.0.0.1:9'], organisation: credential, public: ['/items/:id'], operations: [{ id: read, method: GET, path: '/items/:id' }, { id: write, method: PUT, path: '/items/:id' }] }
  - { id: crm, match: { prefix: /t }, upstreams: ['http://127.0.0.1:9'], organisation: { path: '/t/:org/*' } }`,
    rules: [
      'p, role:reader, *, /docs/items/:id, GET, allow',
      'p, *, *, /docs/items/7, GET, deny',
      'p, role:reader, org:beta, /docs/beta, GET, allow',
    ],
    issuers: `  - { issuer: '${issuer.name}', keys: { file: wide.jwks.json }, audience: '${issuer.audience}', algorithms: [ES256] }`,
    files: { 'wide.jwks.json': jwks(issuer.key) },
  })
  for (const id of ['beta', 'closed']) await gateway.organisation(id)
  const owner = await gateway.member('user:olga', { holds: ['role:owner'] })
  await gateway.member('user:olga', { organisation: 'closed', holds: ['role:owner'] })
  const viewer = await gateway.member('user:vera', { holds: ['role:viewer'] })
  const member = await gateway.member('user:mia', { holds: ['role:member', 'role:reader'] })
  const left = await gateway.member('user:leo', { holds: ['role:owner'] })
  const stranger = await gateway.member('user:bob', {
    organisation: 'beta',
    holds: ['role:owner', 'role:reader'],
  })
  await gateway.running.db.transaction('seed', async (trx) => {
    await setMemberState(trx, 'acme', 'user:leo', 'suspended')
    await setOrganisationState(trx, 'closed', 'suspended')
    await addIdentity(trx, { issuer: issuer.name, sub: 'olga', subject: 'user:olga' })
    for (const id of ['acme', 'closed']) await raiseRevision(trx, id)
    const values = ['user:mia', 'org:acme', '/docs/items/3', 'GET', 'deny']
    await addRules(trx, 'acme', [{ ptype: 'p', values }], { author: 'user:olga', revision: 9 })
  })
  const ask = (path: string, credential?: string, init: RequestInit = {}) => {
    const headers: Record<string, string> =
      credential === undefined ? {} : { authorization: `Bearer ${credential}` }
    return fetch(`http://127.0.0.1:${gateway.adminPort}${path}`, { headers, ...init })
  }
  return {
    gateway,
    keys: { owner, viewer, member, left, stranger },
    ask,
    close: () => gateway.stop(),
  }
}
