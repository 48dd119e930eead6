/** Somebody else's generator, for another language, makes a client of the document. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { operations } from '../../src/manage/operations.ts'
import { describeOperations } from '../../src/manage/runner/document.ts'

const require = createRequire(import.meta.url)
const generator = require.resolve('@openapi-generator-plus/java-jaxrs-client-generator')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-java-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Every Java file that the generator writes, as one text. */
function generate(document: object): string {
  const specification = join(folder, 'openapi.json')
  const settings = join(folder, 'settings.json')
  writeFileSync(specification, JSON.stringify(document))
  const written = { inputPath: specification, outputPath: 'java', generator, package: 'client' }
  writeFileSync(settings, JSON.stringify(written))
  const program = require.resolve('openapi-generator-plus/bin/ogplus.js')
  execFileSync(process.execPath, [program, '-c', settings], { stdio: 'pipe' })
  const files = readdirSync(join(folder, 'java'), { recursive: true, encoding: 'utf8' })
  const java = files.filter((name) => name.endsWith('.java'))
  return java.map((name) => readFileSync(join(folder, 'java', name), 'utf8')).join('\n')
}

test('a client in Java has every operation', () => {
  const client = generate(describeOperations(operations, 'https://admin.test'))
  const without = operations.filter(({ id }) => !client.includes(` ${id}(`))
  expect(without.map(({ id }) => id)).toEqual([])
})
