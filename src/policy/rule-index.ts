/**
 * The rules that one plan selects, found by the values of its keys. Rules of the same values are a
 * group, named by a number for each value: with the keys sub, dom and act, all rules that begin
 * `p, role:reader, *` and end `GET, allow` may be the group `4,0,1,`. A group becomes a table, with a
 * tree of its patterns, whoever asks; a small one when it is first asked for, so that a load costs
 * little and rules that nobody meets cost nothing.
 *
 * What an index finds never changes. An edit makes another one that shares the large part, `base`,
 * and lays a small part over it.
 */
import { limits } from '../lib/limits.ts'
import { finish, type Steps } from '../lib/turns.ts'
import { createPathIndex, type PathIndex, type Shape } from './patterns/path-index.ts'
import type { Plan, Term } from './plan.ts'
import type { Rule } from './rule.ts'
import type { RuleList } from './rule-list.ts'

/** What the rules of the same key values say. */
export interface Table {
  /** Positions that no pattern decides on, in order. */
  readonly always: readonly number[]
  readonly tree: PathIndex<number> | undefined
}

/** The rules as they were at one moment, and where each group of them stands. */
interface Layer {
  readonly rules: RuleList
  readonly patternOf: PatternOf
  readonly groups: ReadonlyMap<string, readonly number[]>
  /** Made of the groups when they are first asked for. */
  readonly tables: Map<string, Table>
}

export interface Pattern {
  readonly shape: Shape
  readonly test: (value: string) => boolean
}

/** Where a pattern of a function stands in a tree, and what it answers. */
export type PatternOf = (name: string, pattern: string) => Pattern

export class RuleIndex {
  readonly plan: Plan
  /**
   * A number for each value of each key. Shared with the indexes that come of this one, which add
   * to it: an older one has no group under a newer number.
   */
  readonly #numbers: readonly Map<string, number>[]
  readonly #base: Layer
  readonly #added: Layer | undefined

  private constructor(
    plan: Plan,
    numbers: readonly Map<string, number>[],
    base: Layer,
    added?: Layer,
  ) {
    this.plan = plan
    this.#numbers = numbers
    this.#base = base
    this.#added = added
  }

  static *build(plan: Plan, rules: RuleList, patternOf: PatternOf): Steps<RuleIndex> {
    const numbers = plan.keys.map(() => new Map<string, number>())
    const groups = new Map<string, number[]>()
    for (const [position, rule] of rules.entries()) {
      if (position % limits.turnRules === 0) yield
      addTo(groups, groupOf(plan, numbers, rule), position)
    }
    const tables = new Map<string, Table>()
    const base = { rules, patternOf, groups, tables }
    // A large one takes too long to make while somebody waits for a decision.
    for (const [group, positions] of groups) {
      if (positions.length <= limits.lateTableRules) continue
      tables.set(group, yield* buildTable(plan, base, positions))
    }
    return new RuleIndex(plan, numbers, base)
  }

  /**
   * The index over `rules`, which are those of this one with some taken away and, from `start` on,
   * others added.
   */
  with(rules: RuleList, start: number, patternOf: PatternOf): RuleIndex {
    const groups = new Map(this.#added?.groups)
    const tables = new Map(this.#added?.tables)
    for (let position = start; position < rules.end; position += 1) {
      const rule = rules.at(position)
      if (rule === undefined) continue
      const group = groupOf(this.plan, this.#numbers, rule)
      groups.set(group, [...(groups.get(group) ?? []), position])
      tables.delete(group)
    }
    const added = { rules, patternOf, groups, tables }
    return new RuleIndex(this.plan, this.#numbers, this.#base, added)
  }

  /** The tables of the rules whose keys have one of `values` each; positions may have no rule left. */
  tablesFor(values: readonly Iterable<string>[]): readonly Table[] {
    const found: Table[] = []
    for (const group of this.#groupsFor(values)) {
      const base = this.#table(this.#base, group)
      if (base !== undefined) found.push(base)
      const added = this.#added === undefined ? undefined : this.#table(this.#added, group)
      if (added !== undefined) found.push(added)
    }
    return found
  }

  /** Every combination of those values that stand in some rule; a group need not be there. */
  #groupsFor(values: readonly Iterable<string>[]): readonly string[] {
    let groups = ['']
    for (const [at, numbers] of this.#numbers.entries()) {
      const next: string[] = []
      for (const value of values[at] ?? []) {
        const number = numbers.get(value)
        if (number !== undefined) for (const group of groups) next.push(`${group}${number},`)
      }
      groups = next
    }
    return groups
  }

  #table(layer: Layer, group: string): Table | undefined {
    const known = layer.tables.get(group)
    if (known !== undefined) return known
    const positions = layer.groups.get(group)
    if (positions === undefined) return undefined
    const table = finish(buildTable(this.plan, layer, positions))
    layer.tables.set(group, table)
    return table
  }
}

function* buildTable(
  { path }: Plan,
  { rules, patternOf }: Layer,
  positions: readonly number[],
): Steps<Table> {
  if (path === undefined) return { always: positions, tree: undefined }
  const always: number[] = []
  const tree = createPathIndex<number>()
  for (const [at, position] of positions.entries()) {
    if (at % limits.turnRules === 0) yield
    const rule = rules.at(position)
    if (rule === undefined) continue
    const value = rule.values[path.rule] ?? ''
    if (path.wildcards.includes(value)) always.push(position)
    else {
      for (const term of path.terms) {
        const { shape, test } = readTerm(term, value, patternOf)
        tree.add(shape, test, position)
      }
    }
  }
  return { always, tree }
}

/** No role is here: a key with patterns has none (`plan.ts`). */
function readTerm(term: Term, value: string, patternOf: PatternOf): Pattern {
  if (term.kind === 'pattern') return patternOf(term.name, value)
  return { shape: { kind: 'exact', text: value }, test: (asked) => asked === value }
}

/** The values of a rule in the columns of the keys, as one text; new values get a number. */
function groupOf({ keys }: Plan, numbers: readonly Map<string, number>[], rule: Rule): string {
  let group = ''
  for (const [at, known] of numbers.entries()) {
    const value = rule.values[keys[at]?.rule ?? -1] ?? ''
    const number = known.get(value) ?? known.size
    if (number === known.size) known.set(value, number)
    group += `${number},`
  }
  return group
}

function addTo(groups: Map<string, number[]>, group: string, position: number): void {
  const positions = groups.get(group)
  if (positions === undefined) groups.set(group, [position])
  else positions.push(position)
}
