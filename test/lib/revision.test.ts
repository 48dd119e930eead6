import { expect, test } from 'vitest'
import { readRevision } from '../../src/lib/revision.ts'

test.each([
  ['acme:7', { organisation: 'acme', revision: 7 }],
  ['a-1:0', { organisation: 'a-1', revision: 0 }],
  ['acme:999999999999999', { organisation: 'acme', revision: 999_999_999_999_999 }],
])('%s is read', (text, revision) => {
  expect(readRevision(text)).toEqual(revision)
})

test.each([
  '',
  '7',
  'acme',
  ':7',
  'acme:',
  'acme:-1',
  'acme:1.0',
  'acme:1e3',
  'ACME:1',
  'a:1\n',
  'a:1:2',
  `a:${'9'.repeat(16)}`,
  `${'a'.repeat(65)}:1`,
])('%j is no revision', (text) => {
  expect(readRevision(text)).toBeUndefined()
})
