/** What random walks over the management API go through, and what is in force there. */
import { decide } from '../../src/policy/decide.ts'
import { parsePolicyFiles } from '../../src/policy/files/files.ts'
import { buildSnapshot, type Snapshot } from '../../src/policy/snapshot.ts'
import type { Db } from '../../src/store/db.ts'
import { loadOrganisation, type OrganisationState } from '../../src/store/organisation-state.ts'
import { modelText } from '../policy/support.ts'

export const applications =
  "  - { id: docs, upstreams: ['http://127.0.0.1:9'], organisation: credential, operations: [{ id: read, method: GET, path: '/items/:id' }, { id: write, method: PUT, path: '/items/:id' }] }"

const gatehouse = (role: string, ...resources: readonly string[]) =>
  resources.flatMap((resource) =>
    ['', '/*'].map((rest) => `p, ${role}, *, /gatehouse/${resource}${rest}, *, allow`),
  )

export const guardrails = [
  'p, role:reader, *, /docs/items/:id, GET, allow',
  'p, *, *, /docs/secret, *, deny',
  ...gatehouse('role:keeper', 'teams', 'assignments', 'roles', 'policies'),
  ...gatehouse('role:robot', 'keys', 'service-accounts', 'teams', 'assignments'),
]

const files = parsePolicyFiles({
  model: { name: 'model.conf', text: modelText },
  files: new Map([
    ['apps.yaml', `applications:\n${applications}`],
    ['rules.csv', guardrails.join('\n')],
  ]),
})

const managed = ['members', 'teams', 'roles', 'assignments', 'policies/publish', 'keys', 'audit']
const ask = (acts: readonly string[], objects: readonly string[]) =>
  objects.flatMap((obj) => acts.map((act) => ({ obj, act })))
const questions = [
  ...ask(['GET', 'PUT'], ['/docs/items/1', '/docs/items/2', '/docs/secret']),
  ...ask(
    ['GET', 'POST'],
    managed.flatMap((one) => [`/gatehouse/${one}`, `/gatehouse/${one}/x`]),
  ),
]

/** What somebody may do, as `METHOD object`. */
export type Rights = ReadonlySet<string>

export interface Seen {
  readonly state: OrganisationState
  readonly snapshot: Snapshot
  /** By subject, team and role. Of who is invited it is what they will have. */
  readonly rights: ReadonlyMap<string, Rights>
}

/** What is in force in an organisation (bare id), by the rows alone and question by question. */
export async function look(db: Db, organisation: string): Promise<Seen> {
  const state = await loadOrganisation(db, organisation)
  if (state === undefined) throw new Error(`${organisation} is gone`)
  const { revision, rules, roles } = state
  const of = { files, organisation, revision, rules, roles, known: state }
  const snapshot = await buildSnapshot(of)
  const named = snapshot.rules.flatMap(({ ptype, values: [a = '', b = ''] }) =>
    ptype === 'g' ? [a, b] : [a],
  )
  const subjects = new Set([...named, ...state.members.keys()])
  const rights = new Map([...subjects].map((sub) => [sub, rightsOf(state, snapshot, sub)]))
  return { state, snapshot, rights }
}

function rightsOf(state: OrganisationState, snapshot: Snapshot, sub: string): Rights {
  const standing = state.members.get(sub)?.state
  // Nobody looks at an invitation's roles again when it is accepted: they count from the beginning.
  const counts = standing === 'active' || standing === 'invited'
  if (/^(user|service):/.test(sub) && !counts) return new Set()
  const may = questions.filter(({ obj, act }) => {
    const facts = snapshot.factsOf({ sub, obj })
    return snapshot.engine.evaluate([sub, snapshot.domain, obj, act, ...facts]).allow
  })
  return new Set(may.map(({ obj, act }) => `${act} ${obj}`))
}

/** Who asks, and what the key is confined to by which they do. */
export interface Asker {
  readonly subject: string
  readonly scopes?: readonly string[] | undefined
}

/** Whether somebody may do `act` on `obj` themselves: they are there, and what they hold says so. */
export function may(
  { state, snapshot }: Seen,
  { subject, scopes }: Asker,
  act: string,
  obj: string,
) {
  if (state.members.get(subject)?.state !== 'active') return false
  return decide(snapshot, { sub: subject, dom: snapshot.domain, obj, act, scopes }).allow
}

/** An owner may also lift what the organisation denies them, but no guardrail. */
function mayGive(before: Seen, giver: Asker, right: string): boolean {
  const [act = '', obj = ''] = right.split(' ')
  const owns = before.snapshot.rolesOf(giver.subject).includes('role:owner')
  if (owns && giver.scopes === undefined) return obj !== '/docs/secret'
  return may(before, giver, act, obj)
}

/** What anybody gained that `giver` did not hold before. */
export function excess(before: Seen, after: Seen, giver: Asker): readonly string[] {
  return [...after.rights].flatMap(([sub, rights]) =>
    [...rights]
      .filter((right) => before.rights.get(sub)?.has(right) !== true)
      .filter((right) => !mayGive(before, giver, right))
      .map((right) => `${sub}: ${right}`),
  )
}

/** What a key is worth that whoever made it did not hold. */
export function excessOfKey(seen: Seen, key: Asker, maker: Asker): readonly string[] {
  return [...(seen.rights.get(key.subject) ?? [])].filter((right) => {
    const [act = '', obj = ''] = right.split(' ')
    return may(seen, key, act, obj) && !mayGive(seen, maker, right)
  })
}

/** The active people who are directly owner. */
export function ownersOf({ rules, members }: OrganisationState): string[] {
  return rules
    .filter(({ ptype, values }) => ptype === 'g' && values[1] === 'role:owner')
    .map(({ values: [sub = ''] }) => sub)
    .filter((sub) => sub.startsWith('user:') && members.get(sub)?.state === 'active')
}
