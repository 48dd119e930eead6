/** Every operation without its database, or with one that is not ours: the two refusals left. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresUrl } from '../support/databases.ts'
import { openPostgresProxy, type PostgresProxy } from '../support/postgres-proxy.ts'
import { codeOf, type Matrix, openMatrix, type Ready, rows } from './matrix-scene.ts'

let way: PostgresProxy
let scene: Matrix
let unused: string
const good = new Map<string, Ready>()
beforeAll(async () => {
  way = await openPostgresProxy(await postgresUrl('migrated'))
  scene = await openMatrix({ DATABASE_URL: way.url, SECRET_KEY: 'k'.repeat(43) })
  unused = await scene.gateway.member('user:ulla', { holds: ['role:owner'] })
  for (const [id, operation] of rows) good.set(id, await scene.ready(operation))
  // A credential that is known is not looked up again.
  for (const by of new Set([...good.values()].map((one) => one.by))) {
    await scene.call(by, 'GET', by === 'owner' ? '/orgs/acme' : '/me')
  }
}, 120_000)
afterAll(() => scene?.close())

/** What each operation answers, by its name. */
async function answersOf(change: (asked: Ready) => Ready = (asked) => asked) {
  const found: Record<string, unknown> = {}
  for (const [id, operation] of rows) {
    const asked = good.get(id)
    if (asked === undefined) throw new Error(`${id} has no sample`)
    const answer = await scene.send(operation, change(asked))
    expect(JSON.stringify(answer.json)).not.toMatch(/relation|ECONN|timeout|postgres/)
    found[id] = answer.status < 300 ? 'good' : [answer.status, codeOf(answer)]
  }
  return found
}

/** The same for every operation that `which` names. */
function all(outcome: unknown, which: (row: (typeof rows)[number]) => boolean = () => true) {
  return Object.fromEntries(rows.filter(which).map(([id]) => [id, outcome]))
}

test('in a database that has lost its tables every change is a 500 that says nothing', async () => {
  const { query } = scene.ground.db
  await sql`alter schema public rename to elsewhere`.execute(query)
  try {
    const found = await answersOf()
    const changes = all([500, 'internal'], ([, { kind }]) => kind === 'changing')
    expect(found).toMatchObject(changes)
    // Some of what is read is known without it.
    const codes = new Set(Object.values(found).map(String))
    expect([...codes].toSorted()).toEqual(['500,internal', 'good'])
  } finally {
    await sql`alter schema elsewhere rename to public`.execute(query)
  }
})

test('without the database every operation is a 503', async () => {
  await way.close()
  const found = await answersOf((asked) => {
    return asked.by === undefined ? asked : { ...asked, by: unused }
  })
  expect(found).toEqual(all([503, 'unavailable']))
})
