/**
 * The schema as an ordered list of migrations. One that was released is never edited, so it spells
 * out the patterns of its time; a test compares them with src/lib/ids.ts.
 */
import { changes } from './schema-changes.ts'
import { management } from './schema-management.ts'

export interface Migration {
  readonly name: string
  /** Each must end well within the statement time-out, on a large database as well. */
  readonly statements: readonly string[]
}

const ID = '[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?'

const domains = [
  // In a PostgreSQL expression ^ and $ match at the ends only, never at a line break.
  `create domain bare_id as text check (value ~ '^${ID}$')`,
  `create domain subject_id as text check (value ~ '^(?:user|service):${ID}$')`,
]

const organisations = [
  `create table organisations (
    id bare_id primary key,
    name text not null check (length(name) between 1 and 200),
    slug bare_id not null unique,
    state text not null default 'active' check (state in ('active', 'suspended')),
    revision bigint not null default 0 check (revision >= 0),
    created_at timestamptz not null default now()
  )`,
  `create table members (
    organisation bare_id not null references organisations,
    subject subject_id not null,
    state text not null check (state in ('invited', 'active', 'suspended')),
    email text check (length(email) between 3 and 320),
    name text check (length(name) between 1 and 200),
    created_at timestamptz not null default now(),
    primary key (organisation, subject)
  )`,
  'create index members_by_subject on members (subject)',
]

/** A check that is unknown passes, so each asks whether it is true. */
function check(name: string, ptype: string, condition: string): string {
  return `constraint casbin_${name} check (ptype <> '${ptype}' or (${condition}) is true)`
}

// The adapter joins the columns with commas and parses the line again (H1), and casbin
// counts brackets: a comma, quote, bracket, space or # in a column would move its neighbours.
const OBJECT = "'^/[a-z0-9][a-z0-9-]*(?:/[A-Za-z0-9._~!$&*+=:@%/-]*)?$'"
const columnChecks = [
  check('p_subject', 'p', `rule->>0 ~ '^(?:(?:team|role|user|service):${ID}|[*]|anonymous)$'`),
  check('p_domain', 'p', `rule->>1 ~ '^org:${ID}$'`),
  check('p_object', 'p', `rule->>2 ~ ${OBJECT} and length(rule->>2) <= 512`),
  // The gateway's own resources are granted by its role catalogue alone: no lock-out, no way in.
  check('p_object_ours', 'p', "rule->>2 !~ '^/gatehouse(?:/|$)'"),
  check('p_action', 'p', "rule->>3 ~ '^(?:[A-Z]{3,16}|[*])$'"),
  // "Deny" with a capital is neither allow nor deny to casbin, so the allow would win (H5).
  check('p_effect', 'p', "rule->>4 in ('allow', 'deny')"),
  check('g_member', 'g', `rule->>0 ~ '^(?:user|service|team|role):${ID}$'`),
  check('g_role', 'g', `rule->>1 ~ '^(?:team|role):${ID}$'`),
  check('g_domain', 'g', `rule->>2 ~ '^org:${ID}$'`),
]

function setting(name: string): string {
  return `nullif(current_setting('gatehouse.${name}', true), '')`
}

const casbin = [
  `create table casbin (
    id bigint generated always as identity primary key,
    ptype text not null,
    rule jsonb not null,
    organisation text not null references organisations generated always as
      (substr(rule->>(case ptype when 'p' then 1 else 2 end), 5)) stored,
    author text not null default ${setting('author')}
      check (author ~ '^(?:(?:user|service):${ID}|gatehouse)$'),
    revision bigint not null default ${setting('revision')}::bigint check (revision >= 0),
    created_at timestamptz not null default now(),
    expires_at timestamptz default ${setting('expires_at')}::timestamptz,
    constraint casbin_type check (ptype in ('p', 'g')),
    constraint casbin_columns check ((case when jsonb_typeof(rule) = 'array'
      then jsonb_array_length(rule) = case ptype when 'p' then 5 else 3 end end) is true),
    ${columnChecks.join(',\n    ')},
    constraint casbin_unique_rule unique (ptype, rule)
  )`,
  // The first is ours, the others are those of the adapter's indexes that its filters use.
  'create index casbin_by_organisation on casbin (organisation, id)',
  'create index idx_casbin_rule_v0 on casbin ((rule->>0))',
  'create index idx_casbin_rule_v1 on casbin ((rule->>1))',
  'create index idx_casbin_rule_v2 on casbin ((rule->>2))',
]

