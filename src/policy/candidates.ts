/**
 * The rules that the plans of a matcher leave over for a request. The tables that the keys select for
 * a principal are looked up once and kept with the answers that were found in them: the memory of
 * each principal inside a snapshot, bounded.
 */
import { limits } from '../lib/limits.ts'
import { segmentsOf } from './patterns/path-index.ts'
import type { Key, Term } from './plan.ts'
import type { RoleLinks } from './role-links.ts'
import type { RuleIndex, Table } from './rule-index.ts'
import type { RuleList } from './rule-list.ts'

export interface CandidateSource {
  /** One for each plan of the matcher. */
  readonly indexes: readonly RuleIndex[]
  readonly rules: RuleList
  readonly roles: ReadonlyMap<string, RoleLinks>
}

/** What is kept for a principal. `T` is what is decided from the candidates: an answer. */
export interface Entry<T> {
  /** The tables of each plan. */
  readonly tables: readonly (readonly Table[])[]
  answers: Map<string, T> | undefined
}

/** Entries by the value of the first of `fields`, below that by the second, and so on. */
type Level<T> = Map<string, Level<T> | Entry<T>>

export class Candidates<T> {
  /** The fields of a request that the keys look at: an entry is kept for each of their values. */
  readonly fields: readonly number[]
  readonly #source: CandidateSource
  #top: Level<T> = new Map()
  #entries = 0
  #answers = 0

  constructor(source: CandidateSource) {
    const keys = source.indexes.flatMap(({ plan }) => plan.keys)
    this.#source = source
    const terms = keys.flatMap((key) => key.terms)
    // Who asks comes last: few organisations and methods branch before many principals.
    const members = terms.flatMap((term) => (term.kind === 'role' ? term.request : []))
    const others = terms.flatMap(fieldsOf).filter((field) => !members.includes(field))
    this.fields = [...new Set([...others, ...members])]
  }

  /** The entry for a request, whose fields that matter are text. */
  entryFor(request: readonly unknown[]): Entry<T> {
    let found: Level<T> | Entry<T> | undefined = this.#top
    for (const field of this.fields) {
      found = (found as Level<T> | undefined)?.get(request[field] as string)
    }
    // With no field at all there is one entry.
    if (this.fields.length === 0) found = this.#top.get('')
    return (found as Entry<T> | undefined) ?? this.#enter(request)
  }

  /** The positions left over for a request, in order; one may stand twice, which no effect minds. */
  positions({ tables }: Entry<T>, request: readonly unknown[]): readonly number[] {
    const { indexes, rules } = this.#source
    const found: number[] = []
    for (const [at, { plan }] of indexes.entries()) {
      const field = plan.path?.terms[0]?.request
      const path = field === undefined ? '' : String(request[field])
      const segments = segmentsOf(path)
      for (const { always, tree } of tables[at] ?? []) {
        for (const position of always) found.push(position)
        tree?.find(path, segments, found)
      }
    }
    // A table may be older than what was taken away.
    const left = found.filter((position) => rules.at(position) !== undefined)
    return left.length < 2 ? left : left.sort((one, other) => one - other)
  }

  /** Remembers an answer; when there are too many, all memory begins anew. */
  remember(entry: Entry<T>, key: string, answer: T): void {
    this.#answers += 1
    if (this.#answers > limits.answersCached) this.#forget()
    entry.answers ??= new Map()
    entry.answers.set(key, answer)
  }

  #enter(request: readonly unknown[]): Entry<T> {
    const tables = this.#source.indexes.map((index) => {
      return index.tablesFor(index.plan.keys.map((key) => this.#valuesFor(key, request)))
    })
    this.#entries += 1
    if (this.#entries > limits.tablesCached) this.#forget()
    const entry: Entry<T> = { tables, answers: undefined }
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
    this.#answers = 0
  }

  /** The rule values that a key accepts for this request; one may come twice. */
  #valuesFor({ terms, wildcards }: Key, request: readonly unknown[]): readonly string[] {
    const values = [...wildcards]
    for (const term of terms) {
      const asked = String(request[term.request])
      if (term.kind !== 'role') values.push(asked)
      else {
        const domain = term.domain === undefined ? undefined : String(request[term.domain])
        const held = this.#source.roles.get(term.name)?.held(asked, domain)
        for (const role of held ?? []) values.push(role)
      }
    }
    return values
  }
}

function fieldsOf(term: Term): number[] {
  return term.kind === 'role' && term.domain !== undefined
    ? [term.request, term.domain]
    : [term.request]
}
