/**
 * Who can do something, and which actions somebody can: over all rules of a snapshot at once,
 * transitive through teams and roles, with denies taken off exactly.
 */
import { isTypedId } from '../../lib/ids.ts'
import type { Steps } from '../../lib/turns.ts'
import { decide } from '../decide.ts'
import { anonymous, everything, methods } from '../rules/grammar.ts'
import type { Snapshot } from '../snapshot.ts'
import { rulesAbout } from './named-rules.ts'
import { type Page, type PageRequest, pageOf, type Unsupported } from './page.ts'
import { holdersOf, isSubject, membersIn, subjectsIn } from './permissions.ts'
import { whyUnreadable } from './product-model.ts'

export interface Question {
  /** `/<application id><canonical path>`. */
  readonly obj: string
  /** HTTP method. */
  readonly act: string
}

export interface WhoCan extends Page<string> {
  /** Whether anybody can whom no rule names, beside the results. */
  readonly everybody: boolean
}

/**
 * The users and services (and `anonymous`) that are allowed, in the order of their ids. `known` adds
 * members whom no rule names; who does not count, such as a suspended one, is left out. A matcher of
 * another form is asked subject by subject; one that casbin itself decides is not supported.
 */
export function* whoCan(
  snapshot: Snapshot,
  question: Question,
  page: PageRequest,
  known: Iterable<string> = [],
  counts: (subject: string) => boolean = () => true,
): Steps<WhoCan | Unsupported> {
  const because = snapshot.engine.interpreted
  if (because !== undefined) return { kind: 'unsupported', because }
  const added = [...known].filter((subject) => isTypedId(subject, 'user', 'service'))
  const universe = () => new Set([...subjectsIn(snapshot), ...added])
  const readable = whyUnreadable(snapshot) === undefined
  const { subjects, everybody } = readable
    ? yield* allowedByRules(snapshot, question, universe)
    : yield* allowedByDecision(snapshot, question, universe())
  const see = (subject: string) => (counts(subject) ? subject : undefined)
  return { ...(yield* pageOf(subjects, page, self, see)), everybody }
}

const self = (subject: string) => subject

interface Found {
  readonly subjects: Iterable<string>
  readonly everybody: boolean
}

/** Every subject is asked, and one whom no rule names. */
function* allowedByDecision(
  snapshot: Snapshot,
  question: Question,
  universe: ReadonlySet<string>,
): Steps<Found> {
  const dom = `org:${snapshot.organisation}`
  const isAllowed = (sub: string) => decide(snapshot, { ...question, sub, dom }).allow
  let unnamed = 'user:unnamed'
  while (universe.has(unnamed)) unnamed = `${unnamed}-x`
  const subjects: string[] = []
  for (const subject of universe) {
    yield
    if (isAllowed(subject)) subjects.push(subject)
  }
  return { subjects, everybody: isAllowed(unnamed) }
}

/** Only rules about the question are looked at; who holds what they name is found downwards. */
function* allowedByRules(
  snapshot: Snapshot,
  question: Question,
  universe: () => ReadonlySet<string>,
): Steps<Found> {
  const nobody = { subjects: [], everybody: false }
  const request = { ...question, sub: anonymous, dom: `org:${snapshot.organisation}` }
  const { reason } = decide(snapshot, request)
  // What is no request for one is none for anybody.
  if (reason === 'request_incomplete' || reason === 'method_not_allowed') return nobody
  const names = { allow: new Set<string>(), deny: new Set<string>() }
  for (const { values } of yield* rulesAbout(snapshot, request)) {
    names[values[4] === 'deny' ? 'deny' : 'allow'].add(values[0] ?? '')
  }
  if (names.deny.has(everything) || names.allow.size === 0) return nobody
  const members = membersIn(snapshot)
  yield
  const denied = holdersOf(names.deny, members)
  const everybody = names.allow.has(everything)
  const allowed = everybody ? universe() : holdersOf(names.allow, members)
  return { subjects: [...allowed].filter((of) => isSubject(of) && !denied.has(of)), everybody }
}

/** The methods that `subject` may use on `object`. Decided one by one, so for every model. */
export function whichActions(snapshot: Snapshot, subject: string, object: string): string[] {
  const dom = `org:${snapshot.organisation}`
  return methods.filter((act) => decide(snapshot, { sub: subject, dom, obj: object, act }).allow)
}