const credentials = [
  `create table identities (
    issuer text not null check (length(issuer) between 1 and 1024),
    sub text not null check (length(sub) between 1 and 255),
    subject subject_id not null,
    created_at timestamptz not null default now(),
    primary key (issuer, sub)
  )`,
  `create table api_keys (
    id text primary key check (id ~ '^[a-z0-9]{8,64}$'),
    hash text not null check (hash ~ '^[0-9a-f]{64}$'),
    organisation bare_id not null,
    subject subject_id not null,
    label text not null check (length(label) between 1 and 200),
    expires_at timestamptz,
    created_at timestamptz not null default now(),
    foreign key (organisation, subject) references members on delete cascade
  )`,
  'create index api_keys_by_member on api_keys (organisation, subject)',
  `create table signing_keys (
    kid text primary key check (length(kid) between 1 and 200),
    public_jwk jsonb not null check (jsonb_typeof(public_jwk) = 'object' and not public_jwk ? 'd'),
    sealed text not null,
    signs_from timestamptz not null,
    signs_until timestamptz not null check (signs_until > signs_from),
    published_until timestamptz not null check (published_until >= signs_until)
  )`,
]

// A decision outlives what it names and may name an organisation that never was: no foreign key.
const records = [
  `create table policy_files (
    number bigint generated always as identity primary key,
    hash text not null unique check (hash ~ '^[0-9a-f]{64}$'),
    created_at timestamptz not null default now()
  )`,
  `create table decisions (
    id text primary key,
    at timestamptz not null,
    organisation text,
    subject text,
    method text not null,
    object text not null,
    allow boolean not null,
    reason text not null,
    rule text,
    revision bigint,
    request_id text not null
  )`,
  'create index decisions_by_organisation on decisions (organisation, at desc, id desc)',
  `create table decision_gaps (
    id bigint generated always as identity primary key,
    since timestamptz not null,
    until timestamptz not null check (until >= since),
    dropped bigint not null check (dropped > 0)
  )`,
]

// Objects of resources, `/<application>/<type>/<id>`, in the one spelling that is decided.
const ENTITY = `'^(?:(?:user|service):${ID}|/${ID}/[a-z][a-z0-9_-]{0,63}/[A-Za-z0-9._~!$&''()*+,=:@%-]+)$'`
const attributes = [
  `create table attributes (
    organisation bare_id not null references organisations,
    entity text not null check (length(entity) <= 8192 and entity ~ ${ENTITY}),
    attributes jsonb not null check (jsonb_typeof(attributes) = 'object'),
    primary key (organisation, entity)
  )`,
  // Wider than before, so that no row has to be looked at again.
  'alter table casbin drop constraint casbin_p_action',
  `alter table casbin add ${check('p_action', 'p', "rule->>3 ~ '^(?:[A-Z]{3,16}|[*]|[a-z][a-z0-9_-]{0,63})$'")} not valid`,
]

export const migrations: readonly Migration[] = [
  {
    name: 'first tables',
    statements: [...domains, ...organisations, ...casbin, ...credentials, ...records],
  },
  {
    name: 'reserved organisation',
    // In which a public path is decided that names no organisation. It has no members at first.
    statements: [
      `insert into organisations (id, name, slug) values ('platform', 'Platform', 'platform')
        on conflict do nothing`,
    ],
  },
  { name: 'attributes and actions', statements: attributes },
  {
    name: 'who asked',
    // What was only asked about somebody is told apart from what they did.
    statements: ['alter table decisions add door text, add caller text'],
  },
  { name: 'management', statements: management },
  { name: 'who wrote last', statements: changes },
]
