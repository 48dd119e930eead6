/** `npm run fuzz`: the test of the same name with many more requests, others each time. */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const usage = `npm run fuzz [-- REQUESTS] [--seed N]

Sends each operation of the management API so many requests, 300 unless told otherwise: made from the
schemas of its OpenAPI document, and damaged ones. Stops at no answer that the document does not know,
and lists them all. The seed is printed; the same seed sends the same requests.
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: String(Date.now() % 2 ** 20) },
    help: { type: 'boolean', default: false },
  },
})
const [requests = '300'] = positionals
const given = [requests, values.seed].map(Number)
if (values.help || !given.every(Number.isSafeInteger)) {
  process.stdout.write(usage)
  process.exit(values.help ? 0 : 2)
}
process.stdout.write(`${requests} requests an operation, seed ${values.seed}\n`)
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', '.vitest.config.ts']
const { status } = spawnSync(process.execPath, [...vitest, 'test/manage/fuzz.test.ts'], {
  env: { ...process.env, FUZZ_REQUESTS: requests, FUZZ_SEED: values.seed },
  stdio: 'inherit',
})
process.exit(status ?? 1)
