import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { writePrivately } from '../../src/lib/private-file.ts'

const root = mkdtempSync(join(tmpdir(), 'gatehouse-private-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('a private file is its owner’s alone, in a folder that is, and nothing else is left', () => {
  const folder = join(root, 'new')
  const file = writePrivately(folder, 'link', 'text\n')
  expect(file).toBe(join(folder, 'link'))
  expect(readFileSync(file, 'utf8')).toBe('text\n')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(readdirSync(folder)).toEqual(['link'])
})

test('one that was there keeps neither its mode nor the link that it was', () => {
  const elsewhere = join(root, 'elsewhere')
  writeFileSync(elsewhere, 'untouched', { mode: 0o644 })
  symlinkSync(elsewhere, join(root, 'link'))
  const file = writePrivately(root, 'link', 'secret')
  expect(readFileSync(elsewhere, 'utf8')).toBe('untouched')
  expect(statSync(file).mode & 0o777).toBe(0o600)
})
