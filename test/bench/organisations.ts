/**
 * Ten thousand organisations in a database with our tables: one large, a hundred of some size, the rest
 * small, as they are anywhere. Written by the database itself, since one by one it would take an hour.
 */
import { createHash } from 'node:crypto'
import pg from 'pg'

/** How many of each thing an organisation has. */
export interface Amounts {
  readonly members: number
  readonly teams: number
  readonly roles: number
  /** Of type `p`; who is in which team and holds which role comes on top. */
  readonly rules: number
  readonly services: number
  readonly audit: number
}

export interface Kind extends Amounts {
  readonly organisations: number
}

/** In the order of their ids: `o0` is the large one. */
export const kinds: readonly Kind[] = [
  row(1, 10_000, 500, 50, 5_000, 200, 100_000),
  row(100, 200, 20, 10, 200, 10, 2_000),
  row(707, 8, 2, 1, 10, 1, 71),
  row(9_192, 7, 2, 1, 10, 1, 71),
]

function row(
  organisations: number,
  members: number,
  teams: number,
  roles: number,
  rules: number,
  services: number,
  audit: number,
): Kind {
  return { organisations, members, teams, roles, rules, services, audit }
}

/** How many there are of something in all organisations together. */
export function total(of: keyof Amounts): number {
  return kinds.reduce((sum, kind) => sum + kind.organisations * kind[of], 0)
}

/** The first member of an organisation, `o` and this number, owns it. */
export function ownerOf(organisation: number): string {
  let left = organisation
  let first = 0
  for (const { organisations, members } of kinds) {
    first += Math.min(left, organisations) * members
    left -= Math.min(left, organisations)
  }
  return `user:p${first}`
}

/** The key of the owner of an organisation, or of one of its service accounts. */
export function keyIn(organisation: number, holder: 'owner' | 'service'): string {
  const id = `o${organisation}`
  return keyOf(id, holder === 'owner' ? ownerOf(organisation) : `service:${id}-0`)
}

/** The key of the platform administrator. */
export const platformKey = keyOf('platform', 'user:root')

/** Keys of the seed are made of whom they belong to, by the database as well. */
function keyOf(organisation: string, subject: string): string {
  const holder = `${organisation} ${subject}`
  const [first, second] = [holder, `${holder}.`].map((text) =>
    createHash('md5').update(text).digest('hex'),
  )
  return `gh_${first?.slice(0, 12)}_${first}${second?.slice(0, 20)}`
}

const words = (list: string) => `(array['${list.split(' ').join("','")}'])`
const FIRST = words('Ada Ben Cleo Dora Emil Fay Gus Hana Ida Jon Kim Lena Max Nora Olga Paul')
const LAST = words(
  'Abel Bauer Chen Diaz Eze Fox Gupta Haas Ivanov Jones Khan Lopez Mori Nagy Okafor',
)
const TRADE = words('Amber Birch Copper Delta Ember Falcon Granite Harbor Indigo Juniper Kestrel')
const KIND = words('Works Labs Foods Freight Health Energy Studio Bank Motors Press Systems')
const AREA = words('documents reports invoices images projects tasks orders boards')
const METHOD = words('GET POST PUT DELETE PATCH')
const OPERATION = words(
  'createTeam createAssignment publishRules createMember createKey updateTeam',
)

const pick = (list: string, by: string) => `${list}[1 + (${by})::int % array_length(${list}, 1)]`
/** Moments in the two years before, all different, the newest last. */
const moment = (number: string, of: number) =>
  `date_trunc('milliseconds', now() - interval '2 years' * (1 - (${number})::float8 / ${of}))`

const sizes = () => {
  const rows: string[] = []
  let from = 0
  let firstMember = 0
  for (const { organisations, members, teams, roles, rules, services, audit } of kinds) {
    const until = from + organisations
    rows.push(`(${[from, until, firstMember, members, teams, roles, rules, services, audit]})`)
    from = until
    firstMember += organisations * members
  }
  return `create temporary table sizes as
    select 'o' || n as id, n, low + (n - since) * members as low, members, teams, roles, rules, services, audit
    from (values ${rows}) as kinds (since, until, low, members, teams, roles, rules, services, audit),
      lateral generate_series(since, until - 1) as n`
}

const rule = (...columns: readonly string[]) => `jsonb_build_array(${columns})`
const grant = (member: string, group: string) => rule(member, group, "'org:' || id")
const casbin = (ptype: string, columns: string, from: string) =>
  `insert into casbin (ptype, rule, author, revision)
    select '${ptype}', ${columns}, 'gatehouse', 1 from sizes, ${from}`

