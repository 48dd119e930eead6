/** Rules in the order of decision, of which a changed copy costs what was changed, not what is there. */
import type { Rule } from './rule.ts'

/** Rules that come behind all others, and rules that go, by identity. */
export interface RuleChange {
  readonly added: readonly Rule[]
  readonly removed: readonly Rule[]
}

const nothing: ReadonlySet<number> = new Set()

/** A list that never changes. A rule keeps its position in every list that is made of this one. */
export class RuleList {
  readonly #base: readonly Rule[]
  readonly #added: readonly Rule[]
  readonly #removed: ReadonlySet<number>
  /** One more than the last position. */
  readonly end: number

  private constructor(base: readonly Rule[], added: readonly Rule[], removed: ReadonlySet<number>) {
    this.#base = base
    this.#added = added
    this.#removed = removed
    this.end = base.length + added.length
  }

  /** `rules` is kept and must not change any more. */
  static of(rules: readonly Rule[]): RuleList {
    return new RuleList(rules, [], nothing)
  }

  /** Number of rules in it. */
  get size(): number {
    return this.end - this.#removed.size
  }

  /** The rule at a position; nothing where one was taken away, or never was. */
  at(position: number): Rule | undefined {
    if (this.#removed.size > 0 && this.#removed.has(position)) return undefined
    const behind = position - this.#base.length
    return behind < 0 ? this.#base[position] : this.#added[behind]
  }

  /** The list after a change; `undefined` where a rule that should go is not there. */
  with({ added, removed }: RuleChange): RuleList | undefined {
    const gone = new Set(this.#removed)
    for (const rule of removed) {
      const position = this.#positionOf(rule)
      if (position < 0 || gone.has(position)) return undefined
      gone.add(position)
    }
    const all = added.length === 0 ? this.#added : [...this.#added, ...added]
    return new RuleList(this.#base, all, gone)
  }

  #positionOf(rule: Rule): number {
    const behind = this.#added.indexOf(rule)
    return behind < 0 ? this.#base.indexOf(rule) : this.#base.length + behind
  }

  /** Each rule with its position. */
  *entries(): Generator<[number, Rule]> {
    for (let position = 0; position < this.end; position += 1) {
      const rule = this.at(position)
      if (rule !== undefined) yield [position, rule]
    }
  }

  /** The rules alone. */
  toArray(): readonly Rule[] {
    if (this.#added.length + this.#removed.size === 0) return this.#base
    return [...this.#base, ...this.#added].filter((_, position) => !this.#removed.has(position))
  }
}
