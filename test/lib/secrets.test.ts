import { describe, expect, test } from 'vitest'
import { sameSecret, seal, sha256, unseal } from '../../src/lib/secrets.ts'

const KEY = 'k'.repeat(32)
const OLD = 'o'.repeat(32)

describe('a sealed secret', () => {
  test('opens with the key that sealed it', () => {
    expect(unseal(seal('private', KEY, 'signing key'), [KEY], 'signing key')).toBe('private')
  })

  test('opens with a previous key while keys are exchanged', () => {
    expect(unseal(seal('private', OLD, 'signing key'), [KEY, OLD], 'signing key')).toBe('private')
  })

  test('does not open for another purpose', () => {
    const sealed = seal('private', KEY, 'signing key')
    expect(() => unseal(sealed, [KEY], 'session')).toThrow('SECRET_KEY_PREVIOUS')
  })

  test('does not open with another key, and the error holds no secret', () => {
    const sealed = seal('private', KEY, 'signing key')
    expect(() => unseal(sealed, [OLD], 'signing key')).toThrow(/^(?!.*(ooo|private)).*$/)
  })

  test('does not open when any one byte was changed', () => {
    const bytes = Buffer.from(seal('private', KEY, 'signing key'), 'base64')
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes)
      changed[index] = (changed[index] ?? 0) ^ 1
      expect(() => unseal(changed.toString('base64'), [KEY], 'signing key')).toThrow()
    }
  })

  test('does not open when it was cut', () => {
    const sealed = Buffer.from(seal('private', KEY, 'signing key'), 'base64')
    for (const length of [0, 11, 12, 20, 27]) {
      const cut = sealed.subarray(0, length).toString('base64')
      expect(() => unseal(cut, [KEY], 'signing key')).toThrow()
    }
  })

  test('is different each time', () => {
    expect(seal('private', KEY, 'signing key')).not.toBe(seal('private', KEY, 'signing key'))
  })
})

test('secrets of any length compare', () => {
  expect(sameSecret('a', 'a')).toBe(true)
  expect(sameSecret('a', 'b')).toBe(false)
  expect(sameSecret('a', 'aa')).toBe(false)
  expect(sameSecret('', 'a')).toBe(false)
})

test('the hash is SHA-256', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})
