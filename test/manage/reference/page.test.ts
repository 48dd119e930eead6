/** The page about the API: all of the document is on it, and nothing that could run. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { operations } from '../../../src/manage/operations.ts'
import { type ApiDocument, curlOf, showReference } from '../../../src/manage/reference/page.ts'
import { styleSource } from '../../../src/manage/reference/style.ts'
import { describeOperations } from '../../../src/manage/runner/document.ts'

const document = describeOperations(operations, 'https://admin.test') as unknown as ApiDocument
const page = await showReference(document)

const placed = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => {
    return { method: method.toUpperCase(), path, operation }
  }),
)

/** What `curl` is given when a shell reads a command. */
function argumentsOf(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }; KEY=gh_key; ${command}`
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)
}

test('every operation has a heading, a way to it and its route', () => {
  expect(placed.length).toBe(operations.length)
  for (const { method, path, operation } of placed) {
    expect(page).toContain(`<h3 id="${operation.operationId}">`)
    expect(page).toContain(`href="#${operation.operationId}"`)
    expect(page).toContain(`<span class="method">${method}</span> ${path}<`)
  }
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

test('nothing on it runs, is loaded or comes from elsewhere', () => {
  expect(page).not.toMatch(/<(?:script|link|img|iframe|form|object)\b|\son\w+=|javascript:/i)
  expect(page).not.toMatch(/(?:src|href)="(?!#|\/api\/openapi\.json")/)
  const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? []
  expect(`'sha256-${createHash('sha256').update(style).digest('base64')}'`).toBe(styleSource)
})

test('what the document says is text and never markup', async () => {
  const [first] = placed
  const hostile = '</code><script>alert("x")</script>'
  const operation = {
    ...(first?.operation as (typeof placed)[0]['operation']),
    operationId: `x"${hostile}`,
    summary: hostile,
    description: `${hostile} \`${hostile}\``,
    parameters: [
      { name: hostile, in: hostile, required: true, schema: {}, description: hostile },
      { name: 'q', in: 'query', required: true, schema: { type: 'string', example: hostile } },
    ],
    responses: { [`2${hostile}`]: { description: hostile } },
  }
  const shown = await showReference({
    ...document,
    info: { title: hostile, description: hostile },
    paths: { [hostile]: { [hostile]: operation } },
  })
  expect(shown).not.toContain('<script')
  expect(shown).toContain('&lt;script&gt;')
})

test('a description shows as code what stands in backticks', () => {
  expect(page).not.toContain('`')
  expect(page).toContain('as in <code>acme:7</code>.')
})

test.each(placed.map((one) => [one.operation.operationId, one] as const))(
  'the command of %s is one that a shell reads as it is meant',
  (_, one) => {
    const { operation, method } = one
    const given = argumentsOf(curlOf(one, document))
    const url = new URL(given.at(-1) ?? '')
    expect(url.origin).toBe('https://admin.test')
    expect(url.pathname).not.toMatch(/[{}]|%7B/)
    for (const parameter of operation.parameters) {
      if (parameter.in === 'query') {
        expect(url.searchParams.has(parameter.name)).toBe(parameter.required)
      }
    }
    expect(given[0] === '-X' ? given[1] : 'GET').toBe(method)
    expect(given.includes('Authorization: Bearer gh_key')).toBe(operation.security === undefined)
    const type = given.find((text) => text.startsWith('Content-Type: '))
    expect(type === undefined).toBe(operation.requestBody === undefined)
    if (type === 'Content-Type: application/json') {
      expect(JSON.parse(given[given.indexOf('-d') + 1] ?? '')).toBeTypeOf('object')
    }
  },
)

test('a quote in an example does not end the command', () => {
  const [first] = placed.filter(({ operation }) => operation.requestBody !== undefined)
  if (first === undefined) throw new Error('no operation has a body')
  const schema = { type: 'object', properties: { a: { type: 'string', example: "it's; rm -rf" } } }
  const requestBody = { content: { 'application/json': { schema } } }
  const given = argumentsOf(
    curlOf({ ...first, operation: { ...first.operation, requestBody } }, document),
  )
  expect(JSON.parse(given[given.indexOf('-d') + 1] ?? '')).toEqual({ a: "it's; rm -rf" })
})
