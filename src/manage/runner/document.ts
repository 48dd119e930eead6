/** The OpenAPI 3.1 document of operations, made of the very shapes that check them. */
import { z } from 'zod'
import { answers, type Code } from '../../lib/problems.ts'
import type { Operation } from './operation.ts'
import { parts, partsOf } from './paths.ts'

type Json = Record<string, unknown>

/** What every operation may answer beside its own codes. */
const common: readonly Code[] = [
  'invalid_input',
  // A target or a header that can be read in two ways, or not at all.
  'bad_request',
  'denied',
  'target_too_long',
  'internal',
  'unavailable',
]

/** The document; `server` is the origin of the management listener. */
export function describeOperations(operations: readonly Operation[], server: string): Json {
  const schemas: Json = { Problem: problemSchema() }
  const responses: Json = {}
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    const methods = paths[operation.path] ?? {}
    methods[operation.method.toLowerCase()] = describe(operation, schemas, responses)
    paths[operation.path] = methods
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gatehouse management API',
      version: '1',
      description: 'Members, teams, roles, policies and everything else that an organisation has.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: `${server}/api/v1` }],
    security: [{ bearer: [] }],
    tags: [...new Set(operations.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      responses,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function describe(operation: Operation, schemas: Json, shared: Json): Json {
  const { id, summary, description, access } = operation
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    tags: [tagOf(operation)],
    ...(access === 'anyone' && { security: [] }),
    parameters: [
      ...pathParameters(operation),
      ...queryParameters(operation),
      ...headers(operation),
    ],
    ...requestBody(operation, schemas),
    responses: { ...success(operation, schemas), ...refusals(operation, shared) },
  }
}

function requestBody({ body, bodyText }: Operation, schemas: Json): Json {
  if (body === undefined) return {}
  const types = Object.entries(bodyText?.types ?? { 'application/json': body })
  const content = types.map(([type, shape]) => {
    return [type, { schema: schemaOf(shape, 'input', schemas) }] as const
  })
  return { requestBody: { required: true, content: Object.fromEntries(content) } }
}

/** What is done to an organisation is not a resource of it. */
const ofOrganisation = ['suspend', 'resume']

/** The first part of the path that names a resource. */
function tagOf({ path }: Operation): string {
  const [first = 'orgs', , resource] = path.split('/').slice(1)
  const verb = resource === undefined || ofOrganisation.includes(resource)
  return first === 'orgs' && !verb ? resource : first
}

function pathParameters({ path }: Operation): readonly Json[] {
  return partsOf(path).map((name) => {
    const { example } = parts[name]
    return { name, in: 'path', required: true, schema: { type: 'string' }, example }
  })
}

function queryParameters({ query = {} }: Operation): readonly Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(z.object(query), {
    io: 'input',
    unrepresentable: 'any',
  })
  return Object.entries(properties).map(([name, schema]) => {
    return { name, in: 'query', required: required.includes(name), schema }
  })
}

const text = { type: 'string' }
const inHeader = (name: string, required: boolean, description: string): Json => {
  return { name, in: 'header', required, schema: text, description }
}
const minRevision = inHeader(
  'Gatehouse-Min-Revision',
  false,
  'Decide by no older policy than this, as in `acme:7`.',
)
const idempotencyKey = inHeader(
  'Idempotency-Key',
  false,
  'The same key with the same input is one change, however often it is sent.',
)
const ifMatch = inHeader('If-Match', true, 'The `ETag` that the record was read with, or `*`.')
const ifNoneMatch = inHeader(
  'If-None-Match',
  false,
  'An `ETag` that is known: 304 if it holds yet.',
)

function headers(operation: Operation): readonly Json[] {
  const { access = 'organisation' } = operation
  const decided = access === 'person' || access === 'anyone' ? [] : [minRevision]
  if (operation.kind === 'streaming') return decided
  if (isPlainRead(operation)) return [...decided, ifNoneMatch]
  const once = isRemembered(operation) ? [idempotencyKey] : []
  return [...decided, ...once, ...(isGuarded(operation) ? [ifMatch] : [])]
}

/** What a cache may hold: what is asked with a body is none of it. */
function isPlainRead({ method }: Operation): boolean {
  return method === 'GET'
}

/** Whoever is nobody has no answers of their own, and nothing of a secret is kept. */
function isRemembered({ kind, secret, access }: Operation): boolean {
  return kind === 'changing' && secret !== true && access !== 'anyone'
}

/** Whether a change of something that somebody else may have changed meanwhile demands `If-Match`. */
function isGuarded(operation: Operation): boolean {
  return readsBefore(operation) && ['PATCH', 'PUT'].includes(operation.method)
}

function readsBefore(operation: Operation): boolean {
  return operation.kind === 'changing' && operation.find !== undefined
}

const etag = { ETag: { description: 'Names this state of the record.', schema: text } }

function success(operation: Operation, schemas: Json): Json {
  const { answer, status } = operation
  if (operation.kind === 'streaming') return { 200: streamed(operation.types) }
  if (answer === undefined) return { 204: { description: 'Done.' } }
  const content = { 'application/json': { schema: schemaOf(answer, 'output', schemas) } }
  const done = { [status ?? 200]: { description: 'Done.', headers: etag, content } }
  return !isPlainRead(operation) ? done : { ...done, 304: { description: 'As it is known.' } }
}

/** Lines, which no reader takes for one JSON value. */
function streamed(types: Readonly<Record<string, string>>): Json {
  const content = Object.entries(types).map(([type, description]) => {
    return [type, { schema: { ...text, description } }] as const
  })
  const headers = { 'Content-Disposition': { schema: text } }
  return { description: 'Done.', headers, content: Object.fromEntries(content) }
}

/** Refusals by their status; those with the same codes are said once, in `shared`. */
function refusals(operation: Operation, shared: Json): Json {
  const byStatus = Map.groupBy(codesOf(operation), (code) => answers[code].status)
  const schema = { $ref: '#/components/schemas/Problem' }
  const content = { 'application/problem+json': { schema } }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => {
      const description = codes.map((code) => `\`${code}\`: ${answers[code].detail}`).join(' ')
      const name = codes.map(inCapitals).join('Or')
      shared[name] = { description, content }
      return [status, { $ref: `#/components/responses/${name}` }]
    }),
  )
}

