import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Db, Transaction } from '../../src/store/db.ts'
import { addIdentity, findIdentity } from '../../src/store/identities.ts'
import { addKey, dropExpiredKeys, findKey, type NewKey, removeKey } from '../../src/store/keys.ts'
import { numberOfFiles } from '../../src/store/policy-files.ts'
import {
  listSigningKeys,
  rotateSigningKeys,
  type SigningKeyRow,
} from '../../src/store/signing-keys.ts'
import { eachDatabase } from '../support/databases.ts'
import { addOrganisation } from './organisation-rows.ts'

const HASH = 'ab'.repeat(32)

function key(id: string, organisation: string, over: Partial<NewKey> = {}): NewKey {
  const subject = 'user:ann'
  const open = { scopes: null, networks: null, expires_at: null }
  return { id, hash: HASH, organisation, subject, label: 'test', ...open, ...over }
}

function signingKey(kid: string, from: number): SigningKeyRow {
  const day = (n: number) => new Date(Date.UTC(2026, 0, from + n))
  return {
    kid,
    public_jwk: { kty: 'OKP', crv: 'Ed25519', x: kid },
    sealed: `sealed-${kid}`,
    signs_from: day(0),
    signs_until: day(30),
    published_until: day(31),
  }
}

eachDatabase('credentials', (open) => {
  let db: Db
  beforeAll(async () => {
    db = await open()
    await addOrganisation(db, 'acme')
    await addOrganisation(db, 'beta')
  })

  function write<T>(work: (trx: Transaction) => Promise<T>): Promise<T> {
    return db.query.transaction().execute(work)
  }

  describe('API keys', () => {
    test('a key is found by its exact id, with its organisation and owner', async () => {
      const expires_at = new Date(Date.now() + 60_000)
      await write((trx) => addKey(trx, key('exact0001', 'acme', { expires_at })))
      expect(await findKey(db, 'exact0001')).toEqual(key('exact0001', 'acme', { expires_at }))
      for (const id of ['exact000', 'exact00011', 'EXACT0001', 'exact%', '', "' or true --"]) {
        expect(await findKey(db, id)).toBeUndefined()
      }
    })

    test('an organisation removes its own keys only', async () => {
      await write((trx) => addKey(trx, key('owned0001', 'beta')))
      expect(await write((trx) => removeKey(trx, 'acme', 'owned0001'))).toBe(false)
      expect(await findKey(db, 'owned0001')).toBeDefined()
      expect(await write((trx) => removeKey(trx, 'beta', 'owned0001'))).toBe(true)
      expect(await findKey(db, 'owned0001')).toBeUndefined()
    })

    test('only keys whose time is over are dropped', async () => {
      await write(async (trx) => {
        await addKey(trx, key('over00001', 'acme', { expires_at: new Date(Date.now() - 60_000) }))
        await addKey(trx, key('young0001', 'acme', { expires_at: new Date(Date.now() + 60_000) }))
        await addKey(trx, key('always001', 'acme'))
      })
      expect(await findKey(db, 'over00001')).toBeDefined()
      expect(await dropExpiredKeys(db)).toBe(1)
      expect(await findKey(db, 'over00001')).toBeUndefined()
      expect(await findKey(db, 'young0001')).toBeDefined()
      expect(await findKey(db, 'always001')).toBeDefined()
    })

    test('a key ends with the membership that it stands for', async () => {
      await write((trx) => addKey(trx, key('cascade01', 'beta', { subject: 'user:ben' })))
      await db.query
        .deleteFrom('members')
        .where('organisation', '=', 'beta')
        .where('subject', '=', 'user:ben')
        .execute()
      expect(await findKey(db, 'cascade01')).toBeUndefined()
    })

    test.each([
      ['for somebody who is no member', key('strange01', 'acme', { subject: 'user:eve' }), '23503'],
      ['for no organisation', key('strange02', 'nowhere'), '23503'],
      [
        'with a text where its hash belongs',
        key('strange03', 'acme', { hash: 'gh_secret' }),
        '23514',
      ],
      ['with capitals in its id', key('STRANGE04', 'acme'), '23514'],
      ['with a short id', key('short', 'acme'), '23514'],
      ['without a label', key('strange05', 'acme', { label: '' }), '23514'],
    ])('a key %s is refused', async (_title, bad, code) => {
      await expect(write((trx) => addKey(trx, bad))).rejects.toMatchObject({ code })
    })

    test('a second key with the same id is refused', async () => {
      await write((trx) => addKey(trx, key('double001', 'acme')))
      const again = write((trx) => addKey(trx, key('double001', 'beta')))
      await expect(again).rejects.toMatchObject({ code: '23505' })
      expect(await findKey(db, 'double001')).toMatchObject({ organisation: 'acme' })
    })
  })

  describe('identities', () => {
    const issuer = 'https://issuer.example'

    test('issuer and subject are matched together and exactly', async () => {
      await write((trx) => addIdentity(trx, { issuer, sub: 'Ann', subject: 'user:ann' }))
      const other = 'https://other.example'
      await write((trx) => addIdentity(trx, { issuer: other, sub: 'Ann', subject: 'user:ben' }))
      expect(await findIdentity(db, issuer, 'Ann')).toBe('user:ann')
      expect(await findIdentity(db, other, 'Ann')).toBe('user:ben')
      for (const [who, sub] of [
        [issuer, 'ann'],
        [issuer, 'Ann '],
        [issuer, '%'],
        [`${issuer}/`, 'Ann'],
        [`${issuer}A`, 'nn'],
        ['', ''],
      ] as const) {
        expect(await findIdentity(db, who, sub)).toBeUndefined()
      }
    })

    test('an identity that is bound is never bound to somebody else', async () => {
      const mine = { issuer, sub: 'bound', subject: 'user:ann' }
      await write((trx) => addIdentity(trx, mine))
      const stolen = write((trx) => addIdentity(trx, { ...mine, subject: 'user:mallory' }))
      await expect(stolen).rejects.toMatchObject({ code: '23505' })
      expect(await findIdentity(db, issuer, 'bound')).toBe('user:ann')
    })

    test.each(['role:owner', 'team:a', 'ann', 'anonymous', '*', 'user:a, role:owner'])(
      'an identity never stands for %j',
      async (subject) => {
        const adding = write((trx) => addIdentity(trx, { issuer, sub: 'x', subject }))
        await expect(adding).rejects.toMatchObject({ code: '23514' })
      },
    )
  })

  describe('signing keys', () => {
    test('replicas that rotate at once agree on one key', async () => {
      const rotate = (kid: string) =>
        rotateSigningKeys(db, (existing) => ({
          add: existing.length === 0 ? [signingKey(kid, 1)] : [],
          remove: [],
        }))
      // Connections that are open already, so that nobody is late for the race.
      const kids = ['first', 'second', 'third', 'fourth']
      await Promise.all(kids.map(() => sql`select pg_sleep(0.05)`.execute(db.query)))
      const seen = await Promise.all(kids.map(rotate))
      for (const keys of seen) expect(keys).toEqual(seen[0])
      expect(seen[0]?.length).toBe(1)
      expect(await listSigningKeys(db)).toEqual(seen[0])
    })

    test('keys are added and forgotten in one step and listed in the order they sign', async () => {
      const [standing] = await listSigningKeys(db)
      await rotateSigningKeys(db, () => ({
        add: [signingKey('later', 20), signingKey('earlier', 10)],
        remove: [standing?.kid ?? ''],
      }))
      const keys = await listSigningKeys(db)
      expect(keys).toEqual([signingKey('earlier', 10), signingKey('later', 20)])
    })

    test('a plan that fails changes nothing', async () => {
      const before = await listSigningKeys(db)
      const failing = rotateSigningKeys(db, () => {
        throw new Error('no plan')
      })
      await expect(failing).rejects.toThrow('no plan')
      const half = rotateSigningKeys(db, () => ({
        add: [signingKey('good', 1), signingKey('good', 1)],
        remove: before.map(({ kid }) => kid),
      }))
      await expect(half).rejects.toMatchObject({ code: '23505' })
      expect(await listSigningKeys(db)).toEqual(before)
    })

    test.each([
      ['a private key where the public one belongs', { public_jwk: { kty: 'OKP', d: 'secret' } }],
      ['an end before its beginning', { signs_until: new Date(0) }],
      ['a publication that ends before it stops signing', { published_until: new Date(0) }],
    ])('%s is refused', async (_title, over) => {
      const adding = rotateSigningKeys(db, () => ({
        add: [{ ...signingKey('bad', 1), ...over }],
        remove: [],
      }))
      await expect(adding).rejects.toMatchObject({ code: '23514' })
    })
  })

  describe('policy files', () => {
    test('a hash keeps its number and a new one gets a higher one', async () => {
      const first = await numberOfFiles(db, 'a1'.repeat(32))
      const second = await numberOfFiles(db, 'b2'.repeat(32))
      expect(second).toBeGreaterThan(first)
      expect(await numberOfFiles(db, 'a1'.repeat(32))).toBe(first)
    })

    test('replicas that start at once get the same number', async () => {
      const asking = Array.from({ length: 6 }, () => numberOfFiles(db, 'c3'.repeat(32)))
      expect(new Set(await Promise.all(asking)).size).toBe(1)
    })

    test.each(['', 'short', 'A1'.repeat(32), `${'a1'.repeat(32)}\n`])(
      'the hash %j is refused',
      async (hash) => {
        await expect(numberOfFiles(db, hash)).rejects.toMatchObject({ code: '23514' })
      },
    )
  })
})
