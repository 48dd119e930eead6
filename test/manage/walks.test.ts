import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresUrl } from '../support/databases.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { auditSince, isChain } from './walks-record.ts'
import { kinds, type Step, step } from './walks-steps.ts'
import { beginWalk, checkChain, takeStep } from './walks-walk.ts'
import { applications, guardrails } from './walks-world.ts'

const WALKS = 5
const STEPS = 50
/** What failed is repeated with the `seed` and the `path` that the failure tells. */
const repeat = { seed: 6 }

const walks = fc.record({
  owners: fc.constantFrom(1, 2),
  steps: fc.array(step, { minLength: STEPS, maxLength: STEPS }),
})

const starts = {
  embedded: async () => startGateway({ applications, rules: guardrails }),
  postgres: async () => {
    const env = { DATABASE_URL: await postgresUrl(), SECRET_KEY: 's'.repeat(40) }
    return startGateway({ applications, rules: guardrails, env })
  },
}
const gateways: Partial<Record<keyof typeof starts, TestGateway>> = {}
// Both at once: most of it is waiting.
beforeAll(async () => {
  const [embedded, postgres] = await Promise.all([starts.embedded(), starts.postgres()])
  Object.assign(gateways, { embedded, postgres })
}, 60_000)
afterAll(async () => {
  for (const gateway of Object.values(gateways)) await gateway.stop()
})

describe.each(['embedded', 'postgres'] as const)('a walk over the management API (%s)', (kind) => {
  const done = new Set<string>()
  let begun = 0
  const walkAlong = async ({ owners, steps }: { owners: number; steps: readonly Step[] }) => {
    const gateway = gateways[kind] as TestGateway
    begun += 1
    const walk = await beginWalk(gateway, `walk${begun}`, owners)
    try {
      for (const one of steps) await takeStep(walk, one)
      await checkChain(walk)
    } catch (error) {
      const lines = walk.told.map((line, index) => `${index + 1}. ${line}`)
      throw new Error([`Step by step:`, ...lines, String(error)].join('\n'), { cause: error })
    }
    for (const kind of walk.done) done.add(kind)
  }

  test('gives nobody more than its actor holds, keeps an owner and an audit row for each change', async () => {
    // Every run leaves an organisation behind, so a shorter walk is no repetition of a longer one.
    const property = fc.asyncProperty(walks, walkAlong)
    await fc.assert(property, { ...repeat, numRuns: WALKS, endOnFailure: true })
    // A walk on which nearly everything is refused would prove nothing.
    expect(done.size).toBeGreaterThan(0.75 * kinds.length)
    expect(isChain(await auditSince((gateways[kind] as TestGateway).running.db, 'platform'))).toBe(
      true,
    )
  }, 60_000)
})
