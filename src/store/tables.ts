/** The rows of every table, as Kysely sees them. Migrations own the shapes. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely'

/** Written by default from the transaction's settings, never by a statement of ours. */
type Provenance<T> = ColumnType<T, never, never>
/** Read as a value, written as JSON text: the drivers disagree on how they write an array. */
type Json<T> = ColumnType<T, string, string>
/** A 64-bit number within JavaScript's safe range. */
type Count = ColumnType<number, number | string, number | string>
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
    created_at: Generated<Date>
  }
  members: {
    organisation: string
    /** `user:…` or `service:…`. */
    subject: string
    state: 'invited' | 'active' | 'suspended'
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
}
