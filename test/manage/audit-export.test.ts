import { spawnSync } from 'node:child_process'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ChainedEntry } from '../../src/lib/audit-chain.ts'
import { limits } from '../../src/lib/limits.ts'
import { appendAudit } from '../../src/store/audit.ts'
import { raiseRevision } from '../../src/store/organisations.ts'
import { type Management, openManaged } from '../support/management.ts'

const ENTRIES = 1_200
const AT = Date.UTC(2026, 2, 1, 10)
const HOSTILE = 'x;=HYPERLINK("http://evil.test");\n"y",=1+1\t@SUM(A1)'
const exported = '/orgs/acme/audit/export'

let scene: Management
let headers: Record<string, string>

/** Changes of `acme` that nobody asked for over a socket, for that would take minutes. */
async function write(count: number, over: Partial<ChainedEntry> = {}): Promise<number> {
  return scene.gateway.running.db.transaction('seed', async (trx) => {
    let revision = 0
    for (let made = 0; made < count; made += 1) {
      revision = await raiseRevision(trx, 'acme')
      await appendAudit(trx, {
        organisation: 'acme',
        revision,
        at: new Date(AT + revision * 1_000).toISOString(),
        actor: revision % 2 === 0 ? 'user:olga' : 'user:alan',
        credential: 'key:8f3k',
        address: '192.0.2.7',
        requestId: `request-${revision}`,
        operation: revision % 3 === 0 ? 'createTeam' : 'updateTeam',
        object: `/gatehouse/teams/team:${revision}`,
        before: revision % 2 === 0 ? null : { name: `Team ${revision}`, n: 1e21 },
        after: { name: HOSTILE, members: ['ä', revision] },
        ...over,
      })
    }
    return revision
  })
}

beforeAll(async () => {
  scene = await openManaged()
  const revision = await write(ENTRIES)
  headers = { 'gatehouse-min-revision': `acme:${revision}` }
  // Until the listener, too, knows of the last.
  const listed = () => scene.call('owner', 'GET', '/orgs/acme', undefined, headers)
  while ((await listed()).status === 503);
}, 120_000)
afterAll(() => scene?.close())

async function take(query = '', name = 'owner', credential = scene.keys[name]) {
  const url = `http://127.0.0.1:${scene.gateway.adminPort}/api/v1${exported}${query}`
  const answer = await fetch(url, { headers: { authorization: `Bearer ${credential}` } })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}
const entriesIn = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ChainedEntry)
const revisionsIn = (text: string) => entriesIn(text).map(({ revision }) => revision)
/** A reader that is not ours, and forgives nothing. */
const rowsIn = (text: string): Record<string, string>[] =>
  parse(text, { columns: true, record_delimiter: '\r\n' })

function verify(input: string, ...args: readonly string[]) {
  const program = ['src/cli/gatehouse.ts', 'audit', 'verify', ...args]
  return spawnSync(process.execPath, program, { input, encoding: 'utf8' })
}

describe('as JSON lines', () => {
  test('is the whole audit, oldest first, which the command line verifies', async () => {
    const { status, headers: found, text } = await take()
    expect(status).toBe(200)
    expect(found.get('content-type')).toBe('application/jsonl')
    const day = new Date().toISOString().slice(0, 10)
    expect(found.get('content-disposition')).toBe(`attachment; filename="acme-audit-${day}.jsonl"`)
    expect(found.get('gatehouse-revision')).toBe(headers['gatehouse-min-revision'])
    expect(entriesIn(text)).toEqual(await scene.audit('acme'))
    const head = entriesIn(text).at(-1)?.hash ?? ''
    const verified = verify(text, '--head', head)
    expect(verified.stdout).toContain(`${ENTRIES} entries of acme, from the first entry on`)
    expect([verified.status, verified.stderr]).toEqual([0, ''])
  })

  test('that had one byte changed is found out, and at which revision', async () => {
    const { text } = await take('?format=jsonl')
    const { revision } = entriesIn(text)[700] ?? {}
    const changed = text.replace(`"request-${revision}"`, `"request_${revision}"`)
    expect(changed).toHaveLength(text.length)
    const { status, stdout } = verify(changed)
    expect(stdout).toContain(`Broken at revision ${revision}`)
    expect(status).toBe(1)
  })

  test('holds nothing of another organisation', async () => {
    await scene.call('stranger', 'POST', '/orgs/beta/teams', { name: 'Theirs' })
    expect((await take()).text).not.toContain('Theirs')
    expect((await take('', 'stranger')).status).toBe(404)
  })

  test('ends at the revision that was in force when it was asked for', async () => {
    const { db } = scene.gateway.running
    const [last] = (await scene.audit('acme')).slice(-1)
    if (last === undefined) throw new Error('there is no entry')
    const { previous: _, hash: __, ...entry } = last
    await db.transaction('seed', async (trx) => {
      await appendAudit(trx, { ...entry, revision: last.revision + 1 })
    })
    expect(revisionsIn((await take()).text).at(-1)).toBe(last.revision)
    await db.transaction('seed', (trx) => raiseRevision(trx, 'acme'))
  })
})

