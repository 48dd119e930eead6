/** An operation, asked in every wrong way that the schemas and hostile values make. */
import fc from 'fast-check'
import { operations } from '../../../src/manage/operations.ts'
import type { Operation } from '../../../src/manage/runner/operation.ts'
import { type Management, openManaged } from '../../support/management.ts'
import { accessOf, allSamples } from '../matrix-scene.ts'
import { groundIn } from '../samples.ts'
import { type Contract, readContract } from './judge.ts'
import { goodRequest, type Ready, requestsOf, type Source } from './requests.ts'
import { type Received, send } from './send.ts'

export interface FuzzOptions {
  readonly seed: number
  /** Requests beside the good one. */
  readonly runs: number
}

/** What came of an operation. */
export interface Fuzzed {
  /** Whether it did what the good request asks for. */
  readonly works: boolean
  /** One line each: what is wrong, the request, the answer. */
  readonly problems: readonly string[]
  /** How many answers had each status. */
  readonly statuses: Readonly<Record<number, number>>
}

export interface Fuzzer {
  /** Asks one operation; the same seed asks the same, but for the ids of what is there. */
  readonly fuzz: (operation: Operation, options: FuzzOptions) => Promise<Fuzzed>
  readonly close: () => Promise<void>
}

/** Requests that are made of one sample; what is gone after the first of them teaches little more. */
const BATCH = 20

/** A gateway to be asked, with `contract` as what it promises. */
export async function openFuzzer(contract: Contract = readContract(operations)): Promise<Fuzzer> {
  let scene = await openManaged()
  return {
    fuzz: async (operation, { seed, runs }) => {
      const fuzzed = { problems: [] as string[], statuses: {} as Record<number, number> }
      const tryOne = async (one: Ready) => {
        const received = await ask(scene, one)
        const { status } = received
        fuzzed.statuses[status] = (fuzzed.statuses[status] ?? 0) + 1
        const wrong = judge(contract, operation, one, received)
        if (wrong !== undefined) fuzzed.problems.push(describe(wrong, one, received))
        return status < 300
      }
      const newSource = () => sourceOf(scene, contract, operation)
      const first = seed * 1_000_003 + operations.indexOf(operation) * 10_007
      let source = await newSource()
      for (let sent = 0; sent < runs; ) {
        const numRuns = Math.min(BATCH, runs - sent)
        let gone = false
        for (const one of fc.sample(requestsOf(source), { seed: first + sent, numRuns })) {
          sent += 1
          gone = (await tryOne(one)) && operation.kind === 'changing'
          if (gone) break
        }
        if (gone || sent < runs) source = await newSource()
      }
      if (await tryOne(goodRequest(source))) return { works: true, ...fuzzed }
      // Somebody lost what they held to a request that was in order; a new scene is whole again.
      await scene.close()
      scene = await openManaged()
      return { works: await tryOne(goodRequest(await newSource())), ...fuzzed }
    },
    close: () => scene.close(),
  }
}

async function sourceOf(
  scene: Management,
  contract: Contract,
  operation: Operation,
): Promise<Source> {
  const ground = groundIn(scene, 'owner', 'acme')
  const sample = await allSamples[operation.id]?.(ground)
  if (sample === undefined) throw new Error(`${operation.id} has no sample in test/manage`)
  const { as, by: name = 'owner' } = sample
  const by = accessOf(operation) === 'anyone' ? undefined : (as?.bearer ?? name)
  const others = ['owner', 'platform', 'viewer', 'stranger', undefined]
  const own = Object.values(sample.params ?? {})
  const pool = ['user:mia', 'user:sam', 'user:nobody', 'role:viewer', 'role:member', 'beta', ...own]
  return { operation, contract, sample, by, others, pool }
}

function ask({ gateway, keys }: Management, { by, ...sent }: Ready): Promise<Received> {
  const authorization: Record<string, string> =
    by === undefined ? {} : { authorization: `Bearer ${keys[by] ?? by}` }
  return send(gateway.adminPort, { ...sent, headers: { ...authorization, ...sent.headers } })
}

function judge(
  contract: Contract,
  operation: Operation,
  { path, headers }: Ready,
  received: Received,
): string | undefined {
  const { status } = received
  // Nothing else is so busy here as whoever asks for a revision that is not there yet.
  if (status === 503 && headers['gatehouse-min-revision'] === undefined) return 'is a 503'
  const segments = new URL(path, 'http://any').pathname.split('/').length
  // A dot segment names another place, of which something else is said.
  const elsewhere = segments !== `/api/v1${operation.path}`.split('/').length
  if (elsewhere) return status < 500 ? undefined : `is a ${status}`
  return contract.judge(operation, received)
}

function describe(wrong: string, sent: Ready, { status, body }: Received): string {
  const { by, method, path, headers } = sent
  const shown = sent.body?.toString().slice(0, 300) ?? 'no body'
  const asked = `${method} ${path.slice(0, 300)} by ${by} ${JSON.stringify(headers).slice(0, 200)} ${shown}`
  return `${wrong}: ${asked} -> ${status} ${body.slice(0, 300)}`
}
