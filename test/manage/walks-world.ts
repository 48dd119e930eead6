/** What random walks over the management API go through, and what they look at after each step. */
import { operations } from '../../src/manage/operations.ts'
import { codesOf } from '../../src/manage/runner/document.ts'
import { decide } from '../../src/policy/decide.ts'
import { parsePolicyFiles } from '../../src/policy/files/files.ts'
import { buildSnapshot, type Snapshot } from '../../src/policy/snapshot.ts'
import type { Db } from '../../src/store/db.ts'
import { loadOrganisation, type OrganisationState } from '../../src/store/organisations.ts'
import { modelText } from '../policy/support.ts'

export const applications =
  "  - { id: docs, upstreams: ['http://127.0.0.1:9'], organisation: credential, operations: [{ id: read, method: GET, path: '/items/:id' }, { id: write, method: PUT, path: '/items/:id' }] }"

const gatehouse = (role: string, resource: string) =>
  ['', '/*'].map((rest) => `p, ${role}, *, /gatehouse/${resource}${rest}, *, allow`)

export const guardrails = [
  'p, role:reader, *, /docs/items/:id, GET, allow',
  'p, *, *, /docs/secret, *, deny',
  ...['teams', 'assignments', 'roles'].flatMap((one) => gatehouse('role:keeper', one)),
  ...['keys', 'service-accounts', 'teams', 'assignments'].flatMap((one) =>
    gatehouse('role:robot', one),
  ),
]

const objects = [
  ...['/docs/items/1', '/docs/items/2', '/docs/secret'],
  ...['members', 'teams', 'roles', 'assignments', 'policies/publish', 'keys', 'audit'].flatMap(
    (one) => [`/gatehouse/${one}`, `/gatehouse/${one}/x`],
  ),
]
const questions = objects.flatMap((obj) => ['GET', 'PUT', 'POST'].map((act) => ({ obj, act })))

export interface Seen {
  readonly state: OrganisationState
  readonly snapshot: Snapshot
  /** By subject, team and role: what it may do now, as `METHOD object`. */
  readonly rights: ReadonlyMap<string, ReadonlySet<string>>
}

/** What is in force in an organisation (bare id), by the rows alone. */
export async function look(db: Db, organisation: string): Promise<Seen> {
  const state = await loadOrganisation(db, organisation)
  if (state === undefined) throw new Error(`${organisation} is gone`)
  const files = parsePolicyFiles({
    model: { name: 'model.conf', text: modelText },
    files: new Map([
      ['apps.yaml', `applications:\n${applications}`],
      ['rules.csv', guardrails.join('\n')],
    ]),
  })
  const { revision, rules, roles } = state
  const snapshot = await buildSnapshot({
    files,
    organisation,
    revision,
    rules,
    roles,
    known: state,
  })
  const named = snapshot.rules.flatMap(({ ptype, values: [a = '', b = ''] }) =>
    ptype === 'g' ? [a, b] : [a],
  )
  const subjects = new Set([...named, ...state.members.keys()])
  const rights = new Map([...subjects].map((sub) => [sub, rightsOf(state, snapshot, sub)]))
  return { state, snapshot, rights }
}

function rightsOf(state: OrganisationState, snapshot: Snapshot, sub: string): Set<string> {
  const person = /^(user|service):/.test(sub)
  if (person && state.members.get(sub)?.state !== 'active') return new Set()
  const may = questions.filter(({ obj, act }) => {
    const facts = snapshot.factsOf({ sub, obj })
    return snapshot.engine.evaluate([sub, snapshot.domain, obj, act, ...facts]).allow
  })
  return new Set(may.map(({ obj, act }) => `${act} ${obj}`))
}

/** What somebody gained that `actor` did not hold before, within the scopes of the actor's key. */
export function excess(before: Seen, after: Seen, actor: string, scopes?: readonly string[]) {
  const { snapshot } = before
  const owns = snapshot.rolesOf(actor).includes('role:owner')
  const mayGive = (right: string) => {
    const [act = '', obj = ''] = right.split(' ')
    if (owns && scopes === undefined) return obj !== '/docs/secret'
    return decide(snapshot, { sub: actor, dom: snapshot.domain, obj, act, scopes }).allow
  }
  return [...after.rights].flatMap(([sub, rights]) =>
    [...rights]
      .filter((right) => before.rights.get(sub)?.has(right) !== true && !mayGive(right))
      .map((right) => `${sub}: ${right}`),
  )
}

/** The active people who are directly owner. */
export function ownersOf({ rules, members }: OrganisationState): string[] {
  return rules
    .filter(({ ptype, values }) => ptype === 'g' && values[1] === 'role:owner')
    .map(({ values: [sub = ''] }) => sub)
    .filter((sub) => sub.startsWith('user:') && members.get(sub)?.state === 'active')
}

/** The codes with which an operation may refuse, `internal` left out: no walk breaks anything. */
export function refusalsOf(id: string): readonly string[] {
  const operation = operations.find((one) => one.id === id)
  if (operation === undefined) throw new Error(`there is no operation ${id}`)
  return codesOf(operation).filter((code) => code !== 'internal')
}
