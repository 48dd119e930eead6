/** The JSON Schemas of the document as a reader wants them: one line a field, and an example. */
import { limits } from '../../lib/limits.ts'

/** As much of a JSON Schema as our own document has. */
export interface Shape {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
  readonly additionalProperties?: boolean | Shape
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly example?: unknown
  readonly format?: string
  readonly description?: string
  readonly maxLength?: number
  readonly maxItems?: number
}

export type Shapes = Readonly<Record<string, Shape>>

/** A field of an object, however deep. */
export interface Field {
  /** As in `items[].id`. */
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly description: string
}

/** The shape itself where `shape` only names one of `shapes`. */
function resolve(shape: Shape, shapes: Shapes): Shape {
  return shape.$ref === undefined ? shape : (shapes[lastOf(shape.$ref)] ?? {})
}

/** `Member` of `#/components/schemas/Member`. */
export function lastOf(reference: string): string {
  return reference.split('/').at(-1) ?? reference
}

/** Every field of an object or of the objects in a list; none where there are none. */
export function fieldsOf(shape: Shape, shapes: Shapes, under = '', depth = 0): readonly Field[] {
  if (depth >= limits.shapeDepth) return []
  const found = resolve(shape, shapes)
  if (found.items !== undefined) return fieldsOf(found.items, shapes, `${under}[]`, depth)
  return Object.entries(found.properties ?? {}).flatMap(([key, inner]) => {
    const name = under === '' ? key : `${under}.${key}`
    const own = resolve(inner, shapes)
    const field = {
      name,
      type: typeOf(inner, shapes),
      required: found.required?.includes(key) === true,
      description: describe(own),
    }
    return [field, ...fieldsOf(inner, shapes, name, depth + 1)]
  })
}

/** In a few words, as in `list of text, at most 50`. */
export function typeOf(shape: Shape, shapes: Shapes): string {
  const found = resolve(shape, shapes)
  const { enum: values, anyOf, items, maxItems, maxLength, format } = found
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' or ')
  if (found.const !== undefined) return JSON.stringify(found.const)
  if (anyOf !== undefined) return anyOf.map((one) => typeOf(one, shapes)).join(' or ')
  const most = maxItems === undefined ? '' : `, at most ${maxItems}`
  if (items !== undefined) return `list of ${typeOf(items, shapes)}${most}`
  if (format === 'date-time') return 'moment, UTC'
  const types = [found.type ?? 'anything'].flat().map((name) => words[name] ?? name)
  const longest = maxLength === undefined ? '' : `, at most ${maxLength} characters`
  return `${types.join(' or ')}${longest}`
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
  array: 'list',
}

function describe({ description = '', default: usual }: Shape): string {
  const without = usual === undefined ? '' : `${JSON.stringify(usual)} when it is left out.`
  return [description, without].filter((part) => part !== '').join(' ')
}

/** A value of the shape; optional fields are left out unless they are all there is. */
export function exampleOf(shape: Shape, shapes: Shapes, depth = 0): unknown {
  const found = resolve(shape, shapes)
  const { example, default: usual, enum: values, anyOf, items, properties, required = [] } = found
  for (const known of [example, usual, values?.[0], found.const]) {
    if (known !== undefined) return known
  }
  if (depth >= limits.shapeDepth) return null
  if (anyOf?.[0] !== undefined) return exampleOf(anyOf[0], shapes, depth)
  if (items !== undefined) return [exampleOf(items, shapes, depth + 1)]
  if (properties !== undefined) {
    const wanted = Object.entries(properties).filter(([name]) => required.includes(name))
    const shown = wanted.length > 0 ? wanted : Object.entries(properties)
    return Object.fromEntries(
      shown.map(([name, inner]) => [name, exampleOf(inner, shapes, depth + 1)]),
    )
  }
  const [type] = [found.type ?? 'object'].flat()
  return type !== undefined && Object.hasOwn(plain, type) ? plain[type] : {}
}

const plain: Readonly<Record<string, unknown>> = {
  string: '…',
  integer: 1,
  number: 1,
  boolean: true,
  null: null,
}
