import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answers } from '../../src/lib/problems.ts'
import { type Reason, reasons } from '../../src/lib/reasons.ts'
import {
  bearer,
  bound,
  openPipeline,
  type PipelineScene,
  request,
  send,
  token,
  tokenFromAway,
  wide,
} from './pipeline-scene.ts'

type Keys = PipelineScene['keys']
type Bytes = (keys: Keys) => string

let scene: PipelineScene
beforeAll(async () => {
  scene = await openPipeline()
}, 120_000)
afterAll(() => scene?.close())

const now = () => Math.floor(Date.now() / 1_000)
const item = (credential: string) => request('GET /docs/items/1', bearer(credential))
const atPath = (credential: string, organisation: string) =>
  request(`GET /o/${organisation}/items`, bearer(credential))
const target =
  (path: string): Bytes =>
  () =>
    request(`GET ${path}`)

/** One request for each way in which the pipeline can end. */
const reached: Partial<Record<Reason, Bytes>> = {
  allowed_by_rule: ({ ann }) => item(ann),

  http_version: () => 'GET /docs/items/1 HTTP/2.0\r\nHost: app.test\r\n\r\n',
  host_missing: () => 'GET /docs/items/1 HTTP/1.1\r\n\r\n',
  host_repeated: () => request('GET /docs/items/1', 'Host: other.test\r\n'),
  host_malformed: () => request('GET /docs/items/1', '', 'a;host=b'),
  host_disagrees_with_target: target('http://other.test/docs/items/1'),
  target_malformed: target('/docs/items/"'),
  target_too_long: target(`/docs/${'a'.repeat(8_200)}`),
  target_fragment: target('/docs/items/1#x'),
  target_backslash: target('/docs\\items'),
  target_matrix_parameter: target('/docs;a=b/items'),
  target_control_character: target('/docs/items/%00'),
  target_not_utf8: target('/docs/items/%ff'),
  target_percent_malformed: target('/docs/items/%zz'),
  target_encoded_delimiter: target('/docs/items%2f1'),
  target_double_encoding: target('/docs/items/%2531'),
  target_above_root: target('/../docs/items/1'),
  query_malformed: target('/docs/items/1?a#b'),
  method_not_allowed: () => request('TRACE /docs/items/1'),

  no_application: target('/elsewhere'),
  no_such_page: target('/%2egatehouse/jwks.json'),

  credential_missing: target('/docs/items/1'),
  credential_repeated: ({ ann }) => request('GET /docs/items/1', bearer(ann) + bearer(ann)),
  credential_malformed: () => request('GET /docs/items/1', 'Authorization: Basic YTpi\r\n'),
  token_malformed: () => item('a.b.c'),
  token_algorithm: () => item(token(wide, {}, { alg: 'RS256' })),
  token_type: () => item(token(wide, {}, { typ: 'invitation+jwt' })),
  token_issuer_unknown: () => item(token(wide, { iss: 'https://wide.test' })),
  token_key_unknown: () => item(token(wide, {}, { kid: 'another' })),
  token_signature: () => item(token({ issuer: wide.issuer, key: { ...bound.key, kid: 'wide' } })),
  token_expired: () => item(token(wide, { exp: now() - 60 })),
  token_not_yet_valid: () => item(token(wide, { nbf: now() + 120 })),
  token_claims: () => item(token(wide, { aud: 'https://elsewhere.test' })),
  key_unknown: ({ gone }) => item(gone),
  key_expired: ({ old }) => item(old),
  network_refused: ({ afar }) => item(afar),
  keys_unavailable: () => item(tokenFromAway()),

  organisation_missing: () => item(token(wide)),
  organisation_unknown: () => atPath(token(wide), 'nowhere'),
  organisation_suspended: () => atPath(token(wide), 'closed'),
  organisation_disagrees: ({ ann }) => atPath(ann, 'beta'),
  subject_unknown: () => item(token(bound, { sub: 'stranger' })),
  not_a_member: ({ ina }) => item(ina),
  member_suspended: ({ sam }) => item(sam),

  denied_by_rule: ({ ann }) => request('GET /docs/items/7', bearer(ann)),
  denied_by_default: ({ ned }) => item(ned),
  scope_missing: ({ narrow }) => item(narrow),
  policy_unavailable: () => atPath(token(wide), 'damaged'),
}

