import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkPassword } from '../../src/identity/password-rules.ts'
import { limits } from '../../src/lib/limits.ts'

const ann = { email: 'annabelle.lee@example.com', firstName: 'Annabelle', lastName: 'Lee-Fisher' }

describe('a password is accepted', () => {
  test.each([
    ['of four words', 'correct horse battery staple'],
    ['in lower case alone', 'xkqjhgzvbnwp'],
    ['of digits alone, when nobody tries them', '830174926553'],
    ['of the least length', 'kumquat loft'],
    [
      'of the largest length',
      'lorem ipsum '
        .repeat(17)
        .slice(0, limits.passwordMostChars - 1)
        .padEnd(limits.passwordMostChars, 'x'),
    ],
    ['in another script', 'зимой снег идёт тихо'],
    ['of signs beyond the first plane, each one character', '😀🐎🔋📎🌲🌊🎻🧊🪁🍋🧭🛶'],
    ['that only has a name in it', 'annabelle rows to the lighthouse'],
  ])('%s', async (_title, password) => {
    expect(await checkPassword(password, ann)).toBeUndefined()
  })
})

describe('a password is refused with what is wrong', () => {
  test.each([
    ['none', '', 'has 0 characters: use at least 12'],
    ['too short', 'kumquat lof', 'has 11 characters: use at least 12'],
    ['too short in characters, not in bytes', '😀🐎🔋📎🌲🌊🎻🧊🪁🍋🧭', 'has 11 characters'],
    ['too short once composed', 'e\u0301'.repeat(11), 'has 11 characters'],
    ['too long', 'ab cd'.repeat(50), 'use at most 200'],
    ['too long by far', 'a'.repeat(1_000_000), 'use at most 200'],
    ['too long once it is spelt out', '\ufdfa'.repeat(100), 'use at most 200'],
    ['half a character', `kumquat loft \ud83d`, 'half of a character'],
    ['her address', 'annabelle.lee@example.com', 'address or a name'],
    ['her address in capitals', 'ANNABELLE.LEE@EXAMPLE.COM', 'address or a name'],
    ['the part before the @', 'annabelle-lee', 'address or a name'],
    ['with digits after it', 'annabelle.lee2026', 'address or a name'],
    ['her name', 'Annabelle Lee Fisher', 'address or a name'],
    ['her name the other way round', 'leefisher annabelle', 'address or a name'],
    ['one sign over and over', 'aaaaaaaaaaaa', 'repeated'],
    ['digits over and over', '12345678901234567890', 'repeated'],
    ['a word over and over', 'dragondragon', 'repeated'],
    ['a common one', 'qwerty123456', 'tried first'],
    ['a common one in capitals', 'Qwerty123456', 'tried first'],
    ['a common one with an end', 'password1234', 'tried first'],
    ['a common one with signs around it', '!!!password!!!', 'tried first'],
    ['a common one in wide letters', 'ｐａｓｓｗｏｒｄ１２３４', 'tried first'],
  ])('%s', async (_title, password, message) => {
    expect(await checkPassword(password, ann)).toContain(message)
  })

  test('and never with the password in the message', async () => {
    for (const password of ['password1234', 'kumquat lof', 'annabelle-lee']) {
      expect(await checkPassword(password, ann)).not.toContain(password)
    }
  })
})

test('somebody without a name has none to avoid', async () => {
  const nameless = { email: 'x@example.com', firstName: null, lastName: undefined }
  expect(await checkPassword('830174926553', nameless)).toBeUndefined()
})

test('the rules hold for any text: an answer comes, and what is accepted is of the right length', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 450 }), async (password) => {
      const problem = await checkPassword(password, ann)
      if (problem !== undefined) return
      const { length } = [...password.normalize('NFKC')]
      expect(length).toBeGreaterThanOrEqual(limits.passwordLeastChars)
      expect(length).toBeLessThanOrEqual(limits.passwordMostChars)
    }),
  )
})
