import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildEngine } from '../../src/policy/engine.ts'
import { isAllowed } from './reference.ts'
import { oracleOf } from './support-oracle.ts'
import { type World, worlds } from './support-worlds.ts'

/** What the documentation does not describe, or describes otherwise than every library has it. */
const undocumented = /keyGet|ipMatch|globMatch|\.(?:age|deep|where)/

function isDocumented({ model, requests }: World): boolean {
  const text = requests.flat().every((value) => typeof value === 'string')
  const known = !undocumented.test(model.matcher) && !model.effect.startsWith('subjectPriority')
  // A matcher without a rule's field is a special case of the library's.
  return text && known && model.readsPolicy
}

/** Without patterns that only the code of the library explains, and repeated parameters (H3). */
function documentedRules({ rules }: World): World['rules'] {
  return rules.filter(
    ({ values }) =>
      !values.includes('*') && !values.includes('x') && !values.includes('/{x}/{y}/{x}'),
  )
}

function ask({ model }: World, rules: World['rules'], request: readonly unknown[]): boolean {
  const of = (type: string) =>
    rules.filter(({ ptype }) => ptype === type).map(({ values }) => values)
  const spelt = (text: string) => text.replace(/\b([rp])_/g, '$1.')
  return isAllowed(
    {
      r: model.requestColumns,
      p: model.policyColumns['p'] ?? [],
      effect: spelt(model.effect),
      matcher: spelt(model.matcher),
    },
    { p: of('p'), roles: { g: of('g'), g2: of('g2') } },
    request,
  )
}

describe('an evaluator written from the documentation alone', () => {
  test('allows what the engine allows and what casbin allows', async () => {
    const documented = worlds(40).filter(isDocumented)
    let asked = 0
    await fc.assert(
      fc.asyncProperty(documented, async (world) => {
        const rules = documentedRules(world)
        if (!rules.some(({ ptype }) => ptype === 'p')) return
        const engine = await buildEngine(world.model, rules)
        const oracle = await oracleOf({ ...world, rules })
        for (const request of world.requests) {
          const expected = ask(world, rules, request)
          const shown = `${world.model.matcher} ${JSON.stringify(request)}`
          expect(engine.evaluate(request).allow, shown).toBe(expected)
          expect(oracle(request).allow, shown).toBe(expected)
          asked += 1
        }
      }),
      { seed: 20_261_124, numRuns: 150 },
    )
    expect(asked).toBeGreaterThan(3_000)
  })

  test('the example of the documentation: an allow by a role, a deny that beats it', () => {
    const model = {
      r: ['sub', 'obj', 'act'],
      p: ['sub', 'obj', 'act', 'eft'],
      effect: 'some(where (p.eft == allow)) && !some(where (p.eft == deny))',
      matcher: 'g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act',
    }
    const p = [
      ['alice', 'data1', 'read', 'allow'],
      ['data2_admin', 'data2', 'write', 'allow'],
      ['alice', 'data2', 'write', 'deny'],
    ]
    const roles = {
      g: [
        ['alice', 'data2_admin'],
        ['bob', 'data2_admin'],
      ],
    }
    const answers = [
      ['alice', 'data1', 'read'],
      ['alice', 'data2', 'write'],
      ['bob', 'data2', 'write'],
      ['bob', 'data1', 'read'],
    ].map((request) => isAllowed(model, { p, roles }, request))
    expect(answers).toEqual([true, false, true, false])
  })
})
