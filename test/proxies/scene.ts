/** What both proxies stand in front of, and the requests that must mean the same through each. */
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { type ProxyKind, type RunningProxy, startProxy } from '../support/proxies.ts'
import { ask, type RawAnswer } from '../support/raw.ts'
import { type Received, type RecordingUpstream, startUpstream } from '../support/upstream.ts'

export type Who = 'anonymous' | 'stranger' | 'basic' | 'twice' | 'reader' | 'editor'

/** What a client may try to pass off as ours; none of it may arrive. */
export const FORGED = 'forged'
const forgedNames = [
  'Remote-User',
  'remote-user',
  'REMOTE_USER',
  'Remote.User',
  'remote~user',
  'Remote-Groups',
  'Remote_Groups',
  'Remote-Email',
  'Remote_Email',
  'Gatehouse-Assertion',
  'GATEHOUSE-ASSERTION',
  'Gatehouse_Assertion',
  'Gatehouse.Assertion',
  'Gatehouse-Decision',
  'Gatehouse_Decision',
  'Gatehouse-Target',
  'X-Request-Id',
  'X-Forwarded-For',
  'X_Forwarded_For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
]
export const forgedHeaders = forgedNames.map((name) => `${name}: ${FORGED}\r\n`).join('')

export interface Scene {
  readonly gateway: TestGateway
  readonly upstream: RecordingUpstream
  /** Headers of each caller, each with its line end. */
  readonly credential: Readonly<Record<Who, string>>
  readonly startProxy: (kind: ProxyKind, secret?: string) => Promise<RunningProxy>
  readonly close: () => Promise<void>
}

const rules = [
  'p, role:reader, *, /docs/documents, GET, allow',
  'p, role:reader, *, /docs/documents/:id, GET, allow',
  'p, role:editor, *, /docs/*, *, allow',
  'p, *, *, /docs/archive/*, DELETE, deny',
  'p, anonymous, *, /docs/pages/*, GET, allow',
  'p, *, *, /docs/pages/secret, *, deny',
  'p, role:reader, *, /hall/*, GET, allow',
  'p, role:reader, *, /tenants/t/:org/*, GET, allow',
]

/** Starts a gateway, with the settings that say who may ask its doors, before a real service. */
export async function startScene(env: Readonly<Record<string, string>>): Promise<Scene> {
  const upstream = await startUpstream()
  const at = `upstreams: ['${upstream.origin}']`
  const applications = `
  - { id: docs, match: { prefix: /docs }, strip: true, ${at}, organisation: credential, public: [/pages/*] }
  - { id: hall, match: { host: hall.test }, ${at}, organisation: credential }
  - { id: tenants, match: { prefix: /t }, ${at}, organisation: { path: '/t/:org/*' } }
`
  const gateway = await startGateway({ applications, rules, env })
  await gateway.organisation('platform')
  await gateway.organisation('beta')
  const reader = await gateway.member('user:rita', { holds: ['role:reader'] })
  const holds = ['role:editor', 'team:writers']
  const editor = await gateway.member('user:eve', { holds, email: 'eve@acme.test' })
  const bearer = (text: string) => `Authorization: Bearer ${text}\r\n`
  const own = { gatewayPort: gateway.port, upstreamPort: upstream.port }
  return {
    gateway,
    upstream,
    credential: {
      anonymous: '',
      stranger: bearer(`${reader.slice(0, -4)}0000`),
      basic: 'Authorization: Basic cml0YTpyaXRh\r\n',
      twice: bearer(reader) + bearer(editor),
      reader: bearer(reader),
      editor: bearer(editor),
    },
    startProxy: (kind, secret) => startProxy(kind, { ...own, ...(secret && { secret }) }),
    close: async () => {
      await gateway.stop()
      await upstream.close()
    },
  }
}

export interface Case {
  readonly line: string
  readonly who: Who
  readonly allowed: boolean
  readonly host?: string
  readonly headers?: string
  readonly body?: string
}

const allowed = (who: Who, line: string, more: Partial<Case> = {}): Case => {
  return { line, who, allowed: true, ...more }
}
const denied = (who: Who, line: string, more: Partial<Case> = {}): Case => {
  return { line, who, allowed: false, ...more }
}

