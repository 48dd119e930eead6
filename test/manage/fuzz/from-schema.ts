/** Values by their JSON Schema: what a client would send that was made from the document. */
import fc, { type Arbitrary } from 'fast-check'

export type Json = Record<string, unknown>

/** What may stand where the schema says no more than that it is a text: ids of what is there. */
export type Pool = readonly string[]

/** Values that `schema` accepts; `schemas` is what references name. */
export function fromSchema(schema: Json, schemas: Json, pool: Pool): Arbitrary<unknown> {
  const of = (inner: unknown) => fromSchema((inner ?? {}) as Json, schemas, pool)
  const { $ref, enum: listed, anyOf } = schema
  if (typeof $ref === 'string') return of(schemas[$ref.split('/').at(-1) ?? ''])
  if (Array.isArray(listed)) return fc.constantFrom(...listed)
  if ('const' in schema) return fc.constant(schema['const'])
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map(of))
  switch (schema['type']) {
    case 'string':
      return texts(schema, pool)
    case 'integer':
    case 'number':
      return fc.integer({ min: least(schema), max: most(schema) })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(of(schema['items']), {
        minLength: Number(schema['minItems'] ?? 0),
        maxLength: Math.min(Number(schema['maxItems'] ?? 4), 4),
      })
    case 'object':
      return objects(schema, of)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

const least = ({ minimum }: Json) => Math.max(Number(minimum ?? -1_000), Number.MIN_SAFE_INTEGER)
const most = ({ maximum }: Json) => Math.min(Number(maximum ?? 1_000_000), Number.MAX_SAFE_INTEGER)

function objects(schema: Json, of: (inner: unknown) => Arbitrary<unknown>): Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties, propertyNames } = schema
  const named = Object.entries(properties as Json).map(([name, inner]) => [name, of(inner)])
  const record = fc.record(Object.fromEntries(named), { requiredKeys: required as never[] })
  if (typeof additionalProperties !== 'object') return record
  const names = of(propertyNames ?? { type: 'string' }) as Arbitrary<string>
  const more = fc.dictionary(names, of(additionalProperties), { maxKeys: 3 })
  return fc.tuple(record, more).map(([own, others]) => ({ ...others, ...(own as Json) }))
}

/** What looks ahead or behind, of which fast-check makes no text; by chance none ever fits. */
const looksAround = /\(\?[=!<]/
/** Classes of Unicode, of which it makes none either; most texts by chance fit. */
const ofUnicode = /\\p/

function texts(schema: Json, pool: Pool): Arbitrary<unknown> {
  const { pattern, example, minLength, maxLength, format } = schema
  const fits = fitting(schema)
  const known = [...pool, ...(typeof example === 'string' ? [example] : [])].filter(fits)
  const length = { minLength: Number(minLength ?? 0), maxLength: Math.min(Number(maxLength), 200) }
  const any = fc.string({
    unit: 'binary',
    ...(minLength !== undefined && { minLength: length.minLength }),
    ...(maxLength !== undefined && { maxLength: length.maxLength }),
  })
  if (typeof pattern === 'string' && looksAround.test(pattern)) {
    return fc.constantFrom(...known, '/docs/items/1')
  }
  const made =
    format === 'date-time'
      ? fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
      : typeof pattern === 'string' && !ofUnicode.test(pattern)
        ? fc.stringMatching(new RegExp(pattern))
        : any
  const fitted = made.filter(fits)
  if (known.length === 0) return fitted
  return fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...known) }, fitted)
}

/** Whether a text is what its schema says, as far as it does. */
function fitting({ pattern, minLength = 0, maxLength }: Json): (text: string) => boolean {
  const expression = typeof pattern === 'string' ? new RegExp(pattern, 'u') : /^/
  return (text) =>
    expression.test(text) &&
    text.length >= Number(minLength) &&
    text.length <= Number(maxLength ?? Number.POSITIVE_INFINITY)
}
