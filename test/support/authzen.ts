/** The gateway as a decision point, with a service account that may ask it. */
import { readFileSync } from 'node:fs'
import { addIdentity } from '../../src/store/identities.ts'
import { ecKey, jwks } from '../identity/issuing.ts'
import { startGateway, type TestGateway, type TestGatewayOptions } from './gateway.ts'

const LOGIN = 'https://login.test/'

export type Json = Readonly<Record<string, unknown>>

export interface DecisionPoint {
  readonly gateway: TestGateway
  /** The key of `service:pep`, which holds `role:pep` in acme. */
  readonly key: string
  /** Posts to `/access/v1/<path>` of acme, with that key unless told otherwise. */
  readonly post: (path: string, body: unknown, init?: PostOptions) => Promise<Response>
  /** The same, for an answer of 200. */
  readonly ask: (path: string, body: unknown) => Promise<Json>
  /** Tells attributes by the management API, as somebody who holds `role:teller`. */
  readonly tell: (attributes: Readonly<Record<string, Json>>) => Promise<void>
  readonly stop: () => Promise<void>
}

export interface PostOptions {
  readonly credential?: string | undefined
  readonly organisation?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The options of a gateway from one of the scenes beside the public cases. */
export function sceneOptions(name: string, model = 'model.conf'): TestGatewayOptions {
  const read = (file: string) => readFileSync(`test/conformance/authzen/${name}/${file}`, 'utf8')
  return {
    applications: read('apps.yaml').replace('applications:\n', ''),
    rules: read('rules.csv').split('\n'),
    env: { MODEL_FILE: model },
  }
}

export const attributesModel = 'test/conformance/authzen/attributes.conf'

/** Starts one; its tokens' issuer is `LOGIN`. */
export async function openDecisionPoint(options: TestGatewayOptions): Promise<DecisionPoint> {
  const gateway = await startGateway({
    issuers: `
  - { issuer: '${LOGIN}', keys: { file: login.jwks.json }, audience: pdp, algorithms: [ES256] }`,
    files: { 'login.jwks.json': jwks(ecKey('login')) },
    ...options,
  })
  const key = await gateway.member('service:pep', { holds: ['role:pep'] })
  const teller = await gateway.member('service:teller', { holds: ['role:admin'] })
  const post = (path: string, body: unknown, init: PostOptions = {}) => {
    const { credential = key, organisation = 'acme', headers = {} } = init
    return fetch(
      `http://127.0.0.1:${gateway.port}/.gatehouse/authzen/${organisation}/access/v1/${path}`,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(credential !== '' && { authorization: `Bearer ${credential}` }),
          ...headers,
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      },
    )
  }
  return {
    gateway,
    key,
    post,
    ask: async (path, body) => {
      const answer = await post(path, body)
      if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`)
      return (await answer.json()) as Json
    },
    tell: async (attributes) => {
      const items = Object.entries(attributes).map(([entity, of]) => ({ entity, attributes: of }))
      const answer = await fetch(
        `http://127.0.0.1:${gateway.adminPort}/api/v1/orgs/acme/attributes`,
        {
          method: 'PUT',
          headers: { authorization: `Bearer ${teller}`, 'content-type': 'application/json' },
          body: JSON.stringify({ items }),
        },
      )
      if (answer.status !== 204) throw new Error(`${answer.status}: ${await answer.text()}`)
    },
    stop: gateway.stop,
  }
}

/** Makes a member whom tokens of `LOGIN` call `sub`. */
export async function addPerson(
  { gateway }: DecisionPoint,
  subject: string,
  { sub, email, holds }: { sub?: string; email?: string; holds: readonly string[] },
): Promise<string> {
  const key = await gateway.member(subject, { holds, ...(email && { email }) })
  if (sub === undefined) return key
  await gateway.running.db.transaction('seed', (trx) =>
    addIdentity(trx, { issuer: LOGIN, sub, subject }),
  )
  return key
}
