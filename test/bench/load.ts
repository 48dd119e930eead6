/** Asks one address over a number of connections for a while; a process of its own. Prints JSON. */
import { Pool } from 'undici'

const [address = '', key = '', connections = '50', milliseconds = '2000'] = process.argv.slice(2)
const { origin, pathname } = new URL(address)
const pool = new Pool(origin, { connections: Number(connections), pipelining: 1 })
const headers = key === '' ? {} : { authorization: `Bearer ${key}` }
const until = performance.now() + Number(milliseconds)
const latencies: number[] = []
let wrong = 0

async function ask(): Promise<void> {
  while (performance.now() < until) {
    const start = performance.now()
    const { statusCode, body } = await pool.request({ method: 'GET', path: pathname, headers })
    await body.dump()
    latencies.push(performance.now() - start)
    if (statusCode !== 200) wrong += 1
  }
}

await Promise.all(Array.from({ length: Number(connections) }, ask))
await pool.close()
latencies.sort((left, right) => left - right)
const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0
process.stdout.write(
  JSON.stringify({ requests: latencies.length, wrong, p50: at(0.5), p99: at(0.99) }),
)
