/**
 * AuthZEN searches: which members, which resources, which actions. Every candidate is decided like a
 * question of its own, so a result is what an evaluation would say.
 */
import { checkStanding } from '../identity/standing.ts'
import type { JsonObject } from '../identity/strict-json.ts'
import type { Application } from '../policy/applications.ts'
import { decide } from '../policy/decide.ts'
import { literalObject, resourceOf } from '../policy/rules/resources.ts'
import type { Snapshot } from '../policy/snapshot.ts'
import type { Call } from './authzen-evaluate.ts'
import { actionsOf, nameResource, ROUTE } from './authzen-names.ts'
import { type Candidates, type Page, type Place, smallestAfter, takePage } from './authzen-page.ts'
import type { ActionSearch, ResourceSearch, SubjectSearch } from './authzen-request.ts'

export interface Results {
  readonly results: readonly object[]
  readonly next: string | undefined
}

/** What names nothing that we know has no results; that is no mistake of the caller's. */
const none: Results = { results: [], next: undefined }

export async function searchSubjects(
  call: Call,
  { subject, action, resource }: SubjectSearch,
  place: Place,
): Promise<Results> {
  const { type } = subject
  const named = nameResource(resource, call.view.snapshot, call.applications)
  const member = type === 'user' || type === 'service'
  if (!member || named.kind === 'unknown' || !named.actions.includes(action)) return none
  const prefix = `${type}:`
  const isOfType = (name: string) => name.startsWith(prefix)
  const names = call.view.state.members.keys()
  const candidates = await smallestAfter(names, isOfType, place.after, call.turns)
  const isResult = (sub: string) => isAllowed(call, sub, named.object, action, resource.properties)
  const page = await takePage(candidates, place, isResult, call.turns)
  return show(page, (name) => ({ type, id: name.slice(prefix.length) }))
}

export async function searchResources(
  call: Call,
  { subject, action, resource }: ResourceSearch,
  place: Place,
): Promise<Results> {
  const { type, properties } = resource
  const { snapshot, state } = call.view
  const sub = await call.nameSubject(subject)
  const declared = snapshot.resources.get(type)
  if (sub === undefined || (declared === undefined && type !== ROUTE)) return none
  const isOfType = (object: string) =>
    declared === undefined
      ? isRoute(object, call.applications)
      : resourceOf(snapshot.resources, object)?.declared === declared
  const stored = declared === undefined ? [] : state.attributes.keys()
  const names = withLiterals(stored, snapshot)
  const candidates = await smallestAfter(names, isOfType, place.after, call.turns)
  const idOf = (object: string) => resourceOf(snapshot.resources, object)?.id ?? object
  const isResult = (object: string) => {
    // Asked for by the id that is answered, so that an evaluation of it says the same.
    const id = declared === undefined ? object : idOf(object)
    const named = nameResource({ type, id }, snapshot, call.applications)
    if (named.kind === 'unknown' || named.object !== object) return false
    return named.actions.includes(action) && isAllowed(call, sub, object, action, properties)
  }
  const page = await takePage(candidates, place, isResult, call.turns)
  return show(page, (object) => ({ type, id: declared === undefined ? object : idOf(object) }))
}

export async function searchActions(
  call: Call,
  { subject, resource }: ActionSearch,
  place: Place,
): Promise<Results> {
  const sub = await call.nameSubject(subject)
  const named = nameResource(resource, call.view.snapshot, call.applications)
  if (sub === undefined || named.kind === 'unknown') return none
  const actions = actionsOf(named)
  // In the order in which they are declared, which no name says.
  const keys = actions.slice(place.after === '' ? 0 : actions.indexOf(place.after) + 1)
  const candidates: Candidates = { keys, more: false }
  const isResult = (action: string) =>
    isAllowed(call, sub, named.object, action, resource.properties)
  const page = await takePage(candidates, place, isResult, call.turns)
  return show(page, (name) => ({ name }))
}

function show({ results, next }: Page, shown: (key: string) => object): Results {
  return { results: results.map(shown), next }
}

function isAllowed(
  { view }: Call,
  sub: string,
  obj: string,
  act: string,
  sent: JsonObject,
): boolean {
  if (checkStanding(sub, view.state) !== undefined) return false
  const dom = `org:${view.snapshot.organisation}`
  return decide(view.snapshot, { sub, dom, obj, act, sent }).allow
}

/** What is stored, and what a rule names by itself. */
function* withLiterals(stored: Iterable<string>, { rules }: Snapshot): Generator<string> {
  yield* stored
  for (const { ptype, values } of rules) {
    const object = ptype === 'p' ? literalObject(values[2] ?? '') : undefined
    // A rule that is passed over takes time as well; the blank is no candidate.
    yield object ?? ''
  }
}

function isRoute(object: string, applications: readonly Application[]): boolean {
  const application = object.split('/', 2)[1]
  return applications.some(({ id }) => id === application)
}