/** Every way to be let in or not, in the spellings that a proxy may read in a way of its own. */
export const cases: readonly Case[] = [
  // Who asks.
  allowed('reader', 'GET /docs/documents/7'),
  denied('anonymous', 'GET /docs/documents/7'),
  denied('stranger', 'GET /docs/documents/7'),
  denied('basic', 'GET /docs/documents/7'),
  denied('twice', 'GET /docs/documents/7'),
  allowed('anonymous', 'GET /docs/pages/a'),
  denied('stranger', 'GET /docs/pages/a'),
  denied('anonymous', 'GET /docs/pages/secret'),
  // How.
  allowed('reader', 'HEAD /docs/documents/7'),
  denied('reader', 'POST /docs/documents', { body: 'a=1' }),
  allowed('editor', 'POST /docs/documents', { body: 'a=1' }),
  allowed('editor', 'PUT /docs/documents/7', { body: 'a=1' }),
  denied('reader', 'PATCH /docs/documents/7'),
  allowed('editor', 'DELETE /docs/documents/7'),
  denied('editor', 'DELETE /docs/archive/7'),
  denied('editor', 'DELETE /docs/archive/7', { headers: 'X-HTTP-Method-Override: GET\r\n' }),
  denied('editor', 'DELETE /docs/archive/7', { headers: 'X-Original-Method: GET\r\n' }),
  denied('editor', 'DELETE /docs/archive/7', { headers: 'X-Forwarded-Method: GET\r\n' }),
  denied('editor', 'DELETE /docs/archive/7', { headers: 'X_Forwarded_Method: GET\r\n' }),
  allowed('editor', 'OPTIONS /docs/documents/7'),
  denied('editor', 'TRACE /docs/documents/7'),
  denied('editor', 'PURGE /docs/documents/7'),
  // The path, spelt in many ways.
  allowed('reader', 'GET /docs//documents///7'),
  allowed('reader', 'GET /docs/documents/%37'),
  allowed('reader', 'GET /docs/./documents/7'),
  allowed('reader', 'GET /docs/x/../documents/7'),
  allowed('reader', 'GET /docs/x/%2e%2E/documents/7'),
  allowed('reader', 'GET /docs/documents/%c3%a4'),
  allowed('reader', 'GET /docs/documents?x=/../archive&y=%2F'),
  denied('editor', 'DELETE /docs/%61rchive/7'),
  denied('editor', 'DELETE /docs//archive/7'),
  denied('editor', 'DELETE /docs/documents/../archive/7'),
  denied('editor', 'DELETE /docs/documents/..%2farchive/7'),
  denied('editor', 'DELETE /docs/documents/..;/archive/7'),
  denied('editor', 'DELETE /docs/documents\\..\\archive\\7'),
  denied('editor', 'DELETE /docs/documents/%252e%252e/archive/7'),
  denied('editor', 'DELETE /docs/archive/7#/../documents/7'),
  denied('editor', 'DELETE /docs/archive/7?/docs/documents/7'),
  denied('editor', 'GET /../docs/documents/7'),
  denied('anonymous', 'GET /docs/pages/x/../secret'),
  denied('reader', 'GET /docs/documents/7', { host: 'docs.test/x' }),
  denied('reader', 'GET /docs/archive/7', {
    headers: 'X-Original-URL: http://a.test/docs/documents\r\n',
  }),
  denied('reader', 'GET /docs/archive/7', {
    headers: 'X_Original_URL: http://a.test/docs/documents\r\n',
  }),
  denied('reader', 'GET /docs/archive/7', { headers: 'X-Forwarded-Uri: /docs/documents\r\n' }),
  // Which application, and which organisation.
  denied('reader', 'GET /docs-other/documents'),
  denied('reader', 'GET /DOCS/documents'),
  allowed('reader', 'GET /any/thing', { host: 'hall.test' }),
  allowed('reader', 'GET /any/thing', { host: 'HALL.test' }),
  denied('reader', 'GET /any/thing', { headers: 'X-Forwarded-Host: hall.test\r\n' }),
  denied('reader', 'GET /any/thing', { headers: 'Host: hall.test\r\n' }),
  allowed('reader', 'GET http://hall.test/any/thing', { host: 'hall.test' }),
  allowed('reader', 'GET /t/acme/x'),
  denied('reader', 'GET /t/beta/x'),
  denied('reader', 'GET /t/beta/../beta/x'),
  // What is the gateway's own.
  denied('editor', 'GET /.gatehouse/jwks.json'),
  denied('editor', 'GET /.gatehouse/authz/nginx'),
  denied('editor', 'GET /%2egatehouse/authz/forward'),
  denied('editor', 'GET /docs/../.gatehouse/jwks.json', { host: 'hall.test' }),
]

/** The name of a case in the list of tests. */
export function nameOf({ line, who, allowed: may, host = '', headers = '' }: Case): string {
  const with_ = `${host} ${headers.replaceAll('\r\n', ' ')}`.trim()
  return `${who} ${may ? 'may' : 'may not'} ${line}${with_ === '' ? '' : ` with ${with_}`}`
}

/** One request on one connection. */
export function bytesOf({ credential }: Scene, request: Case): string {
  const { line, who, host = 'docs.test', headers = '', body = '' } = request
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`
  const head = `Host: ${host}\r\n${credential[who]}${headers}${length}`
  return `${line} HTTP/1.1\r\n${head}Connection: close\r\n\r\n${body}`
}

export interface Sent {
  readonly answer: RawAnswer
  /** What the service received because of it; nothing when it was not let in. */
  readonly arrived: readonly Received[]
}

/** Sends a request to a port and tells what came of it. */
export async function send(scene: Scene, port: number, request: Case): Promise<Sent> {
  const before = scene.upstream.received.length
  const answer = await ask(port, bytesOf(scene, request))
  return { answer, arrived: scene.upstream.received.slice(before) }
}
