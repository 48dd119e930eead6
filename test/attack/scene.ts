/**
 * What every attack runs against: the whole gateway, two real services behind it and a policy under
 * which a wrong reading would leak. Anonymous and readers hold little, an editor holds everything
 * but what a guardrail denies; `/public` and its like are allowed by the prefix as it is spelt.
 */
import { expect } from 'vitest'
import type { Code } from '../../src/lib/problems.ts'
import { answers } from '../../src/lib/problems.ts'
import { startGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { ask, type RawAnswer } from '../support/raw.ts'
import { type Received, type RecordingUpstream, startUpstream } from '../support/upstream.ts'

export const HOST = 'app.acme.test'
export const BETA = 'app.beta.test'

/** The time-out of a `beforeAll` that starts a scene, on a machine that is busy. */
export const START_MS = 90_000

export type Who = 'anonymous' | 'reader' | 'editor'

export interface Scene {
  readonly gateway: TestGateway
  readonly port: number
  /** Behind every host but one. */
  readonly upstream: RecordingUpstream
  /** Behind app.beta.test, where anybody may read anything. */
  readonly beta: RecordingUpstream
  /** The Authorization line of each, with its line end; empty for anonymous. */
  readonly credential: Readonly<Record<Who, string>>
  readonly close: () => Promise<void>
}

/** In the order of the files: who may do what to the applications `app`, `api` and `beta`. */
export const rules = [
  'p, anonymous, *, /app/public/*, GET, allow',
  'p, anonymous, *, /beta/*, GET, allow',
  'p, role:reader, *, /app/public/*, GET, allow',
  'p, role:reader, *, /app/items/:id, GET, allow',
  'p, role:reader, *, /api/items/:id, GET, allow',
  'p, role:editor, *, /app/*, *, allow',
  'p, role:editor, *, /api/*, *, allow',
  'p, role:editor, *, /beta/*, *, allow',
  'p, *, *, /app/admin, *, deny',
  'p, *, *, /app/admin/*, *, deny',
  'p, *, *, /app/public/secret/*, *, deny',
  'p, *, *, /api/admin, *, deny',
  'p, *, *, /api/admin/*, *, deny',
]

/** The list below `applications:`; `api` is told its paths without `/api`. */
export function applications(origin: string, beta: string): string {
  return `
  - { id: app, upstreams: ['${origin}'], organisation: credential, public: [/public/*] }
  - id: api
    match: { prefix: /api }
    strip: true
    upstreams: ['${origin}']
    organisation: credential
  - id: beta
    match: { host: ${BETA} }
    upstreams: ['${beta}']
    organisation: credential
    public: [/*]
`
}

/** Starts it all; `respond` is how the service behind most hosts answers. */
export async function startScene(
  respond?: Parameters<typeof startUpstream>[0],
  more: Partial<Pick<TestGatewayOptions, 'applications' | 'rules' | 'patience'>> = {},
): Promise<Scene> {
  const upstream = await startUpstream(respond)
  const beta = await startUpstream()
  const gateway = await startGateway({
    applications: applications(upstream.origin, beta.origin) + (more.applications ?? ''),
    rules: [...rules, ...(more.rules ?? [])],
    patience: more.patience ?? {},
  })
  await gateway.organisation('platform')
  const reader = await gateway.member('user:rita', { holds: ['role:reader'] })
  const editor = await gateway.member('user:eve', {
    holds: ['role:editor', 'team:writers'],
    email: 'eve@acme.test',
  })
  const bearer = (key: string) => `Authorization: Bearer ${key}\r\n`
  return {
    gateway,
    port: gateway.port,
    upstream,
    beta,
    credential: { anonymous: '', reader: bearer(reader), editor: bearer(editor) },
    close: async () => {
      await gateway.stop()
      await upstream.close()
      await beta.close()
    },
  }
}

export interface Parts {
  /** Header lines, each with its line end. */
  readonly headers?: string
  readonly host?: string
  readonly body?: string
}

/** The bytes of a request: `line` is method and target as an attacker spells them. */
export function bytesOf(scene: Scene, who: Who, line: string, parts: Parts = {}): string {
  const { headers = '', host = HOST, body = '' } = parts
  const head = `${line} HTTP/1.1\r\nHost: ${host}\r\n${scene.credential[who]}${headers}`
  return `${head}\r\n${body}`
}

/** What a service receives from us with every request, whoever asks. */
export const OURS = [
  'gatehouse-assertion',
  'gatehouse-decision',
  'host',
  'remote-email',
  'remote-groups',
  'remote-user',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-request-id',
]

/** Sends `bytes`; the answer must be the problem `code`, and no service may have seen a byte. */
export async function expectRefused(scene: Scene, bytes: string, code: Code): Promise<RawAnswer> {
  const before = [...scene.upstream.begun, ...scene.beta.begun]
  const answer = await ask(scene.port, bytes)
  expectProblem(answer, code, bytes.startsWith('HEAD '))
  expect([...scene.upstream.begun, ...scene.beta.begun]).toEqual(before)
  return answer
}

export function expectProblem(answer: RawAnswer, code: Code, bodiless = false): void {
  const { status } = answers[code]
  expect(answer.status).toBe(status)
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(answer.headers['cache-control']).toBe('no-store')
  if (bodiless) expect(answer.body).toBe('')
  else expect(JSON.parse(answer.body)).toMatchObject({ status, code })
}

export interface Arrival {
  readonly answer: RawAnswer
  readonly received: Received
}

/**
 * Sends `bytes`; exactly one request, `line`, must reach the service, with our headers once each and
 * beside them exactly those that `survivors` names, in lower case and sorted.
 */
export async function expectForwarded(
  scene: Scene,
  bytes: string,
  line: string,
  survivors: readonly string[] = [],
): Promise<Arrival> {
  const before = scene.upstream.begun.length
  const elsewhere = scene.beta.begun.length
  const answer = await ask(scene.port, bytes)
  expect(answer.status).toBe(200)
  expect(scene.upstream.begun.slice(before)).toEqual([line])
  expect(scene.beta.begun).toHaveLength(elsewhere)
  const received = scene.upstream.received.at(-1)
  if (received === undefined) throw new Error('No request came whole.')
  expect(`${received.method} ${received.target}`).toBe(line)
  expectOurHeaders(received, survivors)
  return { answer, received }
}

/** The whole set of header names, with the Connection of the hop to the service. */
function expectOurHeaders(received: Received, survivors: readonly string[] = []): void {
  const names = received.rawHeaders
    .filter((_, at) => at % 2 === 0)
    .map((name) => name.toLowerCase())
  expect(names.toSorted()).toEqual([...OURS, 'connection', ...survivors].toSorted())
}

/** The values of one header as the service received it. */
export function valuesAt(received: Received, name: string): readonly string[] {
  return received.headers.get(name) ?? []
}
