/**
 * An operation of the management API is a value: what it is called, what it accepts and answers, and
 * what it does. The runner gives every one of them authentication, permission, the transaction, the
 * audit row and its documentation, so that none can forget one.
 */
import type { z } from 'zod'
import type { Passwords } from '../../identity/passwords.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import type { Code } from '../../lib/problems.ts'
import type { PolicyFiles } from '../../policy/files/files.ts'
import type { Db, Transaction } from '../../store/db.ts'
import type { Mailer } from '../mail.ts'
import type { View } from './permit.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type Shape = z.ZodRawShape

/** What the process gives to operations. */
export interface Tools {
  readonly db: Db
  readonly log: Log
  readonly clock: Clock
  readonly passwords: Passwords
  readonly mail: Pick<Mailer, 'queue' | 'deliver'>
  /** The origin of the management listener and of every link in a mail. */
  readonly adminUrl: string
  /** Who creates organisations. */
  readonly orgCreation: 'platform' | 'anyone'
  /** Those in force. */
  readonly files: () => PolicyFiles
}

/** Who asks, as the audit names them. */
export interface Actor {
  /** `user:…`, `service:…`, or `anonymous` where anyone may ask. */
  readonly subject: string
  /** Kind and public id of the credential, as in `key:8f3k…`. */
  readonly credential: string | undefined
  readonly address: string | undefined
  /** What the client calls itself. */
  readonly agent?: string | undefined
  /** Names of the permissions that the credential is confined to; `undefined` where it is not. */
  readonly scopes: readonly string[] | undefined
}

/**
 * Who may ask. `organisation`: whom the policy of the organisation in the path allows; `platform`: whom
 * that of the reserved organisation allows; `member`: every active member of the organisation; `person`: everybody who is signed in, about themselves;
 * `anyone`. The last two are recorded with the platform as well.
 */
export type Access = 'organisation' | 'member' | 'platform' | 'person' | 'anyone'

