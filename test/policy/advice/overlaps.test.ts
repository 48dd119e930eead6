import fc from 'fast-check'
import { expect, test } from 'vitest'
import { finish } from '../../../src/lib/turns.ts'
import { checkPolicy } from '../../../src/policy/advice/check.ts'
import { decide } from '../../../src/policy/decide.ts'
import { parsePolicyFiles } from '../../../src/policy/files/files.ts'
import { buildSnapshot, type Snapshot } from '../../../src/policy/snapshot.ts'
import { actions, asking, method, objects, pattern } from '../questions/permission-worlds.ts'
import { appsText, modelText } from '../support.ts'

const textsOf = (lines: readonly string[]) => ({
  model: { name: 'model.conf', text: modelText },
  files: new Map([
    ['policies/apps.yaml', appsText],
    ['policies/a.csv', `p, user:nobody, *, /docs/nowhere, GET, allow\n${lines.join('\n')}\n`],
  ]),
})

function snapshotOf(lines: readonly string[], organisation: string): Promise<Snapshot> {
  const files = parsePolicyFiles(textsOf(lines))
  return buildSnapshot({ files, organisation, revision: 1, rules: [] })
}

const domain = fc.constantFrom('*', '*', 'org:acme')
const permission = fc
  .tuple(
    fc.constantFrom('user:a', 'user:b', 'role:r', 'role:q', '*', 'anonymous'),
    ...([domain, pattern, method, fc.constantFrom('allow', 'allow', 'deny')] as const),
  )
  .map(([sub, dom, obj, act, eft]) => `p, ${sub}, ${dom}, ${obj}, ${act}, ${eft}`)
const membership = fc
  .tuple(
    fc.constantFrom(
      ...([
        ['role:q', 'role:r'],
        ['role:r', 'role:s'],
      ] as const),
    ),
    domain,
  )
  .map(([[one, other], dom]) => `g, ${one}, ${other}, ${dom}`)
const lines = fc.uniqueArray(
  fc.oneof({ weight: 5, arbitrary: permission }, { weight: 1, arbitrary: membership }),
  { minLength: 2, maxLength: 9 },
)

/** Whatever anybody may ask, somebody who holds a role among them. */
async function decisions(rules: readonly string[], organisation: string): Promise<boolean[]> {
  const held = ['user:b', 'role:q', `org:${organisation}`].join(', ')
  const snapshot = await snapshotOf([...rules, `g, ${held}`], organisation)
  const dom = `org:${organisation}`
  return asking.flatMap((sub) =>
    actions.flatMap((act) => objects.map((obj) => decide(snapshot, { sub, dom, obj, act }).allow)),
  )
}

test('a rule that is called redundant or void can be taken away, and nothing changes for anybody', async () => {
  let looked = 0
  await fc.assert(
    fc.asyncProperty(lines, async (rules) => {
      const found = finish(checkPolicy(textsOf(rules)))
      const useless = found.filter(({ kind }) => /^(?:redundant|void)-/.test(kind))
      for (const { line, kind } of useless) {
        looked += 1
        // The first line of the file is ours.
        const rest = rules.filter((_, at) => at !== line - 2)
        for (const organisation of ['acme', 'elsewhere']) {
          const [was, is] = [
            await decisions(rules, organisation),
            await decisions(rest, organisation),
          ]
          expect([kind, line, is]).toEqual([kind, line, was])
        }
      }
    }),
    { numRuns: 150 },
  )
  expect(looked).toBeGreaterThan(50)
})
