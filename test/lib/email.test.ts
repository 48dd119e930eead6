import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseEmail } from '../../src/lib/email.ts'

const keyOf = (text: string) => {
  const parsed = parseEmail(text)
  return 'problem' in parsed ? parsed.problem : parsed.key
}

describe('an address is kept as it was typed and compared in one form', () => {
  test.each([
    ['ann@example.com', 'ann@example.com'],
    ['Ann.Lee@Example.COM', 'ann.lee@example.com'],
    ['ann+news@example.com', 'ann+news@example.com'],
    ["o'neil@mail.example.co.uk", "o'neil@mail.example.co.uk"],
    ['ann@bücher.example', 'ann@xn--bcher-kva.example'],
    ['ann@BÜCHER.example', 'ann@xn--bcher-kva.example'],
    ['ann@xn--bcher-kva.example', 'ann@xn--bcher-kva.example'],
    ['ann@例え.テスト', 'ann@xn--r8jz45g.xn--zckzah'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('%s', (text, key) => {
    expect(parseEmail(text)).toEqual({ email: text, key })
  })

  test('a composed and a decomposed domain are the same, and stored composed', () => {
    const composed = { email: 'ann@b\u00fccher.example', key: 'ann@xn--bcher-kva.example' }
    expect(parseEmail('ann@bu\u0308cher.example')).toEqual(composed)
  })

  test('what only looks alike is another address', () => {
    // A Cyrillic а in the domain.
    expect(keyOf('ann@ex\u0430mple.com')).not.toBe('ann@example.com')
    expect(keyOf('ann@ex\u0430mple.com')).toMatch(/^ann@xn--/)
    expect(keyOf('a.nn@example.com')).not.toBe(keyOf('ann@example.com'))
    expect(keyOf('ann+x@example.com')).not.toBe(keyOf('ann@example.com'))
  })
})

describe('a text that is no address is refused with what would be right', () => {
  test.each([
    ['', 'exactly one @'],
    ['ann', 'exactly one @'],
    ['ann@', 'exactly one @'],
    ['@example.com', 'exactly one @'],
    ['ann@evil.example@example.com', 'exactly one @'],
    ['"ann@evil"@example.com', 'exactly one @'],
    ['"ann"@example.com', 'Before the @'],
    ['ann lee@example.com', 'Before the @'],
    ['Ann <ann@example.com>', 'Before the @'],
    ['.ann@example.com', 'Before the @'],
    ['ann.@example.com', 'Before the @'],
    ['an..n@example.com', 'Before the @'],
    ['ann,ben@example.com', 'Before the @'],
    ['ann\r\nBcc: eve@example.com', 'Before the @'],
    ['ann\u0000@example.com', 'Before the @'],
    ['ann\n@example.com', 'Before the @'],
    // U+0131 and U+017F become i and s when they are put in capitals; U+212A is a Kelvin.
    ['m\u0131ke@example.com', 'Before the @'],
    ['\u017fue@example.com', 'Before the @'],
    ['\u212aate@example.com', 'Before the @'],
    ['ａnn@example.com', 'Before the @'],
    [`${'a'.repeat(65)}@example.com`, 'Before the @'],
    ['ann@localhost', 'Behind the @'],
    ['ann@127.0.0.1', 'Behind the @'],
    ['ann@0x7f.1', 'Behind the @'],
    ['ann@[127.0.0.1]', 'Behind the @'],
    ['ann@example.com.', 'Behind the @'],
    ['ann@example..com', 'Behind the @'],
    ['ann@-example.com', 'Behind the @'],
    ['ann@exam_ple.com', 'Behind the @'],
    ['ann@example.com\n', 'Behind the @'],
    ['ann@example.com ', 'Behind the @'],
    ['ann@exam\u00adple.com', 'Behind the @'],
    ['ann@exam\u200dple.com', 'Behind the @'],
    ['ann@ｅxample.com', 'Behind the @'],
    ['ann@example。com', 'Behind the @'],
    ['ann@a%2eexample.com', 'Behind the @'],
    [`ann@${'a'.repeat(64)}.com`, 'Behind the @'],
    [`a@${'a.'.repeat(130)}com`, 'longer than 254'],
    [`a@${'ü.'.repeat(60)}example`, 'Behind the @'],
  ])('%j', (text, message) => {
    expect(keyOf(text)).toContain(message)
  })
})

const anyText = fc.oneof(
  fc.emailAddress(),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .tuple(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.string({ unit: 'binary', maxLength: 20 }),
    )
    .map(([local, host]) => `${local}@${host}.example`),
)

test('a key is ASCII, has one @, and is an address whose key it is itself', () => {
  void fc.assert(
    fc.property(anyText, (text) => {
      const parsed = parseEmail(text)
      if ('problem' in parsed) return
      expect(parsed.key).toMatch(/^[!-~]{1,64}@[a-z0-9.-]+$/)
      expect(parsed.key.split('@')).toHaveLength(2)
      expect(parseEmail(parsed.key)).toEqual({ email: parsed.key, key: parsed.key })
      expect(keyOf(parsed.email)).toBe(parsed.key)
    }),
  )
})
