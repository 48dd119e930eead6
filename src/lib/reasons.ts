/**
 * Why a request ended the way it did. The list is closed: a reason is what the log and the decision
 * record hold; its code is all that the caller learns, and the status follows from the code.
 */
import type { Code } from './problems.ts'

export const reasons = {
  // Canonical request (gateway/canonical.ts): refused before anything is decided.
  http_version: 'bad_request',
  host_missing: 'bad_request',
  host_repeated: 'bad_request',
  host_malformed: 'bad_request',
  host_disagrees_with_target: 'bad_request',
  target_malformed: 'bad_request',
  target_too_long: 'target_too_long',
  target_fragment: 'bad_request',
  target_backslash: 'bad_request',
  target_matrix_parameter: 'bad_request',
  target_control_character: 'bad_request',
  target_not_utf8: 'bad_request',
  target_percent_malformed: 'bad_request',
  target_encoded_delimiter: 'bad_request',
  target_double_encoding: 'bad_request',
  target_above_root: 'bad_request',
  query_malformed: 'bad_request',
  method_not_allowed: 'method_not_allowed',
  header_malformed: 'bad_request',
  headers_too_many: 'headers_too_large',
  head_slow: 'request_timeout',
  upgrade_malformed: 'bad_request',
  body_framing: 'bad_request',
  body_too_large: 'body_too_large',
  input_malformed: 'invalid_input',

  // Route and door.
  no_application: 'not_found',
  no_such_page: 'not_found',
  door_not_trusted: 'door_forbidden',
  door_header_missing: 'bad_request',
  door_header_repeated: 'bad_request',

  // Credential.
  credential_missing: 'unauthenticated',
  credential_repeated: 'bad_request',
  credential_malformed: 'unauthenticated',
  token_malformed: 'unauthenticated',
  token_algorithm: 'unauthenticated',
  token_type: 'unauthenticated',
  token_issuer_unknown: 'unauthenticated',
  token_key_unknown: 'unauthenticated',
  token_signature: 'unauthenticated',
  token_expired: 'unauthenticated',
  token_not_yet_valid: 'unauthenticated',
  token_claims: 'unauthenticated',
  key_unknown: 'unauthenticated',
  key_expired: 'unauthenticated',
  network_refused: 'unauthenticated',
  session_unknown: 'unauthenticated',
  session_expired: 'unauthenticated',
  session_ended: 'unauthenticated',
  keys_unavailable: 'unavailable',

  // Organisation and membership.
  organisation_missing: 'denied',
  organisation_unknown: 'denied',
  organisation_suspended: 'denied',
  organisation_disagrees: 'denied',
  subject_unknown: 'denied',
  not_a_member: 'denied',
  member_suspended: 'denied',
  password_must_change: 'denied',
  origin_mismatch: 'denied',

  // What an AuthZEN question names.
  resource_unknown: 'denied',
  action_unknown: 'denied',

  // Decision.
  allowed_by_rule: 'allowed',
  denied_by_rule: 'denied',
  denied_by_default: 'denied',
  scope_missing: 'denied',
  request_incomplete: 'denied',
  decision_error: 'denied',
  pipeline_error: 'unavailable',
  policy_stale: 'unavailable',
  policy_unavailable: 'unavailable',
  revision_not_reached: 'unavailable',
  overtaken: 'unavailable',
  database_unavailable: 'unavailable',
  passwords_busy: 'unavailable',

  // Forwarding.
  upstream_refused: 'upstream_failed',
  upstream_broken: 'upstream_failed',
  upstream_resting: 'upstream_failed',
  upstream_busy: 'unavailable',
  upstream_slow: 'upstream_timeout',
  upstream_upgrade_refused: 'upstream_failed',
  body_slow: 'request_timeout',
  client_gone: 'client_gone',
  draining: 'unavailable',
  internal: 'internal',
} as const satisfies Record<string, Code>

export type Reason = keyof typeof reasons
