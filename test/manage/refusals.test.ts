/** Every refusal that an operation declares is one that it gives, and it gives no other. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { type Code, answers as statuses } from '../../src/lib/problems.ts'
import { operations } from '../../src/manage/operations.ts'
import { codesOf } from '../../src/manage/runner/document.ts'
import type { Operation } from '../../src/manage/runner/operation.ts'
import type { Answered } from '../support/management.ts'
import {
  accessOf,
  codeOf,
  homeOf,
  type Matrix,
  openMatrix,
  pathOf,
  type Ready,
  rows,
} from './matrix-scene.ts'
import { refusals } from './refusal-samples.ts'
import { fresh } from './samples.ts'

let scene: Matrix
beforeAll(async () => {
  scene = await openMatrix()
}, 120_000)
afterAll(() => scene?.close())

const withHeaders = (asked: Ready, headers: Record<string, string>): Ready => {
  return { ...asked, headers: { ...asked.headers, ...headers } }
}
const withQuery = (asked: Ready, query: string): Ready => {
  return { ...asked, path: `${asked.path.split('?')[0]}?${query}` }
}

type Spoil = (asked: Ready, operation: Operation) => Ready | Promise<Ready>

/** What makes a good request of any operation one that is refused so. */
const spoilt: Partial<Record<Code, Spoil>> = {
  invalid_input: (asked) => withQuery(asked, 'nonsense=1'),
  target_too_long: (asked) => withQuery(asked, 'x'.repeat(limits.targetBytes)),
  bad_request: (asked, operation) =>
    accessOf(operation) === 'anyone'
      ? withHeaders(asked, { 'idempotency-key': 'x'.repeat(limits.idempotencyKeyChars + 1) })
      : withHeaders(asked, { cookie: 'gatehouse-console=another' }),
  unauthenticated: (asked) => ({ ...asked, by: undefined }),
  denied: (asked, operation) => {
    const access = accessOf(operation)
    if (access === 'anyone') return withHeaders(asked, { origin: 'https://evil.example' })
    return { ...asked, by: access === 'person' ? 'owner' : 'member' }
  },
  not_found: (asked, operation) => {
    const params = { org: 'nowhere', session: 'nobodys00000' }
    return { ...asked, path: pathOf(operation, params) }
  },
  body_too_large: (asked, { body, bodyText, bodyBytes }) => {
    const most = bodyText?.bytes ?? bodyBytes ?? limits.operationBodyBytes
    const sample = { ...asked.sample, body: 'x'.repeat(body === undefined ? 1 : most + 1) }
    return { ...asked, sample }
  },
  precondition_required: ({ headers: _, ...asked }) => ({ ...asked, headers: {} }),
  precondition_failed: (asked) => withHeaders(asked, { 'if-match': '"another"' }),
  idempotency_key_reused: async (asked, operation) => {
    const key = { 'idempotency-key': fresh() }
    const { status } = await doAnother(asked, operation, key)
    expect(status).toBeLessThan(300)
    return withHeaders(asked, key)
  },
}

/** Something else by the same caller in the same place, under the same key. */
function doAnother({ by, sample }: Ready, operation: Operation, key: Record<string, string>) {
  const headers = { ...key, 'if-match': '*' }
  if (accessOf(operation) === 'member') {
    // A mere member may end the offer or accept it, and nothing else.
    const [method, path] = operation.method === 'DELETE' ? ['POST', '/accept'] : ['DELETE', '']
    return scene.call(by, method, `/orgs/acme/ownership-transfer${path}`, undefined, headers)
  }
  if (sample.as !== undefined) {
    return scene.call(by, 'PATCH', '/me', { firstName: fresh() }, headers)
  }
  const path = homeOf(operation) === 'acme' ? '/orgs/acme/teams' : '/orgs'
  const body = path === '/orgs' ? { name: fresh(), slug: fresh() } : { name: fresh() }
  return scene.call(by, 'POST', path, body, headers)
}

/** Those that no request brings about: they are tried in `outage.test.ts`. */
const faults: readonly Code[] = ['internal', 'unavailable']

test('no sample is of a refusal that its operation does not declare', () => {
  const declared = new Map(operations.map((one) => [one.id, codesOf(one)]))
  const sampled = Object.entries(refusals).flatMap(([id, codes]) =>
    Object.keys(codes).map((code) => [id, code as Code] as const),
  )
  expect(sampled.filter(([id, code]) => declared.get(id)?.includes(code) !== true)).toEqual([])
})

describe.each(rows)('%s', (id, operation) => {
  let kept: Promise<Ready> | undefined
  const good = () => {
    // There is one offer at a time, so another one takes its place.
    if (accessOf(operation) === 'member') return scene.ready(operation)
    kept ??= scene.ready(operation)
    return kept
  }

  async function asking(code: Code): Promise<{ asked: Ready; times: number }> {
    const own = refusals[id]?.[code]
    if (own !== undefined) {
      const refused = await own(scene.ground)
      return { asked: await scene.ready(operation, () => refused), times: refused.times ?? 1 }
    }
    const spoil = spoilt[code]
    if (spoil === undefined) {
      throw new Error(`${id} declares ${code}, which test/manage/refusal-samples.ts has no row of`)
    }
    return { asked: await spoil(await good(), operation), times: 1 }
  }

  // Where no credential is read and nothing changed, only a Host is malformed: see `app.test.ts`.
  const plain = accessOf(operation) === 'anyone' && operation.kind === 'reading'
  const elsewhere: readonly Code[] = plain ? [...faults, 'bad_request'] : faults
  const codes = codesOf(operation).filter((code) => !elsewhere.includes(code))
  test.each(codes)('is refused: %s', async (code) => {
    const { asked, times } = await asking(code)
    const answers: Answered[] = []
    const { raised } = await scene.watched(async () => {
      const sending = Array.from({ length: times }, () => scene.send(operation, asked))
      answers.push(...(await Promise.all(sending)))
    })
    const refused = answers.filter((one) => codeOf(one) === code)
    const found = refused.map(({ status, json }) => [status, json['status']])
    const { status } = statuses[code]
    expect([found, answers.map(codeOf)]).toEqual([[[status, status]], expect.anything()])
    // Whatever was sent beside it was done, and nothing else.
    expect(raised.length).toBe(times - 1)
  })
})
