import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { isTypedId } from '../../src/lib/ids.ts'
import type { Db } from '../../src/store/db.ts'
import { ruleFault } from '../../src/store/rule-shape.ts'
import { eachDatabase } from '../support/databases.ts'
import { badRules, goodRules } from './bad-rules.ts'
import { addOrganisation, insertRuleRow, rolledBack } from './organisation-rows.ts'

describe('the first wall, in code', () => {
  test.each(badRules)('refuses $title', ({ ptype, values }) => {
    expect(ruleFault(ptype, values, 'acme')).toBeTypeOf('string')
  })

  test.each(goodRules)('accepts $ptype $values', ({ ptype, values }) => {
    expect(ruleFault(ptype, values, 'acme')).toBeUndefined()
  })

  test('a rule of another organisation is refused, however well it is formed', () => {
    for (const { ptype, values } of goodRules) {
      expect(ruleFault(ptype, values, 'beta')).toContain('domain')
    }
  })

  test('the fault names the column and shows the value escaped', () => {
    const values = ['user:a\n', 'role:editor', 'org:acme']
    expect(ruleFault('g', values, 'acme')).toBe('the member "user:a\\n" is not valid')
  })

  test('no text with a comma, quote, bracket, # or space is ever part of a rule', () => {
    const hostile = fc
      .tuple(
        fc.string(),
        fc.constantFrom(',', '"', '(', ')', '#', ' ', '\n', '\t', "'"),
        fc.string(),
      )
      .map((parts) => parts.join(''))
    const place = fc.nat({ max: 4 })
    fc.assert(
      fc.property(hostile, place, (text, index) => {
        const values = ['role:editor', 'org:acme', '/docs', 'GET', 'allow'].with(index, text)
        return ruleFault('p', values, 'acme') !== undefined
      }),
    )
  })
})

eachDatabase('the second wall, in the database', (open) => {
  let db: Db
  let broken: string[][]
  const conditions = new Map<string, string>()
  beforeAll(async () => {
    db = await open()
    await addOrganisation(db, 'acme')
    await readConditions()
    broken = await brokenConstraints()
  })

  async function refusal(ptype: string, values: unknown): Promise<unknown> {
    return rolledBack(db, (trx) =>
      insertRuleRow(trx, ptype, values).then(
        () => undefined,
        (error: unknown) => error,
      ),
    )
  }

  test.each(badRules.map((rule, index) => ({ ...rule, index })))(
    'refuses $title',
    async ({ ptype, values, constraint, index }) => {
      // PostgreSQL names the first constraint that a row breaks, and a row that cannot even be
      // placed in an organisation breaks that first; so the one that is meant is asked by itself.
      expect(broken[index]).toContain(constraint)
      const code = expect.stringMatching(/^235(02|14)$/)
      expect(await refusal(ptype, values)).toMatchObject({ code })
    },
  )

  test.each(goodRules)('accepts $ptype $values', async ({ ptype, values }) => {
    expect(await refusal(ptype, values)).toBeUndefined()
  })

  test('a rule of an organisation that does not exist is refused', async () => {
    const values = ['user:ann', 'role:editor', 'org:nowhere']
    expect(await refusal('g', values)).toMatchObject({ code: '23503' })
  })

  test('the database and the code agree on which texts are ids', async () => {
    const characters = [...'abz09--_:AZ *%,\n\u00e4']
    const text = fc.string({ unit: fc.constantFrom(...characters), maxLength: 8 })
    const prefix = fc.constantFrom('user:', 'team:', 'role:', 'service:', 'org:', 'USER:', '')
    const samples = fc.sample(
      fc.tuple(prefix, text).map((parts) => parts.join('')),
      2_000,
    )
    samples.push(`user:${'a'.repeat(64)}`, `user:${'a'.repeat(65)}`, 'user:a', 'user:a-', 'user:-a')
    const { rows } = await sql<{ text: string; accepted: boolean }>`
      select text, ${conditionOf('casbin_g_member')} as accepted from (
        select value as text, 'g' as ptype, jsonb_build_array(value) as rule
        from jsonb_array_elements_text(${JSON.stringify(samples)}::jsonb) as samples (value)
      ) as rows`.execute(db.query)
    expect(rows.length).toBe(samples.length)
    for (const { text, accepted } of rows) {
      expect([text, accepted]).toEqual([text, isTypedId(text, 'user', 'service', 'team', 'role')])
    }
  })

  function conditionOf(name: string) {
    return sql.raw(conditions.get(name) ?? 'null')
  }

  async function readConditions(): Promise<void> {
    const { rows } = await sql<{ name: string; condition: string }>`
      select conname as name, pg_get_expr(conbin, conrelid) as condition from pg_constraint
      where conrelid = 'casbin'::regclass and contype = 'c'`.execute(db.query)
    for (const { name, condition } of rows) conditions.set(name, condition)
  }

  /** For each bad rule the names of all the constraints on rules that it breaks. */
  async function brokenConstraints(): Promise<string[][]> {
    const names = [...conditions.keys()].filter((name) => /^casbin_(type|columns|[pg]_)/.test(name))
    const verdicts = names.map((name) => sql`not (${conditionOf(name)}) as ${sql.id(name)}`)
    const { rows } = await sql<Record<string, boolean>>`
      select ${sql.join(verdicts)} from (
        select pair->>0 as ptype, pair->1 as rule
        from jsonb_array_elements(${JSON.stringify(badRules.map(({ ptype, values }) => [ptype, values]))}::jsonb)
          with ordinality as pairs (pair, position) order by position
      ) as rules`.execute(db.query)
    return rows.map((row) => names.filter((name) => row[name] === true))
  }
})