/** `too_many_requests` as `TooManyRequests`. */
function inCapitals(code: Code): string {
  return code.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** Every code that an operation may answer with. */
export function codesOf(operation: Operation): readonly Code[] {
  const { method, access, path, codes = [] } = operation
  const when = (condition: boolean, ...some: readonly Code[]) => (condition ? some : [])
  const open = access === 'anyone'
  const tagged = readsBefore(operation)
  return [
    ...new Set([
      ...common,
      ...when(!open, 'unauthenticated'),
      ...when(tagged || partsOf(path).length > 0, 'not_found'),
      ...when(!isPlainRead(operation), 'body_too_large'),
      ...when(isRemembered(operation), 'idempotency_key_reused'),
      ...when(isGuarded(operation), 'precondition_failed', 'precondition_required'),
      // Who deletes may say what is to be deleted.
      ...when(tagged && method === 'DELETE', 'precondition_failed'),
      ...codes,
    ]),
  ]
}

function problemSchema(): Json {
  return {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'string', enum: Object.keys(answers) },
      requestId: { type: 'string' },
      decisionId: { type: 'string' },
      problems: {
        description: 'What is wrong in rules that were sent, each at its line and column.',
        type: 'array',
        items: {
          type: 'object',
          required: ['line', 'column', 'message'],
          properties: {
            line: { type: 'integer' },
            column: { type: 'integer' },
            message: { type: 'string' },
          },
        },
      },
    },
  }
}

/** The JSON Schema of a shape; what it names by an id is put into `schemas` once. */
function schemaOf(shape: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const {
    $schema: _,
    $defs = {},
    ...schema
  } = z.toJSONSchema(shape, { io, unrepresentable: 'any' })
  for (const [name, defined] of Object.entries($defs)) {
    const { id: __, ...named } = pointed(defined)
    schemas[name] ??= named
  }
  const { id, ...own } = pointed(schema)
  if (typeof id !== 'string') return own
  schemas[id] ??= own
  return { $ref: `#/components/schemas/${id}` }
}

/** References as this document spells them. */
function pointed(schema: object): Json {
  const text = JSON.stringify(schema, (key, value: unknown) => {
    return key === '$ref' && typeof value === 'string'
      ? value.replace('#/$defs/', '#/components/schemas/')
      : value
  })
  return JSON.parse(text) as Json
}
