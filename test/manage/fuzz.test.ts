/** Every operation, asked with what its schemas allow and with what they do not. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Fuzzer, openFuzzer } from './fuzz/run.ts'
import { rows } from './matrix-scene.ts'

/** Few and always the same, unless `npm run fuzz` says otherwise. */
const runs = Number(process.env['FUZZ_REQUESTS'] ?? 3)
const seed = Number(process.env['FUZZ_SEED'] ?? 1)

let fuzzer: Fuzzer
beforeAll(async () => {
  fuzzer = await openFuzzer()
})
afterAll(() => fuzzer.close())

test.each(rows)(
  '%s answers only what the document says, whatever it is sent',
  async (_, operation) => {
    const { works, problems } = await fuzzer.fuzz(operation, { seed, runs })
    expect({ works, problems }).toEqual({ works: true, problems: [] })
  },
  60_000 + runs * 1_000,
)