/** Reasons that no request through the pipeline gives, and where they are given instead. */
const elsewhere: Partial<Record<Reason, string>> = {
  header_malformed: 'by the headers of the forwarded request: headers.test.ts',
  headers_too_many: 'by the listener and its parser',
  head_slow: 'by the listener and its parser',
  body_framing: 'by the listener and its parser',
  body_slow: 'while a body is forwarded',
  body_too_large: 'by AuthZEN and the management API: authzen.test.ts, policies.test.ts',
  input_malformed: 'by AuthZEN: authzen.test.ts',
  resource_unknown: 'by AuthZEN: authzen-evaluate.test.ts',
  action_unknown: 'by AuthZEN: authzen-evaluate.test.ts',
  upgrade_malformed: 'by the door for WebSockets: upgrade.test.ts',
  session_unknown: 'by a session: manage/sessions.test.ts',
  session_expired: 'by a session: identity/sessions.test.ts',
  session_ended: 'by a session: manage/people/sessions.test.ts',
  passwords_busy: 'by the management API: identity/passwords.test.ts',
  revision_not_reached: 'by a revision to come: gateway/min-revision.test.ts',
  overtaken: 'by the management API: fault/replicas.test.ts',
  password_must_change: 'by a session: manage/sessions.test.ts',
  origin_mismatch: 'by the door for WebSockets: upgrade.test.ts',
  door_not_trusted: 'by the forward-auth doors: doors.test.ts',
  door_header_missing: 'by the forward-auth doors: doors.test.ts',
  door_header_repeated: 'by the forward-auth doors: doors.test.ts',
  pipeline_error: 'by a fault of ours: pipeline-fault.test.ts',
  policy_stale: 'with the database away: pipeline-fault.test.ts',
  decision_error: 'by a fault of the engine: policy/decide.test.ts',
  request_incomplete: 'a canonical request is never blank: policy/decide.test.ts',
  database_unavailable: 'by the management API: manage/decisions.test.ts',
  upstream_refused: 'by forwarding',
  upstream_broken: 'by forwarding',
  upstream_resting: 'by forwarding',
  upstream_busy: 'by forwarding',
  upstream_slow: 'by forwarding',
  upstream_upgrade_refused: 'by forwarding',
  client_gone: 'by forwarding',
  draining: 'while the process stops',
  internal: 'by a fault of ours after the decision',
}

describe('every way in which the pipeline can end', () => {
  test('is reached here, or it is said where', () => {
    const named = [...Object.keys(reached), ...Object.keys(elsewhere)]
    expect(named.sort()).toEqual(Object.keys(reasons).sort())
  })

  const refusals = (Object.entries(reached) as [Reason, Bytes][]).filter(
    ([reason]) => reason !== 'allowed_by_rule',
  )

  test.each(refusals)(
    '%s refuses with the status of its code and forwards nothing',
    async (reason, bytes) => {
      const { answer, reasons: counted, forwarded } = await send(scene, bytes(scene.keys))
      const code = reasons[reason]
      const { status, detail } = answers[code]
      expect(counted).toEqual([reason])
      expect(answer.status).toBe(status)
      expect(answer.headers['content-type']).toBe('application/problem+json')
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.headers['www-authenticate'] !== undefined).toBe(status === 401)
      expect(answer.headers['retry-after'] !== undefined).toBe(status === 503)
      const { requestId, decisionId, ...document } = JSON.parse(answer.body)
      const title = code.replaceAll('_', ' ')
      expect(document).toEqual({ type: 'about:blank', title, status, detail, code })
      expect(answer.headers['x-request-id']).toBe(requestId)
      expect(decisionId).toMatch(/^[0-9a-f-]{36}$/)
      expect(forwarded).toEqual([])
    },
  )

  test('an allow forwards the request once', async () => {
    const {
      answer,
      reasons: counted,
      forwarded,
    } = await send(scene, reached.allowed_by_rule?.(scene.keys) ?? '')
    expect([answer.status, answer.body]).toEqual([200, 'GET /items/1'])
    expect(counted).toEqual(['allowed_by_rule'])
    expect(forwarded).toEqual(['GET /items/1'])
  })
})
