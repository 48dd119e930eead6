/**
 * The rules that the plans of a matcher leave over for a request. What the keys select for a
 * principal is put into a table once, its patterns as a tree, and kept with the answers that were
 * found in it: the memory of each principal inside a snapshot, bounded.
 */
import { limits } from '../lib/limits.ts'
import { createPathIndex, type PathIndex, type Shape } from './path-index.ts'
import type { Key, Plan, Term } from './plan.ts'
import type { RoleLinks } from './role-links.ts'

type Row = readonly string[]

export interface CandidateSource {
  readonly plans: readonly Plan[]
  /** The values of the rules, in the order of decision. */
  readonly rows: readonly Row[]
  readonly roles: ReadonlyMap<string, RoleLinks>
  /** Where a pattern of a function stands in a tree, and what it answers. */
  readonly patterns: (name: string, pattern: string) => Pattern
}

export interface Pattern {
  readonly shape: Shape
  readonly test: (value: string) => boolean
}

/** What the keys of one plan select for a principal. */
interface Table {
  /** Positions that no pattern decides on, in order. */
  readonly always: readonly number[]
  readonly tree: PathIndex<number> | undefined
}

/** What is kept for a principal. `T` is what the user of the candidates finds out. */
export interface Entry<T> {
  readonly tables: readonly Table[]
  readonly answers: Map<string, T>
}

type Level<T> = Map<string, Level<T> | Entry<T>>
/** The positions of the rules by their value in one column. */
type Postings = ReadonlyMap<string, readonly number[]>

export class Candidates<T> {
  /** The fields of a request that the keys look at: an entry is kept for each of their values. */
  readonly fields: readonly number[]
  readonly #source: CandidateSource
  readonly #postings: ReadonlyMap<number, Postings>
  /** The tables of plans without keys, which are the same for everybody. */
  readonly #shared = new Map<Plan, Table>()
  #top: Level<T> = new Map()
  #entries = 0
  #rules = 0
  #answers = 0

  constructor(source: CandidateSource) {
    const keys = source.plans.flatMap((plan) => plan.keys)
    this.#source = source
    this.fields = [...new Set(keys.flatMap(({ terms }) => terms.flatMap(fieldsOf)))]
    this.#postings = new Map(keys.map(({ rule }) => [rule, postingsOf(source.rows, rule)]))
  }

  /** The entry for a request, whose fields that matter are text. */
  entryFor(request: readonly unknown[]): Entry<T> {
    let found: Level<T> | Entry<T> | undefined = this.#top
    for (const field of this.fields) {
      found = (found as Level<T> | undefined)?.get(String(request[field]))
    }
    // With no field at all there is one entry.
    if (this.fields.length === 0) found = this.#top.get('')
    return (found as Entry<T> | undefined) ?? this.#enter(request)
  }

  /** The positions left over for a request, in order; one may stand twice, which no effect minds. */
  positions({ tables }: Entry<T>, request: readonly unknown[]): readonly number[] {
    const [first, ...others] = tables
    if (first === undefined) return []
    if (others.length === 0 && first.tree === undefined) return first.always
    const found = tables.flatMap((table, at) => this.#find(table, at, request))
    return found.length < 2 ? found : found.sort((left, right) => left - right)
  }

  /** Remembers an answer; when there are too many, all memory begins anew. */
  remember(entry: Entry<T>, key: string, answer: T): void {
    this.#answers += 1
    if (this.#answers > limits.answersCached) this.#forget()
    entry.answers.set(key, answer)
  }

  #find({ always, tree }: Table, at: number, request: readonly unknown[]): readonly number[] {
    const field = this.#source.plans[at]?.path?.terms[0]?.request
    if (tree === undefined || field === undefined) return always
    const found = [...always]
    tree.find(String(request[field]), found)
    return found
  }

  #enter(request: readonly unknown[]): Entry<T> {
    const tables = this.#source.plans.map((plan) => this.#tableFor(plan, request))
    this.#entries += 1
    if (this.#entries > limits.tablesCached || this.#rules > limits.tableRulesCached) {
      this.#forget()
    }
    const entry: Entry<T> = { tables, answers: new Map() }
    const values = this.fields.map((field) => String(request[field]))
    const last = values.pop() ?? ''
    let level = this.#top
    for (const value of values) {
      const below = (level.get(value) as Level<T> | undefined) ?? new Map()
      level.set(value, below)
      level = below
    }
    level.set(last, entry)
    return entry
  }

  #forget(): void {
    this.#top = new Map()
    this.#entries = 0
    this.#rules = 0
    this.#answers = 0
  }

  #tableFor(plan: Plan, request: readonly unknown[]): Table {
    const shared = this.#shared.get(plan)
    if (shared !== undefined) return shared
    const selected = this.#select(plan, request)
    const table = this.#tableOf(plan, selected)
    if (plan.keys.length === 0) this.#shared.set(plan, table)
    else this.#rules += selected.length
    return table
  }

  /** Goes through the rules of the key that selects the fewest, and tests the other keys on them. */
  #select({ keys }: Plan, request: readonly unknown[]): readonly number[] {
    const { rows } = this.#source
    const wanted = keys.map((key) => ({ rule: key.rule, values: this.#valuesFor(key, request) }))
    const lists = wanted.map(({ rule, values }) =>
      [...values].map((value) => this.#postings.get(rule)?.get(value) ?? []),
    )
    const sizes = lists.map((list) => list.reduce((sum, { length }) => sum + length, 0))
    const smallest = lists[sizes.indexOf(Math.min(...sizes))]?.flat() ?? [...rows.keys()]
    const fits = (row: Row) => wanted.every(({ rule, values }) => values.has(row[rule] ?? ''))
    return smallest.filter((at) => fits(rows[at] ?? [])).sort((left, right) => left - right)
  }

  /** The rule values that a key accepts for this request. */
  #valuesFor({ terms, wildcards }: Key, request: readonly unknown[]): ReadonlySet<string> {
    const values = new Set(wildcards)
    for (const term of terms) {
      const asked = String(request[term.request])
      if (term.kind !== 'role') values.add(asked)
      else {
        const domain = term.domain === undefined ? undefined : String(request[term.domain])
        const held = this.#source.roles.get(term.name)?.held(asked, domain)
        for (const role of held ?? []) values.add(role)
      }
    }
    return values
  }

  #tableOf({ path }: Plan, selected: readonly number[]): Table {
    if (path === undefined) return { always: selected, tree: undefined }
    const always: number[] = []
    const tree = createPathIndex<number>()
    for (const at of selected) {
      const value = this.#source.rows[at]?.[path.rule] ?? ''
      if (path.wildcards.includes(value)) always.push(at)
      else {
        for (const term of path.terms) {
          const { shape, test } = this.#patternOf(term, value)
          tree.add(shape, test, at)
        }
      }
    }
    return { always, tree }
  }

  #patternOf(term: Term, value: string): Pattern {
    if (term.kind === 'pattern') return this.#source.patterns(term.name, value)
    return { shape: { kind: 'below', segments: [] }, test: (asked) => asked === value }
  }
}

function fieldsOf(term: Term): number[] {
  return term.kind === 'role' && term.domain !== undefined
    ? [term.request, term.domain]
    : [term.request]
}

function postingsOf(rows: readonly Row[], rule: number): Postings {
  return Map.groupBy(rows.keys(), (at) => rows[at]?.[rule] ?? '')
}
