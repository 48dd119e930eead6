/** The management API over sockets: two organisations, who may ask what in them, and how to ask. */
import type { ChainedEntry } from '../../src/lib/audit-chain.ts'
import { setMemberState } from '../../src/store/organisations.ts'
import { ecKey, issue, jwks } from '../identity/issuing.ts'
import { checkDeclared } from './declared.ts'
import { startGateway, type TestGateway, type TestGatewayOptions } from './gateway.ts'

export type Json = Record<string, unknown>

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly json: Json
}

type Name = 'owner' | 'admin' | 'viewer' | 'member' | 'stranger' | 'platform'

export interface Management {
  readonly gateway: TestGateway
  readonly keys: Record<string, string>
  /** Asks for a path below `/api/v1` with the key of `name`, or a credential; a body is sent as JSON. */
  readonly call: (
    name: string | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answered>
  /** The audit of an organisation, oldest first, as its store has it. */
  readonly audit: (organisation: string) => Promise<ChainedEntry[]>
  readonly close: () => Promise<void>
}

export const subjects: Readonly<Record<Name, string>> = {
  owner: 'user:olga',
  admin: 'user:alan',
  viewer: 'user:vera',
  member: 'user:mia',
  stranger: 'user:bob',
  platform: 'user:root',
}

const signer = ecKey('wide')
const audience = 'https://gateway.test'
export const issuer = 'https://wide.test/'

/** A token of another issuer, for whoever `sub` is bound to: it spans their organisations. */
export function foreignToken(sub: string): string {
  const now = Math.floor(Date.now() / 1_000)
  return issue(signer, { iss: issuer, aud: audience, sub, iat: now, exp: now + 300 })
}

/**
 * In `acme` an owner, an admin, a viewer and a member with roles of those names, and `user:sam`, who
 * is suspended; in `beta` the stranger, who owns it; in `platform` one who owns that. `docs` has items
 * that a `role:reader` reads.
 */
export async function openManaged(
  options: { upstream?: string; env?: TestGatewayOptions['env'] } = {},
): Promise<Management> {
  const origin = options.upstream ?? 'http://127.0.0.1:9'
  const gateway = await startGateway({
    applications: `  - { id: docs, upstreams: ['${origin}'], organisation: credential, public: [/open], operations: [{ id: read, method: GET, path: '/items/:id' }] }`,
    rules: [
      'p, role:reader, *, /docs/items/:id, GET, allow',
      'p, anonymous, *, /docs/open, GET, allow',
    ],
    issuers: `  - { issuer: '${issuer}', keys: { file: wide.jwks.json }, audience: '${audience}', algorithms: [ES256] }`,
    files: { 'wide.jwks.json': jwks(signer) },
    ...(options.env !== undefined && { env: options.env }),
  })
  await gateway.organisation('beta')
  const keys: Record<string, string> = {}
  for (const name of ['owner', 'admin', 'viewer', 'member'] as const) {
    keys[name] = await gateway.member(subjects[name], { holds: [`role:${name}`] })
  }
  const owner = { holds: ['role:owner'] }
  keys['stranger'] = await gateway.member(subjects.stranger, { organisation: 'beta', ...owner })
  keys['platform'] = await gateway.member(subjects.platform, { organisation: 'platform', ...owner })
  await gateway.member('user:sam', {})
  const { db } = gateway.running
  await db.transaction('seed', async (trx) => {
    await setMemberState(trx, 'acme', 'user:sam', 'suspended')
  })
  return {
    gateway,
    keys,
    call: (name, ...asked) => ask(gateway.adminPort, name && (keys[name] ?? name), ...asked),
    audit: async (organisation) => {
      const rows = db.query.selectFrom('audit').selectAll().where('organisation', '=', organisation)
      const found = await rows.orderBy('revision').execute()
      return found.map(({ at, request_id, ...row }) => {
        return { ...row, at: at.toISOString(), requestId: request_id }
      })
    },
    close: () => gateway.stop(),
  }
}

/** Asks the management listener at `port` for a path below `/api/v1`. */
export async function ask(
  port: number,
  key: string | undefined,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
    method,
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  const isJson = text !== '' && /\bjson\b/.test(answer.headers.get('content-type') ?? '')
  const json = isJson ? JSON.parse(text) : {}
  checkDeclared(method, path, json.code)
  return { status: answer.status, headers: answer.headers, json }
}

/** Status and stable code, which is what most tests are about. */
export function outcomeOf({ status, json }: Answered): readonly unknown[] {
  return status < 400 ? [status] : [status, json['code']]
}
