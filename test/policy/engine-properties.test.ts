/** The invariants on any model that is compiled, not on ours alone. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildEngine } from '../../src/policy/engine.ts'
import { parseModel } from '../../src/policy/model/model.ts'
import type { Rule } from '../../src/policy/rule.ts'
import { outcomeOf } from './support-oracle.ts'
import { effects, type World, worlds } from './support-worlds.ts'

const [denyOverrides, anyAllow] = effects
const runs = { seed: 20_261_125, numRuns: 120 }

/** The same world with another effect; its order is then that of the rules. */
function withEffect({ model, ...rest }: World, effect: string): World {
  const text = model.text
    .replace(/^e = .*$/m, `e = ${effect}`)
    .replace('p = priority,', 'p = rank,')
  return { ...rest, model: parseModel(text, 'm.conf') }
}

function hasPermission({ rules }: World): boolean {
  return rules.some(({ ptype }) => ptype === 'p')
}

/** Whether each request is allowed; an error is a deny (I3). */
async function allowed({ model, requests }: World, rules: readonly Rule[]): Promise<boolean[]> {
  const engine = await buildEngine(model, rules)
  return requests.map((request) => {
    const outcome = outcomeOf(() => engine.evaluate(request))
    return outcome !== 'error' && outcome.allow
  })
}

describe('any compiled model', () => {
  test('I4: the order of rules changes no answer where a deny is absolute', async () => {
    const shuffled = worlds(30)
      .filter(hasPermission)
      .chain(({ rules, ...world }) =>
        fc.record({
          world: fc.constant(withEffect({ ...world, rules }, denyOverrides)),
          other: fc.shuffledSubarray([...rules], {
            minLength: rules.length,
            maxLength: rules.length,
          }),
        }),
      )
    await fc.assert(
      fc.asyncProperty(shuffled, async ({ world, other }) => {
        expect(await allowed(world, other)).toEqual(await allowed(world, world.rules))
      }),
      runs,
    )
  })

  test('I3: an allow names a rule that allows, and a deny of a rule names one that denies', async () => {
    await fc.assert(
      fc.asyncProperty(
        worlds(30).filter(hasPermission),
        fc.constantFrom(denyOverrides, anyAllow),
        async (world, effect) => {
          const { model, rules, requests } = withEffect(world, effect)
          const engine = await buildEngine(model, rules)
          for (const request of requests) {
            const outcome = outcomeOf(() => engine.evaluate(request))
            if (outcome === 'error' || !model.readsPolicy) continue
            if (outcome.allow) expect(outcome.rule).toBeDefined()
            if (outcome.rule === undefined) continue
            expect(rules).toContain(outcome.rule)
            expect(outcome.rule.values.at(-1)).toBe(outcome.allow ? 'allow' : 'deny')
          }
        },
      ),
      runs,
    )
  })

  test('I10: rules of one domain change no answer in another, where the matcher compares it', async () => {
    const comparing = worlds(30)
      .filter((world) => hasPermission(world) && world.model.requestColumns.includes('dom'))
      .map((world) => withEffect(world, denyOverrides))
      .map(({ model, ...rest }) => {
        const text = model.text.replace(/^m = (.*)$/m, 'm = r.dom==p.dom&&($1)')
        return { ...rest, model: parseModel(text, 'm.conf') }
      })
    const named = (rule: Rule, { model }: World) => {
      const columns = model.policyColumns['p'] ?? []
      return rule.ptype === 'g2' || rule.values[rule.ptype === 'g' ? 2 : columns.indexOf('dom')]
    }
    await fc.assert(
      fc.asyncProperty(comparing, async (world) => {
        const own = world.rules.filter((rule) => named(rule, world) !== 'd2')
        if (!own.some(({ ptype }) => ptype === 'p')) return
        const requests = world.requests.filter((request) => request[1] === 'd1')
        // A clause that looks at the domain of the rule itself belongs to that rule alone.
        const asked = { ...world, requests }
        expect(await allowed(asked, own)).toEqual(await allowed(asked, world.rules))
      }),
      runs,
    )
  })

  test('I7: engines that are built at once do not share what they remember', async () => {
    const pairs = fc.tuple(worlds(30), worlds(30)).filter((both) => both.every(hasPermission))
    await fc.assert(
      fc.asyncProperty(pairs, async ([one, two]) => {
        const alone = [await allowed(one, one.rules), await allowed(two, two.rules)]
        const together = await Promise.all([allowed(one, one.rules), allowed(two, two.rules)])
        expect(together).toEqual(alone)
      }),
      { ...runs, numRuns: 40 },
    )
  })
})
