import { describe, expect, test } from 'vitest'
import { isBareId, isTypedId, mintId, prefixes, randomText } from '../../src/lib/ids.ts'

describe('typed ids keep what a person typed out of policy columns (H1, H8)', () => {
  test.each([
    ['user:ann', true],
    ['team:8f3k', true],
    ['org:a-b', true],
    ['user:', false],
    ['user:Ann', false],
    ['user:ann,admin', false],
    ['user: ann', false],
    ['user:ann ', false],
    ['user:ann\n', false],
    ['user:-ann', false],
    ['user:ann-', false],
    ['user:a_b', false],
    ['user:like:%', false],
    ['admin', false],
    ['person:ann', false],
    [`user:${'a'.repeat(64)}`, true],
    [`user:${'a'.repeat(65)}`, false],
    ['user:ünal', false],
  ])('%j is a typed id: %s', (text, right) => {
    expect(isTypedId(text)).toBe(right)
  })

  test('a prefix that is not asked for is refused', () => {
    expect(isTypedId('role:owner', 'user', 'service')).toBe(false)
    expect(isTypedId('user:owner', 'user', 'service')).toBe(true)
  })

  test('a bare id has no prefix', () => {
    expect(isBareId('acme')).toBe(true)
    expect(isBareId('org:acme')).toBe(false)
    expect(isBareId('')).toBe(false)
  })
})

test.each(prefixes)('a minted %s id is valid and new', (prefix) => {
  const minted = new Set(Array.from({ length: 200 }, () => mintId(prefix)))
  expect(minted.size).toBe(200)
  for (const id of minted) expect(isTypedId(id, prefix)).toBe(true)
})

test('random text uses the whole alphabet', () => {
  const seen = new Set(randomText(10_000))
  expect(seen.size).toBe(32)
})
