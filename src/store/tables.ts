/** The rows of every table, as Kysely sees them. Migrations own the shapes. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely'

/** Written by default from the transaction's settings, never by a statement of ours. */
type Provenance<T> = ColumnType<T, never, never>
/** Read as a value, written as JSON text: the drivers disagree on how they write an array. */
type Json<T> = ColumnType<T, string, string>
/** A 64-bit number within JavaScript's safe range. */
type Count = ColumnType<number, number | string, number | string>
type OptionalJson<T> = ColumnType<T | null, string | null | undefined, string | null>
/** Of a column that came later: a record may lack it. */
type Recent = ColumnType<string | null, string | null | undefined, never>

export interface Tables {
  /** The table of casbin-pg-adapter with our constraints and provenance. */
  casbin: {
    id: GeneratedAlways<number>
    ptype: string
    rule: Json<string[]>
    /** Bare id, computed by the database from the rule's domain column. */
    organisation: Provenance<string>
    /** Who wrote it: `user:…`, `service:…` or `gatehouse`. */
    author: Provenance<string>
    created_at: Provenance<Date>
    /** The revision that the rule was published with. */
    revision: Provenance<number>
    expires_at: Provenance<Date | null>
  }
  organisations: {
    /** Bare id, as in `acme`. */
    id: string
    name: string
    slug: string
    state: Generated<'active' | 'suspended'>
    /** Raised by every publish, in the transaction of the change. */
    revision: Generated<number>
    settings: ColumnType<Record<string, unknown>, string | undefined, string>
    created_at: Generated<Date>
  }
  members: {
    organisation: string
    /** `user:…` or `service:…`. */
    subject: string
    state: 'invited' | 'active' | 'suspended' | 'removed'
    /** Of somebody who has no account here, or has not accepted yet; otherwise the account tells. */
    email: string | null
    name: string | null
    created_at: Generated<Date>
  }
  /** What decisions know of a member or a resource, beyond its name. */
  attributes: {
    organisation: string
    /** `user:…`, `service:…` or the object of a resource, as in `/docs/document/7`. */
    entity: string
    attributes: Json<Record<string, string | number | boolean>>
  }
  /** `(issuer, sub)` to one subject; an email address never identifies anybody. */
  identities: { issuer: string; sub: string; subject: string; created_at: Generated<Date> }
  api_keys: {
    /** The public part, as in `gh_<id>_…`. */
    id: string
    /** SHA-256 of the whole key, hexadecimal. */
    hash: string
    organisation: string
    subject: string
    label: string
    /** Names of the permission catalogue that narrow what its holder may do; null narrows nothing. */
    scopes: OptionalJson<string[]>
    /** CIDR networks from which it is accepted; null for any. */
    networks: OptionalJson<string[]>
    created_by: ColumnType<string | null, string | null | undefined, never>
    used_at: ColumnType<Date | null, never, Date>
    expires_at: Date | null
    created_at: Generated<Date>
  }
  signing_keys: {
    kid: string
    public_jwk: Json<Record<string, unknown>>
    /** The private JWK, sealed with SECRET_KEY. */
    sealed: string
    signs_from: Date
    signs_until: Date
    published_until: Date
  }
  /** Content hash of the policy files to a number, so that older files are seen as such. */
  policy_files: { number: GeneratedAlways<number>; hash: string; created_at: Generated<Date> }
  decisions: {
    id: string
    at: Date
    organisation: string | null
    subject: string | null
    method: string
    object: string
    allow: boolean
    reason: string
    /** The rule that decided, as text, or null. */
    rule: string | null
    revision: ColumnType<number | null, number | string | null, never>
    request_id: string
    /** Where the question came in, as in `proxy`; null in records of earlier versions. */
    door: Recent
    /** Who asked about the subject, where it did not ask for itself. */
    caller: Recent
  }
  /** Records that were dropped because the queue was full or the database away. */
  decision_gaps: { id: GeneratedAlways<number>; since: Date; until: Date; dropped: Count }
  /** A person: credentials and profile, whatever organisations there are. */
  accounts: {
    /** `user:…`. */
    subject: string
    email: string
    /** The address as it is compared. */
    email_key: string
    email_verified_at: Date | null
    first_name: string | null
    last_name: string | null
    /** Argon2id in PHC form; null where nobody can sign in with one. */
    password: string | null
    must_change_password: Generated<boolean>
    /** The organisation that made the account, null for a person's own. */
    created_by: string | null
    created_at: Generated<Date>
  }
  sessions: {
    id: string
    hash: string
    subject: string
    /** Bare ids; null for every organisation of the person. */
    organisations: OptionalJson<string[]>
    /** Bare ids of those that ended it for themselves. */
    ended_in: ColumnType<string[], never, never>
    address: string | null
    agent: string | null
    created_at: Generated<Date>
    seen_at: Generated<Date>
    expires_at: Date
  }
  one_time_tokens: {
    hash: string
    purpose: 'setup' | 'password-reset'
    subject: string | null
    created_at: Generated<Date>
    expires_at: Date | null
    used_at: ColumnType<Date | null, never, Date>
  }
  attempts: { about: string; failures: number; until: Date }
  mails: {
    id: string
    sealed: string
    created_at: Generated<Date>
    attempts: Generated<number>
    next_at: Generated<Date>
  }
  /** Every slug that was ever used. */
  slugs: { slug: string; organisation: string }
  service_accounts: { organisation: string; subject: string; description: string }
  /** Open ones only; what became of the others is in the audit. */
  invitations: {
    organisation: string
    subject: string
    email: string
    mailed_hash: string
    copied_hash: string
    invited_by: string
    created_at: Generated<Date>
    sent_at: Generated<Date>
    expires_at: Date
  }
  ownership_transfers: {
    organisation: string
    owner: string
    heir: string
    created_at: Generated<Date>
    expires_at: Date
  }
  teams: {
    organisation: string
    /** `team:…`. */
    id: string
    name: string
    description: string
    created_at: Generated<Date>
  }
  roles: {
    organisation: string
    /** `role:…`. */
    id: string
    name: string
    slug: string
    description: string
    /** Names of the permission catalogue. */
    permissions: Json<string[]>
    created_at: Generated<Date>
  }
  policy_revisions: {
    organisation: string
    revision: number
    message: string
    /** Rules as their columns, the type first. */
    added: Json<string[][]>
    removed: Json<string[][]>
  }
  idempotency_keys: {
    organisation: string
    caller: string
    key: string
    request_hash: string
    status: number
    answer: string
    revision: number | null
    created_at: Generated<Date>
  }
  /** One row a revision, each with the hash of the one before it. */
  audit: {
    organisation: string
    revision: number
    at: Date
    actor: string
    /** The kind and public id of the credential, as in `key:8f3k…`. */
    credential: string | null
    address: string | null
    request_id: string
    operation: string
    object: string
    before: OptionalJson<unknown>
    after: OptionalJson<unknown>
    previous: string
    hash: string
  }
}