/** A request that is permitted, with its input checked. */
export interface Call<Query, Body> {
  readonly tools: Tools
  readonly actor: Actor
  /** Bare id. */
  readonly organisation: string
  /** The organisation as the permission was decided: rules, members, roles, revision. */
  readonly view: View
  /** The parts of the path that are named in it; each has the form of its name. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Query
  readonly body: Body
}

/** A call that changes something, within the one transaction that does. */
export interface Change<Query, Body, Prepared = undefined> extends Call<Query, Body> {
  readonly trx: Transaction
  readonly requestId: string
  readonly prepared: Prepared
  /** What the change raises the revision of the organisation to. */
  readonly revision: number
  readonly now: Date
  /** Other organisations that it changes as well, and what it raises their revisions to. */
  readonly also: Map<string, number>
}

/** What was changed. */
export interface Done<Answer> {
  readonly answer: Answer
  /** The record as it was, for the audit, where no `find` reads it. */
  readonly before?: unknown
  /** What a repeated request gets, where the answer holds a secret that is shown once and never kept. */
  readonly repeated?: Answer
  /** The record behind the change as callers see it; without one where it is gone. */
  readonly after?: unknown
  /** The path of what was made, below the organisation's, as in `teams/team:8f3k…`. */
  readonly made?: string
  /** A `Set-Cookie` for the answer. */
  readonly cookie?: string
  /** Mail was queued, and goes out after the commit. */
  readonly mailed?: true
}

interface Described<Q extends Shape, B extends z.ZodType, A extends z.ZodType> {
  /** Unique, in camel case: the name of the operation in clients and in the audit. */
  readonly id: string
  readonly method: Method
  /** Below `/api/v1`, as in `/orgs/{org}/teams/{team}`. What follows the organisation is the object. */
  readonly path: string
  /** That of the organisation in the path, by default. */
  readonly access?: Access | ((tools: Tools) => Access)
  /** Open to a person who must change a password first. */
  readonly whilePasswordPending?: true
  /** Its input or its answer holds one, so nothing of it is kept for an `Idempotency-Key`. */
  readonly secret?: true
  /** It raises the platform's revision as well, whose lock comes before any other organisation's. */
  readonly alsoPlatform?: true
  /** One sentence without an end. */
  readonly summary: string
  readonly description?: string
  readonly query?: Q
  readonly body?: B
  readonly bodyBytes?: number
  /** A change that takes longer is taken back; `limits.changeTimeoutMs` unless it says otherwise. */
  readonly longestMs?: number
  /**
   * A body that the operation reads by itself, with the shape of each media type that it takes. `body`
   * is `textBody` then.
   */
  readonly bodyText?: {
    readonly types: Readonly<Record<string, z.ZodType>>
    readonly bytes: number
  }
  /** The answer's; without one there is nothing to say. */
  readonly answer?: A
  /** 200, or 204 without an answer, unless it says otherwise. */
  readonly status?: 200 | 201 | 202
  /** Refusals of its own, beside those that every operation may answer. */
  readonly codes?: readonly Code[]
  /**
   * What must be permitted, in the place of the path's object, where the input names it. Only active
   * members have their input read then.
   */
  objects?(input: { readonly query: QueryOf<Q>; readonly body: z.output<B> }): readonly string[]
}

type QueryOf<Q extends Shape> = z.output<z.ZodObject<Q>>

export interface Reading<Q extends Shape, B extends z.ZodType, A extends z.ZodType>
  extends Described<Q, B, A> {
  /** The answer, or `undefined` where there is no such record. */
  run(call: Call<QueryOf<Q>, z.output<B>>): Promise<z.input<A> | undefined>
}

export interface Changing<
  Q extends Shape,
  B extends z.ZodType,
  A extends z.ZodType,
  Before,
  Prepared,
> extends Described<Q, B, A> {
  /** What takes long and needs no transaction, such as the hash of a password. */
  prepare?(call: Call<QueryOf<Q>, z.output<B>>): Promise<Prepared>
  /**
   * The record that is changed, as callers see it, read within the transaction. `undefined` is a 404.
   * An operation that has it demands `If-Match` for PATCH and PUT.
   */
  find?(change: Change<QueryOf<Q>, z.output<B>, Prepared>): Promise<Before | undefined>
  run(
    change: Change<QueryOf<Q>, z.output<B>, Prepared>,
    before: Before,
  ): Promise<Done<z.input<A> | undefined>>
}

/** An answer that is sent while it is made. */
export interface Streamed {
  /** One of the operation's media types. */
  readonly type: string
  /** What a browser calls the file. */
  readonly filename: string
  /** The answer, a piece at a time; ended early where nobody takes it any more. */
  readonly pieces: AsyncGenerator<string, void, void>
}

export interface Streaming<Q extends Shape> extends Described<Q, z.ZodUndefined, z.ZodUndefined> {
  /** The media types of the answer, each with what is to be said of it. */
  readonly types: Readonly<Record<string, string>>
  run(call: Call<QueryOf<Q>, unknown>): Streamed
}

/** Any of them, as the runner sees it. */
export type Operation =
  | ({ readonly kind: 'reading' } & Reading<Shape, z.ZodType, z.ZodType>)
  | ({ readonly kind: 'streaming' } & Streaming<Shape>)
  | ({ readonly kind: 'changing' } & Changing<Shape, z.ZodType, z.ZodType, unknown, unknown>)

/** Makes an operation that only reads. */
export function reading<
  Q extends Shape = Record<never, never>,
  B extends z.ZodType = z.ZodUndefined,
  A extends z.ZodType = z.ZodUndefined,
>(described: Reading<Q, B, A>): Operation {
  return { kind: 'reading', ...described } as unknown as Operation
}

/** Makes an operation that reads more than is held at once. */
export function streaming<Q extends Shape>(described: Streaming<Q>): Operation {
  return { kind: 'streaming', status: 200, ...described } as unknown as Operation
}

/** Makes an operation that changes something. */
export function changing<
  Q extends Shape = Record<never, never>,
  B extends z.ZodType = z.ZodUndefined,
  A extends z.ZodType = z.ZodUndefined,
  Before = undefined,
  Prepared = undefined,
>(described: Changing<Q, B, A, Before, Prepared>): Operation {
  return { kind: 'changing', ...described } as unknown as Operation
}
