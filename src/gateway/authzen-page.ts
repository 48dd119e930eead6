/**
 * Pages of an AuthZEN search. The token of the next one is sealed, and bound to everything that the
 * first call said: nothing in it can be read, made up or used for another question.
 */
import type { JsonObject } from '../identity/strict-json.ts'
import { limits } from '../lib/limits.ts'
import { seal, sha256, unseal } from '../lib/secrets.ts'
import type { Turns } from '../lib/turns.ts'
import type { PageRequest, Read } from './authzen-request.ts'

const PURPOSE = 'authzen page'
/** What a page of a search is about; the rest of the body does not change its results. */
const PARAMETERS = ['subject', 'action', 'resource', 'context'] as const

/** Where a page begins, and how many results it has at most. */
export interface Place {
  /** The last candidate of the page before; empty at the beginning. */
  readonly after: string
  readonly limit: number
}

/** The key that seals, then the ones that still open. */
type SecretKeys = readonly [string, ...string[]]

/** What names one search: the organisation, what is searched for, and the parameters. */
export function nameSearch(organisation: string, kind: string, body: JsonObject): string {
  const parameters = PARAMETERS.map((name) => (Object.hasOwn(body, name) ? body[name] : null))
  return sha256(JSON.stringify([organisation, kind, ...parameters.map(sorted)]))
}

/** Equal members in any order are equal parameters; only as deep as a body may be. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  // Apart from a list of the same content (I23).
  return { members: members.map(([name, inner]) => [name, sorted(inner)]) }
}

/** Where the page begins that is asked for. A limit that is left out is that of the first call. */
export function placeOf(
  { token, limit }: PageRequest,
  search: string,
  secretKeys: SecretKeys,
): Read<Place> {
  const bounded = Math.min(limit ?? limits.authzenPageResults, limits.authzenPageResultsMost)
  if (token === undefined) return { kind: 'read', value: { after: '', limit: bounded } }
  const opened = open(token, secretKeys)
  if (opened === undefined || opened.search !== search) {
    return { kind: 'malformed', message: 'page.token is none of this search.' }
  }
  if (limit !== undefined && bounded !== opened.limit) {
    return { kind: 'malformed', message: 'page.limit differs from that of the first call.' }
  }
  return { kind: 'read', value: { after: opened.after, limit: opened.limit } }
}

function open(token: string, secretKeys: SecretKeys) {
  try {
    const [search, after, limit] = JSON.parse(unseal(token, secretKeys, PURPOSE))
    return { search: String(search), after: String(after), limit: Number(limit) }
  } catch {
    return undefined
  }
}

/** The token of the page that begins after a candidate. */
export function tokenAfter(
  after: string,
  { limit }: Place,
  search: string,
  [secretKey]: SecretKeys,
): string {
  return seal(JSON.stringify([search, after, limit]), secretKey, PURPOSE)
}

/** Candidates in their order, and whether there are more than these. */
export interface Candidates {
  readonly keys: readonly string[]
  readonly more: boolean
}

/**
 * The first candidates of a page, in the order of their names. What is looked through is not sorted
 * as a whole, which would keep everybody else waiting.
 */
export async function smallestAfter(
  names: Iterable<string>,
  isCandidate: (name: string) => boolean,
  after: string,
  turns: Turns,
  most: number = limits.authzenPageDecisions,
): Promise<Candidates> {
  let kept = new Set<string>()
  let last: string | undefined
  let more = false
  const cut = () => {
    const ordered = [...kept].sort()
    more ||= ordered.length > most
    kept = new Set(ordered.slice(0, most))
    if (more) last = ordered[most - 1]
  }
  for (const name of names) {
    if (turns.over()) await turns.next()
    if (name <= after || (last !== undefined && name > last) || !isCandidate(name)) continue
    kept.add(name)
    if (kept.size >= 2 * most) cut()
  }
  cut()
  return { keys: [...kept], more }
}

export interface Page {
  readonly results: readonly string[]
  /** The last candidate of a page that another one follows. */
  readonly next: string | undefined
}

/** As many of the candidates as fit, each asked in its turn. */
export async function takePage(
  { keys, more }: Candidates,
  { after, limit }: Place,
  isResult: (key: string) => boolean,
  turns: Turns,
): Promise<Page> {
  const results: string[] = []
  let last = after
  for (const key of keys) {
    if (turns.over()) await turns.next()
    if (!isResult(key)) {
      last = key
      continue
    }
    if (results.length >= limit) return { results, next: last }
    results.push(key)
    last = key
  }
  return { results, next: more ? last : undefined }
}
