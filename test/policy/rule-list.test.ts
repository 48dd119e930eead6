import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Rule } from '../../src/policy/rule.ts'
import { RuleList } from '../../src/policy/rule-list.ts'

const rule = (name: string): Rule => ({
  ptype: 'p',
  values: [name],
  source: { kind: 'built-in' },
})

describe('a list of rules', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(rule) as [Rule, Rule, Rule]
  const list = RuleList.of([a, b])

  test('has each at its position', () => {
    expect([list.at(-1), list.at(0), list.at(1), list.at(2)]).toEqual([undefined, a, b, undefined])
    expect([list.end, list.size]).toEqual([2, 2])
  })

  test('gives a changed one, in which what stays keeps its position', () => {
    const changed = list.with({ added: [c], removed: [a] })
    expect(changed?.toArray()).toEqual([b, c])
    expect([changed?.at(0), changed?.at(1), changed?.at(2)]).toEqual([undefined, b, c])
    expect([changed?.end, changed?.size]).toEqual([3, 2])
    expect(list.toArray()).toEqual([a, b])
  })

  test('knows rules by identity: another of the same words is another', () => {
    expect(list.with({ added: [], removed: [rule('a')] })).toBeUndefined()
  })

  test.each([
    ['that is not in it', [rule('x')]],
    ['that is named twice', [a, a]],
  ])('is not made without a rule %s', (_, removed) => {
    expect(list.with({ added: [], removed })).toBeUndefined()
  })

  test('does not bring a rule back that went', () => {
    const without = list.with({ added: [], removed: [a] })
    expect(without?.with({ added: [], removed: [a] })).toBeUndefined()
    expect(without?.with({ added: [a], removed: [] })?.toArray()).toEqual([b, a])
  })

  test('after any changes holds what an array would, and so do those before it', () => {
    const change = fc.record({ add: fc.nat(3), remove: fc.array(fc.nat(20), { maxLength: 3 }) })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        let [now, plain] = [RuleList.of([a, b, c]), [a, b, c]]
        const seen: [RuleList, Rule[]][] = []
        for (const { add, remove } of changes) {
          const removed = [...new Set(remove.flatMap((at) => plain[at] ?? []))]
          const added = Array.from({ length: add }, (_, at) => rule(`${at}`))
          const next = now.with({ added, removed })
          if (next === undefined) throw new Error('no list')
          now = next
          plain = [...plain.filter((one) => !removed.includes(one)), ...added]
          seen.push([now, plain])
        }
        for (const [list, rules] of seen) {
          expect(list.toArray()).toEqual(rules)
          expect([...list.entries()].map(([at, one]) => list.at(at) === one)).toEqual(
            rules.map(() => true),
          )
          expect(list.size).toBe(rules.length)
        }
      }),
    )
  })
})
