import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/policy/decide.ts'
import { type PolicyFiles, parsePolicyFiles } from '../../../src/policy/files/files.ts'
import { matchPath } from '../../../src/policy/patterns/pattern.ts'
import { compareFiles, type FilesDifference } from '../../../src/policy/questions/diff-files.ts'
import { anybodyElse } from '../../../src/policy/questions/diff-names.ts'
import { buildSnapshot } from '../../../src/policy/snapshot.ts'
import { appsText, modelText, ruleOf } from '../support.ts'
import { actions, asking, method, objects, pattern } from './permission-worlds.ts'

function filesOf(lines: readonly string[]): PolicyFiles {
  // A policy without any rule is not served.
  const rules = ['p, user:nobody, *, /docs/nowhere, GET, allow', ...lines]
  return parsePolicyFiles({
    model: { name: 'model.conf', text: modelText },
    files: new Map([
      ['policies/apps.yaml', appsText],
      ['policies/a.csv', `${rules.join('\n')}\n`],
    ]),
  })
}

async function differences(before: readonly string[], after: readonly string[], own?: string[]) {
  const rules = own?.map((line) => ruleOf(line))
  const found = await compareFiles(
    filesOf(before),
    filesOf(after),
    rules && { organisation: 'acme', rules },
  )
  if ('kind' in found) throw new Error(found.because)
  return found
}

const told = (found: readonly FilesDifference[]) =>
  found.map(({ organisation, who, kind, method: act, object, except }) =>
    [organisation, who.join('+'), kind, act, object, ...except].join(' '),
  )

describe('what other policy files change', () => {
  test('is told once where it is the same in every organisation', async () => {
    const named = 'p, role:other, org:acme, /docs/a, GET, allow'
    const found = await differences([named], [named, 'p, role:r, *, /docs/:id, GET, allow'])
    expect(told(found)).toEqual(['* role:r gains GET /docs/:id'])
  })

  test('is told of an organisation that the files name, where it is another', async () => {
    const deny = 'p, *, org:acme, /docs/a, GET, deny'
    const found = await differences([deny], [deny, 'p, role:r, *, /docs/:id, GET, allow'])
    expect(told(found)).toEqual([
      '* role:r gains GET /docs/:id',
      'org:acme role:r gains GET /docs/:id /docs/a',
    ])
  })

  test('is nothing where rules only move, are said twice over or mean the same', async () => {
    const [wide, narrow] = ['/docs/*', '/docs/a'].map((on) => `p, role:r, *, ${on}, GET, allow`)
    expect(await differences([wide ?? '', narrow ?? ''], [narrow ?? '', wide ?? ''])).toEqual([])
    expect(await differences([wide ?? ''], [wide ?? '', narrow ?? ''])).toEqual([])
  })

  test('names the people of an organisation whose own rules are given', async () => {
    const own = ['g, user:ann, role:r, org:acme']
    const found = await differences([], ['p, role:r, *, /docs/a, GET, allow'], own)
    expect(found.map(({ organisation, subjects }) => [organisation, subjects])).toEqual([
      ['org:acme', ['user:ann']],
    ])
  })
})

/** Guardrails of every organisation and of two that they name. */
const lines = fc.uniqueArray(
  fc
    .tuple(
      fc.constantFrom('user:a', 'role:r', '*', 'anonymous'),
      fc.constantFrom('*', '*', 'org:acme', 'org:bolt'),
      ...([pattern, method, fc.constantFrom('allow', 'allow', 'deny')] as const),
    )
    .map(([sub, dom, obj, act, eft]) => `p, ${sub}, ${dom}, ${obj}, ${act}, ${eft}`),
  { maxLength: 6 },
)

function says(
  found: readonly FilesDifference[],
  kind: string,
  dom: string,
  ask: readonly string[],
) {
  const [sub = '', act = '', obj = ''] = ask
  const on = (text: string) => matchPath(text, obj)
  return found.some((one) => {
    const at = one.organisation === dom
    const of = one.kind === kind && (one.method === '*' || one.method === act)
    const whom = one.subjects.includes(sub) || one.subjects.includes(anybodyElse)
    return at && of && whom && on(one.object) && !one.except.some(on)
  })
}

test('over files at random, every organisation gains and loses what is predicted, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(lines, lines, async (first, second) => {
      const [before, after] = [filesOf(first), filesOf(second)]
      const found = await differences(first, second)
      for (const organisation of ['acme', 'bolt', 'elsewhere']) {
        const build = (files: PolicyFiles) =>
          buildSnapshot({ files, organisation, revision: 1, rules: [] })
        const [old, next] = [await build(before), await build(after)]
        const dom = `org:${organisation}`
        const own = found.filter((one) => one.organisation === dom)
        const named = [...first, ...second].some((line) => line.includes(dom))
        for (const sub of asking) {
          for (const act of actions) {
            for (const obj of objects) {
              const ask = { sub, dom, obj, act }
              const [was, is] = [decide(old, ask).allow, decide(next, ask).allow]
              if (was === is) continue
              const kind = is ? 'gains' : 'loses'
              // What is the same as everywhere else stands there alone.
              const predicted =
                says(own, kind, dom, [sub, act, obj]) || says(found, kind, '*', [sub, act, obj])
              expect([ask, kind, named, predicted]).toEqual([ask, kind, named, true])
            }
          }
        }
      }
    }),
    { numRuns: 60 },
  )
})
