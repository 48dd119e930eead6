/** Requests of an operation: good ones, good but for one spot, and ones that were never good. */
import fc, { type Arbitrary } from 'fast-check'
import type { Operation } from '../../../src/manage/runner/operation.ts'
import { partsOf } from '../../../src/manage/runner/paths.ts'
import type { Sample } from '../samples.ts'
import { fromSchema, type Pool } from './from-schema.ts'
import * as hostile from './hostile.ts'
import type { Contract } from './judge.ts'
import type { Sent } from './send.ts'

/** What requests of an operation are made of. */
export interface Source {
  readonly operation: Operation
  readonly contract: Contract
  /** A good request. */
  readonly sample: Sample
  /** Whoever may ask, by name or credential; nobody where anyone may. */
  readonly by: string | undefined
  /** Who else may ask. */
  readonly others: readonly (string | undefined)[]
  /** Texts that name what is there. */
  readonly pool: Pool
}

/** A request, and by whom. */
export interface Ready extends Sent {
  readonly by: string | undefined
}

type Headers = Readonly<Record<string, string>>

const rarely = <T, O>(usual: Arbitrary<T>, other: Arbitrary<O>, weight = 6): Arbitrary<T | O> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: other })

/** The good request as it is, by which a run proves that it gets behind the door. */
export function goodRequest(source: Source): Ready {
  const { operation, sample, by } = source
  const { body, query = '' } = sample
  const type: Headers = body === undefined ? {} : { 'content-type': 'application/json' }
  const headers = { ...type, ...usualHeaders(source) }
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
  return { by, method: operation.method, path: pathOf(source) + query, headers, body: bytes }
}

/** Any other request of the operation. */
export function requestsOf(source: Source): Arbitrary<Ready> {
  const { operation, by, others } = source
  const { method } = operation
  return fc
    .record({
      by: rarely(fc.constant(by), fc.constantFrom(...others), 12),
      path: rarely(fc.constant(pathOf(source)), oddPaths(source)),
      query: queries(source),
      headers: headers(source),
      body: bodies(source),
    })
    .map(({ by: asker, path, query, headers: sent, body }) => {
      const headers = { ...sent, ...(body && { 'content-type': body.type }) }
      return { by: asker, method, path: path + query, headers, body: body?.bytes }
    })
}

function pathOf({ operation, sample }: Source, over: Headers = {}): string {
  const params: Headers = { org: 'acme', ...sample.params, ...over }
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? 'none')
  return `/api/v1${path}`
}

function oddPaths(source: Source): Arbitrary<string> {
  const names = partsOf(source.operation.path)
  if (names.length === 0) return fc.constant(pathOf(source))
  const parts = fc.constantFrom(...hostile.pathParts, ...source.pool.map(encodeURIComponent))
  return fc
    .tuple(fc.constantFrom(...names), parts)
    .map(([name, part]) => pathOf(source, { [name]: part }))
}

function queries({ operation, contract, sample, pool }: Source): Arbitrary<string> {
  const own = contract.of(operation).parameters.filter((one) => one.in === 'query')
  const good = fc.constant(sample.query ?? '')
  const odd = fc.constantFrom(...hostile.queries)
  const [first, ...more] = own.map(({ name }) => name)
  if (first === undefined) return rarely(good, odd, 12)
  const names = fc.constantFrom(first, ...more)
  const shaped = own.map(({ name, schema }) => {
    const values = fromSchema(schema, contract.schemas, pool).map(String)
    return [name, name === 'cursor' ? rarely(values, hostile.cursors, 1) : values] as const
  })
  const requiredKeys = own.filter(({ required }) => required).map(({ name }) => name)
  const made = fc.record(Object.fromEntries(shaped), { requiredKeys }).map(written)
  const bad = fc
    .tuple(made, names, fc.constantFrom(...hostile.texts))
    .map(([query, name, text]) => overwritten(query, name, text))
  const twice = names.map((name) => `?${name}=1&${name}=1`)
  return fc.oneof(
    ...[good, good, good, made, made, made, made].map((arbitrary) => ({ weight: 1, arbitrary })),
    { weight: 4, arbitrary: bad },
    { weight: 1, arbitrary: twice },
    { weight: 1, arbitrary: odd },
  )
}

function written(values: Headers): string {
  const text = String(new URLSearchParams({ ...values }))
  return text === '' ? '' : `?${text}`
}

function overwritten(query: string, name: string, text: string): string {
  const values = new URLSearchParams(query)
  values.set(name, text.slice(0, hostile.queryText))
  return `?${values}`
}

function usualHeaders({ contract, operation }: Pick<Source, 'contract' | 'operation'>): Headers {
  const guarded = contract.of(operation).parameters.some(({ name }) => name === 'If-Match')
  return guarded ? { 'if-match': '*' } : {}
}

function headers(source: Source): Arbitrary<Headers> {
  const usual = usualHeaders(source)
  const odd = fc
    .constantFrom(...Object.entries(hostile.headers))
    .chain(([name, values]) => fc.constantFrom(...values).map((value) => ({ [name]: value })))
  return rarely(
    fc.constant(usual),
    rarely(
      odd.map((one) => ({ ...usual, ...one })),
      odd,
    ),
    4,
  )
}

interface Body {
  readonly type: string
  readonly bytes: Buffer
}

function bodies(source: Source): Arbitrary<Body | undefined> {
  const { contract, operation, sample, pool } = source
  const types = Object.entries(contract.of(operation).requestBody?.content ?? {})
  const raw = fc
    .record({ bytes: hostile.bodies, type: fc.constantFrom(...hostile.mediaTypes) })
    .map((body): Body => body)
  const none = fc.constant(undefined)
  if (types.length === 0) return rarely(none, raw, 8)
  const shaped = fc.constantFrom(...types).chain(([type, { schema }]) => {
    const values = fromSchema(schema, contract.schemas, pool)
    return rarely(values, values.chain(hostile.damaged), 2).map((value) => bodyOf(type, value))
  })
  const near =
    sample.body === undefined
      ? shaped
      : hostile.damaged(sample.body).map((value) => bodyOf('application/json', value))
  const mistyped = fc
    .tuple(near, fc.constantFrom(...hostile.mediaTypes))
    .map(([{ bytes }, type]): Body => ({ type, bytes }))
  return fc.oneof(
    { weight: 5, arbitrary: near },
    { weight: 5, arbitrary: shaped },
    { weight: 1, arbitrary: raw },
    { weight: 1, arbitrary: mistyped },
    { weight: 1, arbitrary: none },
  )
}

function bodyOf(type: string, value: unknown): Body {
  const text = type === 'application/json' ? JSON.stringify(value) : String(value)
  return { type, bytes: Buffer.from(text ?? '') }
}
