import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { answers } from '../../src/lib/problems.ts'
import { operations } from '../../src/manage/operations.ts'
import { codesOf, describeOperations } from '../../src/manage/runner/document.ts'
import { reading } from '../../src/manage/runner/operation.ts'
import { partsOf } from '../../src/manage/runner/paths.ts'

type Json = Record<string, unknown>
interface Described {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Record<string, Json>
}
const document = describeOperations(operations, 'https://admin.example.com')
const paths = document['paths'] as Record<string, Record<string, Described>>
const described = operations.map(
  (operation) =>
    [operation.id, operation, paths[operation.path]?.[operation.method.toLowerCase()]] as const,
)

/** Every text behind a `$ref`, however deep. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    return name === '$ref' ? [String(inner)] : references(inner)
  })
}

describe('the OpenAPI document', () => {
  test('is a valid one of version 3.1', async () => {
    const validator = new Validator()
    const found = await validator.validate(JSON.parse(JSON.stringify(document)))
    expect(found.errors).toBeUndefined()
    expect([found.valid, validator.version]).toEqual([true, '3.1'])
  })

  test('names only what it holds', () => {
    const { schemas, responses } = document['components'] as Record<string, Json>
    const held = Object.entries({ schemas, responses }).flatMap(([kind, named = {}]) =>
      Object.keys(named).map((name) => `#/components/${kind}/${name}`),
    )
    expect(references(document).filter((reference) => !held.includes(reference))).toEqual([])
    expect(JSON.stringify(document)).not.toContain('$defs')
    expect(Object.values(schemas ?? {}).filter((schema) => 'id' in (schema as Json))).toEqual([])
  })

  test('has every operation once, under an id of its own', () => {
    const ids = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    )
    expect(ids.toSorted()).toEqual(operations.map(({ id }) => id).toSorted())
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('groups what is done to an organisation with it', () => {
    const tagOf = (id: string) => described.find(([name]) => name === id)?.[2]?.tags
    for (const id of ['createOrganisation', 'getOrganisation', 'suspendOrganisation']) {
      expect(tagOf(id)).toEqual(['orgs'])
    }
    expect(tagOf('resumeOrganisation')).toEqual(['orgs'])
    expect(tagOf('changeTeamMembers')).toEqual(['teams'])
    expect(tagOf('listAudit')).toEqual(['audit'])
  })

  test('is open where anyone may ask, and nowhere else', () => {
    const anyone = reading({
      id: 'ping',
      method: 'GET',
      path: '/ping',
      access: 'anyone',
      summary: 'Ping',
      answer: z.object({}),
      run: async () => ({}),
    })
    const { paths: made } = describeOperations([anyone, ...operations], 'https://a')
    const open = Object.entries(made as typeof paths).flatMap(([path, methods]) =>
      Object.values(methods).flatMap((one) => ('security' in one ? [path] : [])),
    )
    const expected = operations.filter(({ access }) => access === 'anyone')
    expect(open).toEqual(['/ping', ...expected.map(({ path }) => path)])
  })
})

describe.each(described)('%s', (_id, operation, shown) => {
  test('describes each part of its path and each parameter of its query', () => {
    const named = (place: string) =>
      shown?.parameters.filter((one) => one.in === place).map(({ name }) => name)
    expect(named('path')).toEqual(partsOf(operation.path))
    expect(named('query')).toEqual(Object.keys(operation.query ?? {}))
  })

  test('demands If-Match exactly where the runner does', () => {
    const guarded =
      operation.kind === 'changing' &&
      operation.find !== undefined &&
      ['PATCH', 'PUT'].includes(operation.method)
    expect(shown?.parameters.some(({ name }) => name === 'If-Match')).toBe(guarded)
    expect(codesOf(operation).includes('precondition_required')).toBe(guarded)
  })

  test('has an answer for each status that it may have', () => {
    const refusals = codesOf(operation).map((code) => String(answers[code].status))
    const good = operation.status ?? (operation.answer === undefined ? 204 : 200)
    const known = operation.method === 'GET' && operation.kind === 'reading' ? ['304'] : []
    expect(Object.keys(shown?.responses ?? {}).toSorted()).toEqual(
      [...new Set([String(good), ...known, ...refusals])].toSorted(),
    )
  })
})
