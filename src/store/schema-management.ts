/** What the management API keeps: people and how they sign in, teams, roles, keys, and who changed what. */

const ID = '[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?'

const people = [
  // Credentials and profile belong to the person. email_key is the address as it is compared.
  `create table accounts (
    subject subject_id primary key check (subject like 'user:%'),
    email text not null check (length(email) between 3 and 320),
    email_key text not null unique check (length(email_key) between 3 and 320),
    email_verified_at timestamptz,
    first_name text check (length(first_name) between 1 and 100),
    last_name text check (length(last_name) between 1 and 100),
    password text check (password like '$argon2id$%'),
    must_change_password boolean not null default false,
    created_by bare_id references organisations,
    created_at timestamptz not null default now()
  )`,
  // Valid in the organisations that it names, or in every one of its person, until one ends it there.
  `create table sessions (
    id text primary key check (id ~ '^[a-z0-9]{8,64}$'),
    hash text not null unique check (hash ~ '^[0-9a-f]{64}$'),
    subject subject_id not null references accounts on delete cascade,
    organisations jsonb check (jsonb_typeof(organisations) = 'array'),
    ended_in jsonb not null default '[]' check (jsonb_typeof(ended_in) = 'array'),
    address text,
    agent text check (length(agent) <= 500),
    created_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  'create index sessions_by_subject on sessions (subject, created_at desc)',
  // A set-up link, a password reset: worth something once, and its text is nowhere.
  `create table one_time_tokens (
    hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
    purpose text not null check (purpose in ('setup', 'password-reset')),
    subject subject_id references accounts on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    used_at timestamptz
  )`,
  // How often somebody guessed, by what was guessed at: an account's address or a client's.
  `create table attempts (
    about text primary key check (length(about) between 1 and 400),
    failures integer not null default 0 check (failures >= 0),
    until timestamptz not null
  )`,
  // A text may hold a link that is a credential, so it is sealed.
  `create table mails (
    id text primary key,
    sealed text not null,
    created_at timestamptz not null default now(),
    attempts integer not null default 0,
    next_at timestamptz not null default now()
  )`,
  'create index mails_by_time on mails (next_at)',
]

const organisations = [
  `alter table organisations add settings jsonb not null default '{}'
    check (jsonb_typeof(settings) = 'object')`,
  "alter table members alter created_at set default date_trunc('milliseconds', now())",
  'create index members_by_time on members (organisation, created_at, subject)',
  'alter table members drop constraint members_state_check',
  `alter table members add constraint members_state_check
    check (state in ('invited', 'active', 'suspended', 'removed'))`,
  // A slug that was used once leads to its organisation for ever, or to nobody.
  `create table slugs (
    slug bare_id primary key,
    organisation bare_id not null references organisations
  )`,
  'insert into slugs (slug, organisation) select slug, id from organisations',
  `create table service_accounts (
    organisation bare_id not null,
    subject subject_id not null check (subject like 'service:%'),
    description text not null default '' check (length(description) <= 1000),
    primary key (organisation, subject),
    foreign key (organisation, subject) references members on delete cascade
  )`,
  // The mailed link proves the address, the one that an administrator copies does not.
  `create table invitations (
    organisation bare_id not null,
    subject subject_id not null,
    email text not null check (length(email) between 3 and 320),
    mailed_hash text not null unique check (mailed_hash ~ '^[0-9a-f]{64}$'),
    copied_hash text not null unique check (copied_hash ~ '^[0-9a-f]{64}$'),
    invited_by subject_id not null,
    created_at timestamptz not null default now(),
    sent_at timestamptz not null default now(),
    expires_at timestamptz not null,
    primary key (organisation, subject),
    foreign key (organisation, subject) references members on delete cascade
  )`,
  `create table ownership_transfers (
    organisation bare_id primary key references organisations,
    owner subject_id not null,
    heir subject_id not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  `create table teams (
    organisation bare_id not null references organisations,
    id text not null check (id ~ '^team:${ID}$'),
    name text not null check (length(name) between 1 and 100),
    description text not null default '' check (length(description) <= 1000),
    created_at timestamptz not null default date_trunc('milliseconds', now()),
    primary key (organisation, id)
  )`,
  'create unique index teams_by_name on teams (organisation, lower(name))',
  `create table roles (
    organisation bare_id not null references organisations,
    id text not null check (id ~ '^role:${ID}$'),
    name text not null check (length(name) between 1 and 100),
    slug bare_id not null,
    description text not null default '' check (length(description) <= 1000),
    permissions jsonb not null check (jsonb_typeof(permissions) = 'array'),
    created_at timestamptz not null default date_trunc('milliseconds', now()),
    primary key (organisation, id),
    unique (organisation, slug)
  )`,
  `create table policy_revisions (
    organisation bare_id not null references organisations,
    revision bigint not null check (revision > 0),
    message text not null check (length(message) between 1 and 1000),
    added jsonb not null check (jsonb_typeof(added) = 'array'),
    removed jsonb not null check (jsonb_typeof(removed) = 'array'),
    primary key (organisation, revision)
  )`,
]

const credentials = [
  `alter table api_keys
    add scopes jsonb check (jsonb_typeof(scopes) = 'array'),
    add networks jsonb check (jsonb_typeof(networks) = 'array'),
    add created_by text check (created_by ~ '^(?:user|service):${ID}$'),
    add used_at timestamptz`,
  `create table idempotency_keys (
    organisation bare_id not null references organisations,
    caller text not null check (length(caller) between 1 and 200),
    key text not null check (length(key) between 1 and 200),
    request_hash text not null check (request_hash ~ '^[0-9a-f]{64}$'),
    status integer not null,
    answer text not null,
    revision bigint,
    created_at timestamptz not null default now(),
    primary key (organisation, caller, key)
  )`,
  'create index idempotency_keys_by_time on idempotency_keys (created_at)',
]

// One row a revision: what was done is counted by what it changed.
const audit = [
  `create table audit (
    organisation bare_id not null references organisations,
    revision bigint not null check (revision > 0),
    at timestamptz not null,
    actor text not null check (length(actor) between 1 and 200),
    credential text check (length(credential) between 1 and 200),
    address text check (length(address) between 1 and 200),
    request_id text not null,
    operation text not null check (length(operation) between 1 and 100),
    object text not null check (length(object) between 1 and 600),
    before jsonb,
    after jsonb,
    previous text not null check (previous ~ '^[0-9a-f]{64}$'),
    hash text not null check (hash ~ '^[0-9a-f]{64}$'),
    primary key (organisation, revision)
  )`,
  'create index audit_by_actor on audit (organisation, actor, revision desc)',
  'create index audit_by_operation on audit (organisation, operation, revision desc)',
  'create index audit_by_object on audit (organisation, object, revision desc)',
  'create index audit_by_time on audit (organisation, at)',
  `create function refuse_audit_change() returns trigger language plpgsql as $$
    begin raise exception 'audit rows are never changed'; end $$`,
  `create trigger audit_is_append_only before update or delete on audit
    for each row execute function refuse_audit_change()`,
  `create trigger audit_is_never_emptied before truncate on audit
    for each statement execute function refuse_audit_change()`,
]

// Each begins with what every statement names. Rules are read in the order of their ids, an organisation's
// at a time; with an index on the ids alone those of all the others would be looked at on the way.
const indexes = [
  'create index organisations_by_name on organisations (name, id)',
  'alter table casbin drop constraint casbin_pkey, add primary key (organisation, id)',
  'drop index casbin_by_organisation, idx_casbin_rule_v0, idx_casbin_rule_v1, idx_casbin_rule_v2',
  'create index casbin_by_revision on casbin (organisation, revision)',
  `create index casbin_by_end on casbin (organisation, expires_at) where expires_at is not null`,
  `create index casbin_by_group on casbin (organisation, (rule->>1), id) where ptype = 'g'`,
  `create index casbin_roles_held on casbin (organisation, id)
    where ptype = 'g' and starts_with(rule->>1, 'role:')`,
  // The adapter names no organisation but the columns, and pages by the id.
  'create index casbin_by_subject on casbin ((rule->>0), organisation, id)',
  `create index casbin_by_domain on casbin ((rule->>1), id) where ptype = 'p'`,
  'create index casbin_by_object on casbin ((rule->>2), id)',
]

export const management: readonly string[] = [
  ...people,
  ...organisations,
  ...credentials,
  ...audit,
  ...indexes,
]