/** What is written, in order; each name is what its progress line says. */
const steps: readonly (readonly [string, string])[] = [
  ['sizes', sizes()],
  [
    'organisations',
    `insert into organisations (id, name, slug, revision, created_at)
      select id, ${pick(TRADE, 'n')} || ' ' || ${pick(KIND, 'n / 11')} || ' ' || n, 'company-' || n,
        audit, ${moment('n', 10_000)}
      from sizes`,
  ],
  ['slugs', "insert into slugs (slug, organisation) select 'company-' || n, id from sizes"],
  [
    'accounts',
    `insert into accounts (subject, email, email_key, first_name, last_name)
      select 'user:p' || p, mail, mail, ${pick(FIRST, 'p')}, ${pick(LAST, 'p / 16')}
      from generate_series(0, ${total('members') - 1}) as p, lateral (select
        lower(${pick(FIRST, 'p')} || '.' || ${pick(LAST, 'p / 16')}) || p || '@example.com' as mail) as m`,
  ],
  [
    'members',
    `insert into members (organisation, subject, state, created_at)
      select id, 'user:p' || low + m, case m % 50 when 49 then 'suspended' else 'active' end,
        ${moment('m', 10_000)}
      from sizes, generate_series(0, members - 1) as m`,
  ],
  [
    'service accounts',
    `insert into members (organisation, subject, state, name)
      select id, 'service:' || id || '-' || s, 'active', ${pick(TRADE, 's')} || ' robot ' || s
      from sizes, generate_series(0, services - 1) as s`,
  ],
  [
    'their descriptions',
    `insert into service_accounts (organisation, subject, description)
      select organisation, subject, 'Runs by night.' from members where subject like 'service:%'`,
  ],
  [
    'teams',
    `insert into teams (organisation, id, name, description, created_at)
      select id, 'team:t' || t, ${pick(TRADE, 't')} || ' ' || ${pick(AREA, 't / 11')} || ' ' || t, '',
        ${moment('t', 500)}
      from sizes, generate_series(0, teams - 1) as t`,
  ],
  [
    'roles',
    `insert into roles (organisation, id, name, slug, permissions)
      select id, 'role:r' || r, ${pick(TRADE, 'r')} || ' keeper ' || r, 'keeper-' || r,
        '["teams:read", "docs:read-document"]'
      from sizes, generate_series(0, roles - 1) as r`,
  ],
  [
    'rules',
    casbin(
      'p',
      rule(
        "'role:r' || g % roles",
        "'org:' || id",
        `'/docs/' || ${pick(AREA, 'g')} || '/p' || g || '/:id'`,
        pick(METHOD, 'g / 8'),
        "case g % 20 when 19 then 'deny' else 'allow' end",
      ),
      'generate_series(0, rules - 1) as g',
    ),
  ],
  ['owners', casbin('g', grant("'user:p' || low", "'role:owner'"), '(select 1) as one')],
  [
    'members of teams',
    casbin(
      'g',
      grant("'user:p' || low + m", "'team:t' || m % teams"),
      'generate_series(0, members - 1) as m',
    ),
  ],
  [
    'second teams',
    casbin(
      'g',
      grant("'user:p' || low + m", "'team:t' || (m + 7) % teams"),
      'generate_series(0, members - 1) as m where members > 100',
    ),
  ],
  [
    'roles of teams',
    casbin(
      'g',
      grant("'team:t' || t", "'role:r' || t % roles"),
      'generate_series(0, teams - 1) as t',
    ),
  ],
  [
    'roles of service accounts',
    casbin(
      'g',
      grant("'service:' || id || '-' || s", "'role:r' || s % roles"),
      'generate_series(0, services - 1) as s',
    ),
  ],
  [
    'sessions',
    `insert into sessions (id, hash, subject, created_at, expires_at)
      select 's' || substr(md5(subject), 1, 15), encode(sha256(subject::bytea), 'hex'), subject,
        now() - interval '1 hour', now() + interval '7 days'
      from accounts where right(subject, 1) in ('2', '5')`,
  ],
  [
    'audit',
    `insert into audit (organisation, revision, at, actor, credential, address, request_id, operation,
        object, before, after, previous, hash)
      select id, a, ${moment('a', 100_000)}, 'user:p' || low + a % least(members, 40), 'key:k' || a,
        '192.0.2.7', 'r' || a, ${pick(OPERATION, 'a / 3')}, '/gatehouse/teams/team:t' || a % teams, null,
        jsonb_build_object('id', 'team:t' || a % teams, 'name', 'Something of some length ' || a),
        encode(sha256((id || a - 1)::bytea), 'hex'), encode(sha256((id || a)::bytea), 'hex')
      from sizes, generate_series(1, audit) as a`,
  ],
  [
    'revisions',
    `insert into policy_revisions (organisation, revision, message, added, removed)
      select organisation, revision, 'A change of some kind', '[["p", "a"]]', '[]'
      from audit where operation = 'publishRules' and revision % 5 = 0`,
  ],
  [
    'platform',
    `insert into accounts (subject, email, email_key) values ('user:root', 'root@example.com', 'root@example.com');
      insert into members (organisation, subject, state) values ('platform', 'user:root', 'active');
      insert into casbin (ptype, rule, author, revision)
        values ('g', '["user:root", "role:owner", "org:platform"]', 'gatehouse', 1)`,
  ],
  [
    'keys',
    `insert into api_keys (id, hash, organisation, subject, label, created_at)
      select substr(md5(holder), 1, 12), encode(sha256(convert_to('gh_' || substr(md5(holder), 1, 12)
          || '_' || md5(holder) || substr(md5(holder || '.'), 1, 20), 'UTF8')), 'hex'),
        organisation, subject, 'seeded', created_at
      from members, lateral (select organisation || ' ' || subject as holder) as h
      where right(subject, 1) in ('0', '1', '4') or subject = 'user:root'
        or subject in (select 'user:p' || low from sizes)`,
  ],
  ['statistics', 'vacuum analyze'],
]

/** Fills the migrated database at `databaseUrl`, and says how far it is. */
export async function seedOrganisations(
  databaseUrl: string,
  say: (line: string) => void,
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    for (const [name, statement] of steps) {
      const from = performance.now()
      const { rowCount } = await client.query(statement)
      const seconds = ((performance.now() - from) / 1_000).toFixed(1)
      say(`${name}: ${rowCount?.toLocaleString('en') ?? 'done'} in ${seconds} s`)
    }
  } finally {
    await client.end()
  }
}
