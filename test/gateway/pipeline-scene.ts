/** The whole gateway with every kind of caller: what the tests of the pipeline send requests to. */

import { makeKey } from '../../src/identity/api-keys.ts'
import { addIdentity } from '../../src/store/identities.ts'
import { addKey } from '../../src/store/keys.ts'
import {
  raiseRevision,
  setMemberState,
  setOrganisationState,
} from '../../src/store/organisations.ts'
import { addRules } from '../../src/store/rules.ts'
import { ecKey, issue, type Json, jwks } from '../identity/issuing.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { ask, type RawAnswer } from '../support/raw.ts'
import { type RecordingUpstream, startUpstream } from '../support/upstream.ts'

/** Speaks for acme only. */
export const bound = { issuer: 'https://bound.test/', key: ecKey('bound') }
/** Speaks for the platform, so its tokens span organisations. */
export const wide = { issuer: 'https://wide.test/', key: ecKey('wide') }
const away = { issuer: 'https://away.test/', key: ecKey('away') }

const AUDIENCE = 'https://gateway.test'

const applications = (origin: string) => `
  - { id: docs, match: { prefix: /docs }, strip: true, upstreams: ['${origin}'], organisation: credential, public: [/health, /private] }
  - { id: orgs, match: { prefix: /o }, upstreams: ['${origin}'], organisation: { path: '/o/:org/*' }, public: [/o/:org/public] }
  - { id: subs, upstreams: ['${origin}'], organisation: { subdomain: docs.test }, public: [/public] }
`

const rules = [
  'p, role:reader, *, /docs/items/:id, GET, allow',
  'p, role:reader, *, /orgs/o/:org/items, GET, allow',
  'p, role:reader, *, /subs/items, GET, allow',
  'p, *, *, /docs/items/7, GET, deny',
  'p, anonymous, *, /docs/health, GET, allow',
  'p, anonymous, *, /orgs/o/:org/public, GET, allow',
  'p, anonymous, *, /subs/public, GET, allow',
  'p, *, *, /orgs/o/quiet/public, GET, deny',
]

const issuer = (name: string, file: string, more = '') => `
  - { issuer: '${name}', keys: { file: ${file} }, audience: '${AUDIENCE}', algorithms: [ES256]${more} }`

type PipelineKey = 'ann' | 'ned' | 'sam' | 'ina' | 'bob' | 'old' | 'gone' | 'narrow' | 'afar'

export interface PipelineScene {
  readonly gateway: TestGateway
  readonly upstream: RecordingUpstream
  /** API keys by name. */
  readonly keys: Readonly<Record<PipelineKey, string>>
  readonly close: () => Promise<void>
}

/**
 * In acme: Ann reads, Ned holds nothing, Sam is suspended, Ina only invited. Bob reads in beta,
 * where Ann is as well. `closed` is suspended, the rules of `damaged` cannot be used. Both issuers
 * call Ann "ann". `narrow` is a key of Ann's whose scopes name nothing here, `afar` one for another network.
 */
export async function openPipeline(): Promise<PipelineScene> {
  const upstream = await startUpstream()
  const gateway = await startGateway({
    applications: applications(upstream.origin),
    rules,
    issuers:
      issuer(bound.issuer, 'bound.jwks.json', ', organisation: acme') +
      issuer(wide.issuer, 'wide.jwks.json') +
      issuer(away.issuer, 'away.jwks.json'),
    files: { 'bound.jwks.json': jwks(bound.key), 'wide.jwks.json': jwks(wide.key) },
  })
  for (const id of ['beta', 'closed', 'damaged']) await gateway.organisation(id)
  const holds = ['role:reader']
  const ann = await gateway.member('user:ann', {
    holds: [...holds, 'team:writers'],
    email: 'ann@acme.test',
  })
  const ned = await gateway.member('user:ned')
  const sam = await gateway.member('user:sam', { holds })
  const ina = await gateway.member('user:ina', { holds })
  const bob = await gateway.member('user:bob', { organisation: 'beta', holds })
  for (const organisation of ['beta', 'closed', 'damaged']) {
    await gateway.member('user:ann', { organisation, holds })
  }
  const { old, gone } = await makeStates(gateway)
  const narrow = await gateway.key('user:ann', { scopes: ['subs:*'] })
  const afar = await gateway.key('user:ann', { networks: ['192.0.2.0/24'] })
  return {
    gateway,
    upstream,
    keys: { ann, ned, sam, ina, bob, old, gone, narrow, afar },
    close: async () => {
      await gateway.stop()
      await upstream.close()
    },
  }
}

/** Everything that is not as a new member is. */
async function makeStates({ running }: TestGateway): Promise<{ old: string; gone: string }> {
  const expired = makeKey()
  await running.db.transaction('seed', async (trx) => {
    await setMemberState(trx, 'acme', 'user:sam', 'suspended')
    await setMemberState(trx, 'acme', 'user:ina', 'invited')
    await setOrganisationState(trx, 'closed', 'suspended')
    const values = ['role:reader', 'org:damaged', '/undeclared/x', 'GET', 'allow']
    const by = { author: 'gatehouse', revision: 1 }
    await addRules(trx, 'damaged', [{ ptype: 'p', values }], by)
    const { id, hash } = expired
    const owner = { organisation: 'acme', subject: 'user:ann', label: 'old' }
    await addKey(trx, { id, hash, ...owner, expires_at: new Date(1) })
    for (const { issuer: name } of [bound, wide]) {
      await addIdentity(trx, { issuer: name, sub: 'ann', subject: 'user:ann' })
    }
    for (const id of ['acme', 'closed', 'damaged']) await raiseRevision(trx, id)
  })
  return { old: expired.text, gone: makeKey().text }
}

/** A good token of Ann's from `from`, apart from what is changed. */
export function token(from: typeof wide, changes: Json = {}, headers: Json = {}): string {
  const now = Math.floor(Date.now() / 1_000)
  const claims = { iss: from.issuer, aud: AUDIENCE, sub: 'ann', iat: now, exp: now + 300 }
  return issue(from.key, { ...claims, ...changes }, headers)
}

/** A token of the issuer whose keys cannot be had. */
export const tokenFromAway = (): string => token(away)

export const bearer = (credential: string) => `Authorization: Bearer ${credential}\r\n`

/** The bytes of one request; `headers` end each with a line end. */
export function request(line: string, headers = '', host = 'app.test'): string {
  return `${line} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`
}

/** How often each reason was counted so far, as an operator reads it. */
async function counts(adminPort: number): Promise<Map<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text()
  const lines = text.matchAll(/^gatehouse_decisions_total\{reason="(\w+)".*\} (\d+)$/gm)
  return new Map([...lines].map(([, reason = '', count]) => [reason, Number(count)]))
}

/** Sends a request and tells the answer, the reasons that were counted, and what went upstream. */
export async function send(
  { gateway, upstream }: Pick<PipelineScene, 'gateway' | 'upstream'>,
  bytes: string,
): Promise<{ answer: RawAnswer; reasons: string[]; forwarded: string[] }> {
  const before = await counts(gateway.adminPort)
  const begun = upstream.begun.length
  const answer = await ask(gateway.port, bytes)
  const after = await counts(gateway.adminPort)
  const reasons = [...after].filter(([reason, count]) => count !== (before.get(reason) ?? 0))
  return {
    answer,
    reasons: reasons.map(([reason]) => reason),
    forwarded: upstream.begun.slice(begun),
  }
}
