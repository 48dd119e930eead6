import { CompactSign, compactVerify, importJWK } from 'jose'
import { pino } from 'pino'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  createSigning,
  ensureSigningKeys,
  nextPeriod,
  publishedAt,
  signingAt,
} from '../../src/gateway/signing.ts'
import { limits } from '../../src/lib/limits.ts'
import type { Db } from '../../src/store/db.ts'
import { listSigningKeys, type SigningKeyRow } from '../../src/store/signing-keys.ts'
import { eachDatabase } from '../support/databases.ts'

const START = 1_767_225_600_000
const {
  signingKeyPublishAheadMs: ahead,
  signingKeySignsForMs: life,
  signingKeyOverlapMs: overlap,
} = limits
const log = pino({ level: 'silent' })
const secrets: [string] = ['a secret of at least thirty-two characters']
const others: [string] = ['another secret of at least thirty-two characters']

const period = (from: number) => ({
  signs_from: new Date(from),
  signs_until: new Date(from + life),
  published_until: new Date(from + life + overlap),
})

describe('the periods of the keys', () => {
  test('the very first signs at once', () => {
    expect(nextPeriod([], START)).toEqual(period(START))
  })

  test('the next begins where the last ends and is made ahead of that, not sooner', () => {
    const first = period(START)
    expect(nextPeriod([first], START)).toBeUndefined()
    expect(nextPeriod([first], START + life - ahead - 1)).toBeUndefined()
    expect(nextPeriod([first], START + life - ahead)).toEqual(period(START + life))
    expect(nextPeriod([first, period(START + life)], START + life)).toBeUndefined()
  })

  test('after a long sleep a new one signs at once', () => {
    expect(nextPeriod([period(START)], START + 2 * life)).toEqual(period(START + 2 * life))
  })

  test('at every moment exactly one signs, and it has been published ahead', () => {
    const step = ahead / 2
    const rows = new Map<number, ReturnType<typeof period>>()
    const unsigned: number[] = []
    for (let now = START; now < START + 3 * life; now += step) {
      const next = nextPeriod([...rows.values()], now)
      if (next !== undefined) rows.set(now, next)
      const signing = signingAt([...rows.values()], now)
      if (!signing || !publishedAt([...rows.values()], now).includes(signing)) unsigned.push(now)
    }
    expect(unsigned).toEqual([])
    expect(rows.size).toBe(4)
    for (const [madeAt, row] of [...rows].slice(1)) {
      expect(row.signs_from.getTime() - madeAt).toBeGreaterThanOrEqual(ahead - step)
    }
  })

  test('ends are exclusive, and of two that sign the newer one does', () => {
    const first = period(START)
    const second = period(START + life)
    expect(signingAt([first, second], START - 1)).toBeUndefined()
    expect(signingAt([first, second], START)).toBe(first)
    expect(signingAt([first, second], START + life - 1)).toBe(first)
    expect(signingAt([first, second], START + life)).toBe(second)
    expect(
      signingAt([second, period(START + life + 1)], START + life + 1)?.signs_from.getTime(),
    ).toBe(START + life + 1)
  })

  test('a key shows before it signs and for the overlap after it has stopped', () => {
    const rows = [period(START), period(START + life)]
    expect(publishedAt(rows, START)).toEqual(rows)
    expect(publishedAt(rows, START + life + overlap - 1)).toEqual(rows)
    expect(publishedAt(rows, START + life + overlap)).toEqual([rows[1]])
  })

  test('every assertion dies before its key stops showing', () => {
    expect(limits.assertionReuseMs + limits.assertionLifetimeSeconds * 1_000).toBeLessThan(overlap)
    expect(limits.signingKeyPollMs).toBeLessThan(ahead / 2)
  })
})

