import { argon2Sync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createPasswords } from '../../src/identity/passwords.ts'
import { BusyError } from '../../src/lib/gate.ts'
import { limits } from '../../src/lib/limits.ts'

const passwords = createPasswords()
const PASSWORD = 'correct horse battery staple'

/** Made by other hands, with parameters of their own. */
function phc(
  password: string,
  {
    memory = 19_456,
    passes = 2,
    parallelism = 1,
    nonce = Buffer.alloc(16, 7),
    tagLength = 32,
  } = {},
): string {
  const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')
  const parameters = { memory, passes, parallelism, nonce, tagLength }
  const tag = argon2Sync('argon2id', { message: password, ...parameters })
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${text(nonce)}$${text(tag)}`
}

describe('a hash', () => {
  test('is Argon2id in PHC form with the parameters that OWASP recommends', async () => {
    const stored = await passwords.hash(PASSWORD)
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  })

  test('differs each time and never holds the password', async () => {
    const [one, two] = await Promise.all([passwords.hash(PASSWORD), passwords.hash(PASSWORD)])
    expect(one).not.toBe(two)
    expect(one).not.toContain('horse')
  })

  test('is that of the standard: one made elsewhere fits', async () => {
    expect(await passwords.verify(PASSWORD, phc(PASSWORD))).toEqual({ right: true, stale: false })
  })

  test('is the one of the reference implementation, to the byte', async () => {
    // From the tests of the reference implementation, P-H-C/phc-winner-argon2.
    const stored =
      '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
    expect(await passwords.verify('password', stored)).toEqual({ right: true, stale: true })
  })
})

describe('a password', () => {
  test.each([
    ['another', 'correct horse battery staplf'],
    ['one in capitals', PASSWORD.toUpperCase()],
    ['one with a space after it', `${PASSWORD} `],
    ['a part', PASSWORD.slice(0, -1)],
    ['none', ''],
    ['one that is too long by far', PASSWORD + 'a'.repeat(100_000)],
  ])('%s is wrong', async (_title, password) => {
    expect(await passwords.verify(password, await passwords.hash(PASSWORD))).toEqual({
      right: false,
    })
  })

  test('is wrong when it is longer than any may be, whatever a row holds', async () => {
    const long = 'a'.repeat(2 * limits.passwordMostChars + 1)
    expect(await passwords.verify(long, phc(long))).toEqual({ right: false })
  })

  test('is the same however its characters were composed', async () => {
    const stored = await passwords.hash('a cafe\u0301 in the ﬁeld')
    expect(await passwords.verify('a caf\u00e9 in the field', stored)).toMatchObject({
      right: true,
    })
  })

  test.each([null, undefined, ''])('is wrong for an account with %j', async (stored) => {
    expect(await passwords.verify(PASSWORD, stored)).toEqual({ right: false })
    expect(await passwords.verify('', stored)).toEqual({ right: false })
  })

  test.each([
    ['less memory', { memory: 8_192 }],
    ['more passes', { passes: 3 }],
    ['more lanes', { parallelism: 2 }],
    ['a shorter hash', { tagLength: 16 }],
    ['a longer salt', { nonce: Buffer.alloc(24, 1) }],
  ])('with %s is right and to be hashed again', async (_title, parameters) => {
    const stored = phc(PASSWORD, parameters)
    expect(await passwords.verify(PASSWORD, stored)).toEqual({ right: true, stale: true })
    expect(await passwords.verify('another one', stored)).toEqual({ right: false })
  })
})

describe('a stored text that is damaged is an error and fits nothing', () => {
  const good = phc(PASSWORD)
  test.each([
    ['of another kind', good.replace('argon2id', 'argon2i')],
    ['of another version', good.replace('v=19', 'v=16')],
    ['without its hash', good.slice(0, good.lastIndexOf('$') + 1)],
    ['with something after it', `${good} `],
    ['of memory that we do not have', good.replace('m=19456', 'm=4194304')],
    ['of passes without end', good.replace('t=2', 't=999')],
    ['of many lanes', good.replace('p=1', 'p=200')],
    ['in the clear', PASSWORD],
  ])('%s', async (_title, stored) => {
    await expect(passwords.verify(PASSWORD, stored)).rejects.toThrow('stored password')
  })
})

describe('a flood', () => {
  test('is refused beyond the line, by accounts and without, and it is served again after', async () => {
    const { hash, verify } = createPasswords()
    const stored = phc(PASSWORD, { memory: 64, passes: 1 })
    const places = limits.passwordHashes + limits.passwordHashesWaiting
    const asked = Array.from({ length: places }, () => verify(PASSWORD, stored))
    await expect(verify(PASSWORD, stored)).rejects.toBeInstanceOf(BusyError)
    await expect(verify(PASSWORD, undefined)).rejects.toBeInstanceOf(BusyError)
    await expect(hash(PASSWORD)).rejects.toBeInstanceOf(BusyError)
    for (const answer of await Promise.all(asked)) expect(answer.right).toBe(true)
    expect((await verify(PASSWORD, stored)).right).toBe(true)
  })

  test('at an account that does not exist costs a hash each, so that its time tells nothing', async () => {
    const { verify } = createPasswords()
    const places = limits.passwordHashes + limits.passwordHashesWaiting
    const stored = phc(PASSWORD, { memory: 64, passes: 1 })
    const first = verify(PASSWORD, null)
    const line = Array.from({ length: places - 1 }, () => verify(PASSWORD, stored))
    // It holds a place of its own, as one with an account would.
    await expect(verify(PASSWORD, stored)).rejects.toBeInstanceOf(BusyError)
    expect(await first).toEqual({ right: false })
    await Promise.all(line)
  })
})
