import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import {
  loadAttributes,
  putAttributes,
  removeAttributes,
  TooManyAttributesError,
} from '../../src/store/attributes.ts'
import type { Db, Transaction } from '../../src/store/db.ts'
import { addIdentity, findSubjects } from '../../src/store/identities.ts'
import { loadOrganisation } from '../../src/store/organisation-state.ts'
import { eachDatabase } from '../support/databases.ts'
import { addOrganisation } from './organisation-rows.ts'

eachDatabase('attributes', (open) => {
  let db: Db
  beforeAll(async () => {
    db = await open()
    for (const id of ['acme', 'beta', 'full']) await addOrganisation(db, id)
  })

  const write = <T>(work: (trx: Transaction) => Promise<T>): Promise<T> =>
    db.query.transaction().execute(work)
  const stored = (organisation: string) => write((trx) => loadAttributes(trx, organisation))

  test('are kept as they were told, by organisation', async () => {
    const attributes = { owner: 'ann', level: 3, active: true, title: "Romeo & 'Juliet'", none: '' }
    await write((trx) =>
      putAttributes(trx, 'acme', [
        { entity: '/docs/document/1', attributes },
        { entity: 'user:ann', attributes: { department: 'Sales' } },
        { entity: 'service:robot', attributes: {} },
      ]),
    )
    expect(await stored('acme')).toEqual(
      new Map<string, object>([
        ['/docs/document/1', attributes],
        ['user:ann', { department: 'Sales' }],
        ['service:robot', {}],
      ]),
    )
    expect(await stored('beta')).toEqual(new Map())
    expect((await loadOrganisation(db, 'acme'))?.attributes).toEqual(await stored('acme'))
  })

  test('are replaced whole', async () => {
    const put = (attributes: Record<string, string>) =>
      write((trx) => putAttributes(trx, 'beta', [{ entity: 'user:ben', attributes }]))
    await put({ department: 'Sales', level: '1' })
    await put({ level: '2' })
    expect((await stored('beta')).get('user:ben')).toEqual({ level: '2' })
  })

  test('A6 123: of a name of every object are data like any other', async () => {
    const attributes = JSON.parse('{"constructor": "x", "__proto__": "y"}')
    await write((trx) => putAttributes(trx, 'beta', [{ entity: 'user:eve', attributes }]))
    const found = (await stored('beta')).get('user:eve') ?? {}
    expect(Object.keys(found).sort()).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype)
  })

  test('I13: are removed by their own organisation', async () => {
    const entity = '/docs/document/gone'
    await write((trx) => putAttributes(trx, 'acme', [{ entity, attributes: {} }]))
    expect(await write((trx) => removeAttributes(trx, 'beta', entity))).toBe(false)
    expect((await stored('acme')).has(entity)).toBe(true)
    expect(await write((trx) => removeAttributes(trx, 'acme', entity))).toBe(true)
    expect(await write((trx) => removeAttributes(trx, 'acme', entity))).toBe(false)
  })

  test('are of no more entities than an organisation may describe', async () => {
    await sql`insert into attributes (organisation, entity, attributes)
      select 'full', 'user:u' || n, '{}' from generate_series(1, ${limits.attributesPerOrganisation}::int) n`.execute(
      db.query,
    )
    const put = (entity: string) =>
      write((trx) => putAttributes(trx, 'full', [{ entity, attributes: { a: 'b' } }]))
    await put('user:u1')
    await expect(put('user:another')).rejects.toThrow(TooManyAttributesError)
    expect((await stored('full')).size).toBe(limits.attributesPerOrganisation)
  })

  test.each([
    'ann',
    'role:owner',
    'user:Ann',
    'user:ann\n',
    '/docs/document',
    '/docs/document/',
    '/docs/document/1/2',
    '/Docs/document/1',
    '/docs/Document/1',
    '/docs/document/a b',
    'docs/document/1',
    `/docs/document/${'x'.repeat(8_192)}`,
    '',
  ])('the database refuses the entity %j', async (entity) => {
    const put = write((trx) => putAttributes(trx, 'acme', [{ entity, attributes: {} }]))
    await expect(put).rejects.toMatchObject({ code: '23514' })
  })

  test.each(['[]', '"x"', '1', 'null'])('the database refuses the attributes %s', async (json) => {
    const row = { organisation: 'acme', entity: 'user:odd', attributes: json }
    const insert = db.query.insertInto('attributes').values(row).execute()
    await expect(insert).rejects.toMatchObject({ code: expect.stringMatching(/^235(14|02)$/) })
  })

  test('an organisation that is not there has none', async () => {
    const put = write((trx) =>
      putAttributes(trx, 'nowhere', [{ entity: 'user:ann', attributes: {} }]),
    )
    await expect(put).rejects.toMatchObject({ code: '23503' })
  })

  describe('the subjects of a sub', () => {
    beforeAll(() =>
      write(async (trx) => {
        const add = (issuer: string, sub: string, subject: string) =>
          addIdentity(trx, { issuer, sub, subject })
        await add('https://a.test/', 'x', 'user:ann')
        await add('https://b.test/', 'x', 'user:ben')
        await add('https://c.test/', 'x', 'user:ann')
      }),
    )

    test.each([
      [['https://a.test/'], ['user:ann']],
      [['https://a.test/', 'https://c.test/'], ['user:ann']],
      [
        ['https://a.test/', 'https://b.test/'],
        ['user:ann', 'user:ben'],
      ],
      [['https://d.test/'], []],
      [[], []],
    ])('are those of the issuers %j', async (issuers, subjects) => {
      expect((await findSubjects(db, 'x', issuers)).sort()).toEqual(subjects)
    })

    test('are told apart to the letter', async () => {
      for (const sub of ['X', 'x ', '', '%', "x' or true --"]) {
        expect(await findSubjects(db, sub, ['https://a.test/'])).toEqual([])
      }
    })
  })
})