describe('filters', () => {
  const all = async () => entriesIn((await take()).text)

  test.each<[string, (entry: ChainedEntry) => boolean]>([
    ['actor=user:alan', ({ actor }) => actor === 'user:alan'],
    ['operation=createTeam', ({ operation }) => operation === 'createTeam'],
    ['object=/gatehouse/teams/team:100', ({ object }) => object.endsWith('team:100')],
    ['since=2026-03-01T10:10:00Z', ({ at }) => at >= '2026-03-01T10:10:00'],
    ['until=2026-03-01T10:10:00Z', ({ at }) => at < '2026-03-01T10:10:00'],
    [
      'actor=user:olga&operation=createTeam&since=2026-03-01T10:05:00Z&until=2026-03-01T10:06:00Z',
      ({ actor, operation, at }) =>
        actor === 'user:olga' &&
        operation === 'createTeam' &&
        at >= '2026-03-01T10:05:00' &&
        at < '2026-03-01T10:06:00',
    ],
  ])('take what they name: %s', async (query, keeps) => {
    const expected = (await all()).filter(keeps)
    expect(expected.length).toBeGreaterThan(0)
    expect(entriesIn((await take(`?${query}`)).text)).toEqual(expected)
    expect(rowsIn((await take(`?format=csv&${query}`)).text)).toHaveLength(expected.length)
  })

  test('by time leave a part of the chain, which verifies as one', async () => {
    const { text } = await take('?since=2026-03-01T10:05:00Z&until=2026-03-01T10:15:00Z')
    expect(verify(text).stdout).toContain('a part of the chain')
  })

  test('that nothing matches leave nothing but the head of a table', async () => {
    expect((await take('?operation=none')).text).toBe('')
    const { text } = await take('?operation=none&format=csv')
    expect(text).toMatch(/^organisation,revision,at,[^\n]*\r\n$/)
  })

  test.each([
    ['format=xlsx', 'format is jsonl or csv.'],
    ['format=', 'format is jsonl or csv.'],
    ['actor=ann', 'actor is user: or service: and an id, anonymous or gatehouse.'],
    ['since=yesterday', 'since is a moment in UTC, as in 2026-01-31T12:00:00Z.'],
    ['limit=1', /^"limit" is no parameter here; use format, actor,/],
  ])('?%s is a 400 that says why', async (query, detail) => {
    const { status, text } = await take(`?${query}`)
    expect(status).toBe(400)
    expect(JSON.parse(text)).toMatchObject({
      code: 'invalid_input',
      detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
    })
  })
})

describe('as CSV', () => {
  test('is a table that others read, with the records as JSON', async () => {
    const { headers: found, text } = await take('?format=csv')
    expect(found.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    expect(found.get('content-disposition')).toMatch(/^attachment; filename="acme-audit-.*\.csv"$/)
    const rows = rowsIn(text)
    const entries = entriesIn((await take()).text)
    expect(rows).toHaveLength(entries.length)
    const read = rows.map(({ revision, before = '', after = '', ...row }) => ({
      ...row,
      revision: Number(revision),
      before: before === '' ? null : JSON.parse(before),
      after: JSON.parse(after),
    }))
    expect(read).toEqual(entries)
  })

  test('has no cell that a spreadsheet would run, with a semicolon between cells neither', async () => {
    await write(1, { before: '=1+1', actor: '@evil', credential: '+1', address: '-1' })
    await scene.call('owner', 'POST', '/orgs/acme/teams', { name: 'Last' })
    const { text } = await take('?format=csv')
    const cells = rowsIn(text).flatMap((row) => Object.values(row))
    expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([])
    expect(cells).toEqual(expect.arrayContaining(["'@evil", "'+1", "'-1", '"=1+1"']))
    const elsewhere: string[][] = parse(text, { delimiter: ';', relax_quotes: true, quote: null })
    expect(elsewhere.flat().filter((cell) => /^"?[=+\-@\t\r]/.test(cell))).toEqual([])
  })
})

describe('who may take it', () => {
  test('whoever may read the audit, by a key for that alone as well', async () => {
    const { gateway } = scene
    const narrow = await gateway.key('user:olga', { organisation: 'acme', scopes: ['audit:read'] })
    const other = await gateway.key('user:olga', { organisation: 'acme', scopes: ['teams:read'] })
    expect((await take('', 'owner', narrow)).status).toBe(200)
    expect((await take('', 'owner', other)).status).toBe(403)
    expect((await take('', 'viewer')).status).toBe(200)
    expect((await take('', 'member')).status).toBe(403)
  })

  test('and nothing of it is an entry of the audit', async () => {
    const before = (await scene.audit('acme')).length
    await take()
    expect(await scene.audit('acme')).toHaveLength(before)
  })
})

test('more than one page was read for it', () =>
  expect(ENTRIES).toBeGreaterThan(limits.exportPageRows))
