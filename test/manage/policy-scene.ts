/** An organisation whose rules are published over sockets, with a guardrail that makes some void. */
import { startGateway, type TestGateway } from '../support/gateway.ts'

export type Json = Record<string, unknown>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Json
}

export interface PolicyScene {
  readonly gateway: TestGateway
  readonly keys: Readonly<Record<'owner' | 'admin' | 'viewer' | 'stranger', string>>
  /** Asks below `/api/v1/orgs/acme/policies`; a body is sent as JSON unless it is a text. */
  readonly ask: (method: string, path: string, body?: unknown, init?: Asking) => Promise<Answer>
  /** What the organisation's own rules are now, as lines, sorted. */
  readonly rules: () => Promise<string[]>
  readonly close: () => Promise<void>
}

export interface Asking {
  readonly as?: keyof PolicyScene['keys']
  readonly org?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The columns of a rule that lets viewers read. */
export function allow(path: string, subject = 'role:viewer', org = 'acme'): string[] {
  return ['p', subject, `org:${org}`, `/docs/${path}`, 'GET', 'allow']
}

/** Columns of a rule that keeps everybody in the organisation from reading. */
export function deny(path: string, subject = '*'): string[] {
  return ['p', subject, 'org:acme', `/docs/${path}`, 'GET', 'deny']
}

/** The applications and guardrails of the scene. */
export const files = {
  applications: `  - { id: docs, upstreams: ['http://127.0.0.1:9'], organisation: credential }
  - { id: crm, match: { prefix: /crm }, upstreams: ['http://127.0.0.1:9'], organisation: credential }`,
  rules: [
    'p, role:reader, *, /docs/items/:id, GET, allow',
    'p, *, *, /docs/secret/*, *, deny',
    'p, team:frozen, *, /gatehouse/policies/*, *, deny',
  ],
} as const

/** In acme an owner, an administrator who reads items, and a viewer; in beta an owner. */
export async function openPolicies(
  env: Readonly<Record<string, string>> = {},
): Promise<PolicyScene> {
  const gateway = await startGateway({ ...files, env })
  await gateway.organisation('beta')
  const keys = {
    owner: await gateway.member('user:olga', { holds: ['role:owner'] }),
    admin: await gateway.member('user:alan', { holds: ['role:admin', 'role:reader'] }),
    viewer: await gateway.member('user:vera', { holds: ['role:viewer'] }),
    stranger: await gateway.member('user:bob', { organisation: 'beta', holds: ['role:owner'] }),
  }
  const ask = async (method: string, path: string, body?: unknown, init: Asking = {}) => {
    const { as = 'owner', org = 'acme', headers = {} } = init
    const url = `http://127.0.0.1:${gateway.adminPort}/api/v1/orgs/${org}/policies${path}`
    const authorization = `Bearer ${keys[as]}`
    const type = { 'content-type': 'application/json' }
    const sent = typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await fetch(url, {
      method,
      headers: { authorization, ...(body !== undefined && type), ...headers },
      ...(body !== undefined && { body: sent }),
    })
    return {
      status: answer.status,
      headers: answer.headers,
      body: (await answer.json()) as Json,
    }
  }
  const rules = async () => {
    const lines: string[] = []
    for (let next = ''; ; ) {
      const { body } = await ask('GET', `/rules?limit=200${next}`)
      for (const { text } of body['items'] as { text: string }[]) lines.push(text)
      if (body['next'] === undefined) return lines.toSorted()
      next = `&cursor=${encodeURIComponent(String(body['next']))}`
    }
  }
  return { gateway, keys, ask, rules, close: () => gateway.stop() }
}
