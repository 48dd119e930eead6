import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { idOfKey, isKey, makeKey } from '../../src/identity/api-keys.ts'
import { sha256 } from '../../src/lib/secrets.ts'

describe('a new key', () => {
  test('is found by its id and known by the hash of the whole', () => {
    const { id, text, hash } = makeKey()
    expect(text).toMatch(/^gh_[0-9a-z]{12}_[0-9a-z]{52}$/)
    expect(idOfKey(text)).toBe(id)
    expect(hash).toBe(sha256(text))
    expect(isKey(text, hash)).toBe(true)
  })

  test('tells nothing of the next one', () => {
    const keys = Array.from({ length: 500 }, makeKey)
    expect(new Set(keys.map(({ id }) => id)).size).toBe(500)
    expect(new Set(keys.map(({ text }) => text.slice(-52))).size).toBe(500)
    // Every character of the alphabet is used: the full five bits of each count.
    expect(new Set(keys.flatMap(({ text }) => [...text.slice(-52)])).size).toBe(32)
  })

  test('hides its secret from what is stored', () => {
    const { id, text, hash } = makeKey()
    expect(hash).not.toContain(text.slice(-52))
    expect(id).toBe(text.slice(3, 15))
  })
})

describe('a key has one spelling', () => {
  const { text } = makeKey()
  const wrong: [string, string][] = [
    ['empty', ''],
    ['the prefix alone', 'gh_'],
    ['in capitals', text.toUpperCase()],
    ['another prefix', text.replace('gh_', 'gk_')],
    ['a character less', text.slice(0, -1)],
    ['a character more', `${text}0`],
    ['a line break after', `${text}\n`],
    ['a space before', ` ${text}`],
    ['no second separator', text.replaceAll('_', '')],
    ['a letter that reads as a digit', `${text.slice(0, -1)}l`],
    ['the letter u', `${text.slice(0, -1)}u`],
    ['a character for SQL', `${text.slice(0, -1)}'`],
    ['a full-width digit', `${text.slice(0, -1)}１`],
  ]
  test.each(wrong)('%s', (_name, changed) => {
    expect(idOfKey(changed)).toBeUndefined()
  })
})

test('only the very same text is the key', () => {
  const { text, hash } = makeKey()
  fc.assert(
    fc.property(
      fc.nat(text.length - 1),
      fc.constantFrom(...'0123456789abcdef_'),
      (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1)
        expect(isKey(changed, hash)).toBe(changed === text)
      },
    ),
    { numRuns: 200 },
  )
  expect(isKey(hash, hash)).toBe(false)
  expect(isKey('', '')).toBe(false)
})