eachDatabase('signing keys', (open) => {
  let db: Db
  beforeAll(async () => {
    db = await open()
  })
  beforeEach(() => db.query.deleteFrom('signing_keys').execute())

  const at = (now: number, secretKeys: [string, ...string[]] = secrets) =>
    createSigning({ db, secretKeys, log, clock: { now: () => now } })

  test('what is signed verifies with what is published, and nothing private is', async () => {
    const signing = await at(START)
    const { kid, privateKey } = signing.keyAt(START)
    const { keys } = signing.jwksAt(START)
    expect(keys).toEqual([
      {
        kty: 'EC',
        crv: 'P-256',
        x: expect.any(String),
        y: expect.any(String),
        kid,
        alg: 'ES256',
        use: 'sig',
      },
    ])
    const token = await new CompactSign(Buffer.from('x'))
      .setProtectedHeader({ alg: 'ES256' })
      .sign(privateKey)
    const publicKey = await importJWK(keys[0] as { kty: 'EC' }, 'ES256')
    expect((await compactVerify(token, publicKey)).protectedHeader.alg).toBe('ES256')
    signing.stop()
  })

  test('the private part is sealed at rest, and cannot be taken out of the process', async () => {
    const signing = await at(START)
    const [row] = await listSigningKeys(db)
    expect(row?.sealed).not.toContain('"d"')
    expect(Buffer.from(row?.sealed ?? '', 'base64').toString('latin1')).not.toContain('"d"')
    expect(signing.keyAt(START).privateKey.extractable).toBe(false)
    signing.stop()
  })

  test('replicas that start at once agree on one key', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => at(START)))
    expect(new Set(all.map((signing) => signing.keyAt(START).kid)).size).toBe(1)
    expect(await listSigningKeys(db)).toHaveLength(1)
    for (const signing of all) signing.stop()
  })

  test('a replica that starts later has the same key', async () => {
    const first = await at(START)
    const second = await at(START + 1_000)
    expect(second.keyAt(START + 1_000).kid).toBe(first.keyAt(START + 1_000).kid)
    for (const signing of [first, second]) signing.stop()
  })

  test('a rotation overlaps: published ahead, signs on time, the old one shows on and is forgotten', async () => {
    const [first] = await ensureSigningKeys(db, secrets, START)
    const end = START + life
    const both = await ensureSigningKeys(db, secrets, end - ahead)
    expect(both.map(({ kid }) => kid)).toEqual([
      first?.kid,
      expect.not.stringContaining(first?.kid ?? ''),
    ])

    const signing = await at(end - 1)
    expect(signing.keyAt(end - 1).kid).toBe(first?.kid)
    expect(signing.keyAt(end).kid).toBe(both[1]?.kid)
    expect(signing.jwksAt(end - 1).keys).toHaveLength(2)
    expect(signing.jwksAt(end + overlap).keys).toHaveLength(1)
    signing.stop()

    const later = await ensureSigningKeys(db, secrets, end + life - ahead)
    expect(later.map(({ kid }) => kid)).not.toContain(first?.kid)
    expect(later).toHaveLength(2)
  })

  test('a new SECRET_KEY opens old keys by the previous one, and none without it', async () => {
    const before = await at(START)
    const after = await at(START, [...others, ...secrets])
    expect(after.keyAt(START).kid).toBe(before.keyAt(START).kid)
    await expect(at(START, others)).rejects.toThrow('Set SECRET_KEY_PREVIOUS')
    for (const signing of [before, after]) signing.stop()
  })

  test('a key that only shows needs no opening', async () => {
    await ensureSigningKeys(db, secrets, START)
    const now = START + life
    await ensureSigningKeys(db, others, now)
    const signing = await at(now, others)
    expect(signing.jwksAt(now).keys).toHaveLength(2)
    signing.stop()
  })

  test('without a key for the time nothing is signed', async () => {
    const signing = await at(START)
    expect(() => signing.keyAt(START - 1)).toThrow('No signing key')
    expect(() => signing.keyAt(START + life)).toThrow('No signing key')
    signing.stop()
  })

  test('a row whose seal was changed is refused', async () => {
    const [row] = (await ensureSigningKeys(db, secrets, START)) as [SigningKeyRow]
    const sealed = Buffer.from(row.sealed, 'base64')
    sealed.writeUInt8(sealed.readUInt8(sealed.length - 1) ^ 1, sealed.length - 1)
    const change = { sealed: sealed.toString('base64') }
    await db.query.updateTable('signing_keys').set(change).where('kid', '=', row.kid).execute()
    await expect(at(START)).rejects.toThrow()
  })
})
