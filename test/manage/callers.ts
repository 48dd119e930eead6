/** An organisation with people of every rank, and what they ask of its management API. */
import { checkDeclared } from '../support/declared.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

type Json = Record<string, unknown>

export interface Answered {
  readonly status: number
  readonly body: Json
  readonly headers: Headers
}

export interface Asking {
  readonly as?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Bare id. */
  readonly organisation?: string
}

export interface Callers {
  readonly gateway: TestGateway
  /** Credentials by name. */
  readonly keys: Record<string, string>
  /** Sends `METHOD path` below the organisation's; the owner of acme asks unless `as` says otherwise. */
  readonly ask: (request: string, asking?: Asking) => Promise<Answered>
  /** The same, and fails where it is not this status; returns the body. */
  readonly get: (status: number, request: string, asking?: Asking) => Promise<Json>
}

/** In acme an owner, an administrator, a viewer, a member and an editor; in beta another owner. */
export async function openCallers(): Promise<Callers> {
  const gateway = await startGateway({
    applications: `  - { id: docs, upstreams: ['http://127.0.0.1:9'], organisation: credential, operations: [{ id: read, method: GET, path: '/items/:id' }, { id: write, method: PUT, path: '/items/:id' }] }`,
    rules: [
      'p, role:reader, *, /docs/items/:id, GET, allow',
      'p, role:beta-only, org:beta, /docs/beta, GET, allow',
      'g, role:editor, role:reader, *',
      'p, role:editor, *, /docs/items/:id, PUT, allow',
      'p, role:maker, *, /gatehouse/roles/*, *, allow',
      'p, role:maker, *, /gatehouse/roles, *, allow',
      'p, role:keeper, *, /gatehouse/keys/*, *, allow',
      'p, role:keeper, *, /gatehouse/keys, *, allow',
      'p, role:keeper, *, /gatehouse/service-accounts/*, *, allow',
      'p, role:keeper, *, /gatehouse/service-accounts, *, allow',
    ],
  })
  await gateway.organisation('beta')
  const keys: Record<string, string> = {
    owner: await gateway.member('user:olga', { holds: ['role:owner'] }),
    admin: await gateway.member('user:alan', { holds: ['role:admin'] }),
    viewer: await gateway.member('user:vera', { holds: ['role:viewer'] }),
    member: await gateway.member('user:mia', { holds: ['role:member'] }),
    maker: await gateway.member('user:max', { holds: ['role:maker', 'role:reader'] }),
    keeper: await gateway.member('user:kim', { holds: ['role:keeper', 'role:reader'] }),
    stranger: await gateway.member('user:bob', { organisation: 'beta', holds: ['role:owner'] }),
  }
  const ask = async (request: string, asking: Asking = {}): Promise<Answered> => {
    const [method = '', path = ''] = request.split(' ')
    const { as = 'owner', body, organisation = 'acme' } = asking
    const url = `http://127.0.0.1:${gateway.adminPort}/api/v1/orgs/${organisation}${path}`
    const credential = keys[as] ?? as
    const headers: Record<string, string> = { ...asking.headers }
    if (credential !== 'nobody') headers['authorization'] = `Bearer ${credential}`
    if (method === 'PATCH') headers['if-match'] ??= '*'
    if (body !== undefined) headers['content-type'] = 'application/json'
    const text = body === undefined ? null : JSON.stringify(body)
    const answer = await fetch(url, { method, headers, body: text })
    const said = await answer.text()
    const shown = said === '' ? {} : JSON.parse(said)
    checkDeclared(method, `/orgs/${organisation}${path}`, shown.code)
    return {
      status: answer.status,
      body: shown,
      headers: answer.headers,
    }
  }
  const get = async (status: number, request: string, asking?: Asking): Promise<Json> => {
    const { status: found, body } = await ask(request, asking)
    if (found === status) return body
    throw new Error(`${request}: ${found} instead of ${status}: ${JSON.stringify(body)}`)
  }
  return { gateway, keys, ask, get }
}

/** What the gateway answers to reading an item: 502 where it is allowed, for nothing is behind it. */
export async function readItem({ gateway, keys }: Callers, as: string): Promise<number> {
  const headers = { authorization: `Bearer ${keys[as] ?? as}` }
  return (await fetch(`http://127.0.0.1:${gateway.port}/items/1`, { headers })).status
}

/** The newest record of the audit. */
export async function lastAudit({ get }: Callers): Promise<Json> {
  const { items } = await get(200, 'GET /audit?limit=1')
  return (items as Json[])[0] ?? {}
}

/** The ids of a page's items. */
export function idsIn({ items }: Json): readonly string[] {
  return (items as readonly Json[]).map(({ id }) => String(id))
}

/** All pages of a list behind each other, and how many there were. */
export async function readPages({ get }: Callers, path: string, as = 'owner') {
  const items: Json[] = []
  let next: unknown
  let pages = 0
  do {
    const cursor = next === undefined ? '' : `&cursor=${encodeURIComponent(String(next))}`
    const page = await get(200, `GET ${path}${cursor}`, { as })
    items.push(...(page['items'] as Json[]))
    next = page['next']
    pages += 1
  } while (next !== undefined)
  return { items, pages }
}
