/** Who is asking, read from verified bytes only. */
import type { BlockList } from 'node:net'
import type { Reason } from '../lib/reasons.ts'

export interface Principal {
  /** `user:…` or `service:…`; `undefined` when a valid token names nobody we know. */
  readonly subject: string | undefined
  /** What the log may hold of the credential: its kind and public id, never the secret. */
  readonly credential: { readonly kind: 'key' | 'token' | 'session'; readonly id: string }
  /** The one organisation (bare id) the credential speaks for; `undefined`: any it is a member of. */
  readonly organisation: string | undefined
  /** The organisations (bare ids) that a session is valid in; `undefined`: any it is a member of. */
  readonly organisations?: readonly string[] | undefined
  /** The organisations (bare ids) that have ended a session for themselves. */
  readonly endedIn?: readonly string[]
  /** Somebody else chose the password: until its person has, nothing but changing it is permitted. */
  readonly mustChangePassword?: boolean
  /** Milliseconds since the epoch after which the credential is worth nothing. */
  readonly expiresAt: number
  /** Names of permissions beyond which the credential allows nothing; absent: no narrowing. */
  readonly scopes?: readonly string[]
  /** From where alone it is accepted; absent: from anywhere. */
  readonly networks?: BlockList
}

export type Identified =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'principal'; readonly principal: Principal }
  | { readonly kind: 'refused'; readonly reason: Reason }
