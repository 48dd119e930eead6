import { sql } from 'kysely'
import { pino } from 'pino'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import {
  createDecisionLog,
  type DecisionLog,
  type DecisionLogOptions,
  type DecisionRecord,
} from '../../src/gateway/decision-log.ts'
import { limits } from '../../src/lib/limits.ts'
import { createMetrics, type Metrics } from '../../src/lib/metrics.ts'
import type { Db } from '../../src/store/db.ts'
import { eachDatabase } from '../support/databases.ts'
import { until } from '../support/until.ts'

const START = Date.UTC(2026, 2, 1, 10)

function decision(id: string, changes: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    decisionId: id,
    requestId: `request of ${id}`,
    door: 'proxy',
    at: START,
    reason: 'allowed_by_rule',
    allow: true,
    method: 'GET',
    object: '/docs/items/1',
    organisation: 'acme',
    subject: 'user:ann',
    revision: 7,
    rule: {
      ptype: 'p',
      values: ['role:reader', '*', '/docs/items/:id', 'GET', 'allow'],
      source: { kind: 'file', file: 'policies/docs.csv', line: 4, columns: [1, 4] },
    },
    ...changes,
  }
}

const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => decision(`d${from + at}`))

type Line = Record<string, unknown> & { msg: string }

interface Started {
  readonly log: DecisionLog
  /** What was printed, parsed. */
  readonly lines: Line[]
  readonly metrics: Metrics
}

/** The log of a new process on `db`, closed when the test ends. */
function start(db: Db, options: Partial<DecisionLogOptions> = {}): Started {
  const lines: Line[] = []
  const print = pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line)) })
  const metrics = createMetrics()
  const clock = { now: () => START, elapsed: () => 0 }
  const log = createDecisionLog({ db, log: print, clock, metrics, ...options })
  onTestFinished(() => log.close())
  return { log, lines, metrics }
}

/** From now on each statement that writes decisions leaves a row in `statements`. */
async function countStatements({ query }: Db): Promise<void> {
  await sql`create table statements (at timestamptz default now())`.execute(query)
  await sql`create function count_statement() returns trigger language plpgsql as
    'begin insert into statements default values; return null; end'`.execute(query)
  await sql`create trigger count_statement after insert on decisions
    for each statement execute function count_statement()`.execute(query)
}

eachDatabase('the decision log', (open) => {
  let db: Db
  beforeAll(async () => {
    db = await open()
  }, 120_000)
  beforeEach(async () => {
    await sql`truncate decisions, decision_gaps`.execute(db.query)
  })

  const rows = () => db.query.selectFrom('decisions').selectAll().orderBy('id').execute()
  const gaps = () => db.query.selectFrom('decision_gaps').selectAll().orderBy('id').execute()
  const rename = (from: string, to: string) =>
    sql`alter table ${sql.table(from)} rename to ${sql.table(to)}`.execute(db.query)

  test('writes what it is told, soon and without being asked', async () => {
    const { log } = start(db)
    log.record(decision('one'))
    await until(async () => (await rows()).length === 1)
    expect(await rows()).toEqual([
      {
        id: 'one',
        at: new Date(START),
        organisation: 'acme',
        subject: 'user:ann',
        method: 'GET',
        object: '/docs/items/1',
        allow: true,
        reason: 'allowed_by_rule',
        rule: 'p, role:reader, *, /docs/items/:id, GET, allow (policies/docs.csv:4)',
        revision: 7,
        request_id: 'request of one',
        door: 'proxy',
        caller: null,
      },
    ])
  })

  test('writes who asked about somebody else, and at which door', async () => {
    const { log } = start(db)
    log.record(decision('asked', { door: 'authzen', caller: 'service:pep' }))
    await log.close()
    expect(await rows()).toMatchObject([
      { id: 'asked', subject: 'user:ann', door: 'authzen', caller: 'service:pep' },
    ])
  })

  test('writes an anonymous request, and one that no rule decided', async () => {
    const { log } = start(db)
    const unknown = { subject: undefined, rule: undefined, revision: undefined } as const
    log.record(decision('bare', { ...unknown, allow: false, reason: 'denied_by_default' }))
    await log.close()
    expect(await rows()).toMatchObject([{ id: 'bare', subject: null, rule: null, revision: null }])
  })

  test('close writes everything that was recorded, in more than one batch as well', async () => {
    const { log, lines } = start(db)
    const count = limits.decisionBatchRows * 2 + 345
    for (const record of many(count)) log.record(record)
    await log.close()
    expect(await rows()).toHaveLength(count)
    expect(lines.filter(({ msg }) => msg !== 'decision')).toEqual([])
  })

  test('a record whose organisation is not known is printed and belongs to nobody', async () => {
    const { log, lines } = start(db)
    log.record(decision('nobody', { organisation: undefined, allow: false, reason: 'key_unknown' }))
    await log.close()
    expect(await rows()).toEqual([])
    expect(lines).toMatchObject([{ msg: 'decision', decisionId: 'nobody', reason: 'key_unknown' }])
  })

  test('one write at a time, and a close in the middle of one loses nothing', async () => {
    await countStatements(db)
    const { log, lines } = start(db)
    let release = () => {}
    const held = new Promise<void>((done) => {
      release = done
    })
    const locked = new Promise<void>((begun) => {
      void db.query.transaction().execute(async (trx) => {
        await sql`lock table decisions in access exclusive mode`.execute(trx)
        begun()
        await held
      })
    })
    await locked
    for (const record of many(10)) log.record(record)
    // Long enough for two turns; the first write waits for the lock.
    await new Promise((done) => setTimeout(done, limits.decisionFlushMs * 2.5))
    for (const record of many(5, 10)) log.record(record)
    const closed = log.close()
    release()
    await closed
    expect(await rows()).toHaveLength(15)
    const { rows: statements } = await sql`select * from statements`.execute(db.query)
    expect(statements.length).toBeLessThanOrEqual(2)
    expect(lines.filter(({ msg }) => msg !== 'decision')).toEqual([])
  })

  test('with the database away records wait, and are written once when it is back', async () => {
    const { log, lines } = start(db)
    await rename('decisions', 'away')
    for (const record of many(3)) log.record(record)
    await until(() => lines.some(({ msg }) => msg === 'decision records are waiting'))
    log.record(decision('d3'))
    await rename('away', 'decisions')
    await until(async () => (await rows()).length === 4)
    await log.close()
    expect((await rows()).map(({ id }) => id)).toEqual(['d0', 'd1', 'd2', 'd3'])
    expect(await gaps()).toEqual([])
  })

  test('a batch that was written although its answer was lost is not written twice', async () => {
    const first = start(db)
    for (const record of many(3)) first.log.record(record)
    await first.log.close()
    const second = start(db)
    for (const record of many(5)) second.log.record(record)
    await second.log.close()
    expect(await rows()).toHaveLength(5)
  })

  test('what has no room is counted, and leaves a record of the gap', async () => {
    let now = START
    const clock = { now: () => now, elapsed: () => 0 }
    const { log, metrics } = start(db, { queueLength: 5, clock })
    for (const record of many(8)) {
      now += 10
      log.record(record)
    }
    await log.close()
    expect((await rows()).map(({ id }) => id)).toEqual(['d0', 'd1', 'd2', 'd3', 'd4'])
    const gap = { since: new Date(START + 60), until: new Date(START + 80), dropped: 3 }
    expect(await gaps()).toEqual([{ id: expect.any(Number), ...gap }])
    expect((await metrics.decisionRecordsDropped.get()).values).toMatchObject([{ value: 3 }])
  })

  test('a gap that could not be written is kept, joined with what was dropped meanwhile', async () => {
    let now = START
    const { log, lines } = start(db, {
      queueLength: 1,
      clock: { now: () => now, elapsed: () => 0 },
    })
    await rename('decision_gaps', 'gaps_away')
    for (const record of many(4)) log.record(record)
    await until(() => lines.some(({ msg }) => msg === 'decision records are waiting'))
    now += 100
    for (const record of many(3, 4)) log.record(record)
    await rename('gaps_away', 'decision_gaps')
    await log.close()
    const gap = { since: new Date(START), until: new Date(START + 100), dropped: 5 }
    expect(await gaps()).toEqual([{ id: expect.any(Number), ...gap }])
  })

  test('a clock that was set back does not make a gap that cannot be written', async () => {
    let now = START
    const { log } = start(db, { queueLength: 1, clock: { now: () => now, elapsed: () => 0 } })
    for (const record of many(2)) log.record(record)
    now -= 60_000
    log.record(decision('late'))
    await log.close()
    expect(await gaps()).toMatchObject([
      { since: new Date(now), until: new Date(START), dropped: 2 },
    ])
  })

  test('what could not be written before the end is counted as lost, gaps included', async () => {
    const { log, lines } = start(db, { queueLength: 3 })
    await rename('decisions', 'away')
    for (const record of many(7)) log.record(record)
    await log.close()
    await rename('away', 'decisions')
    expect(lines.at(-1)).toMatchObject({ level: 50, lost: 7, msg: 'decision records were lost' })
  })
})

describe('what is printed', () => {
  const nowhere = { kind: 'embedded' } as Db
  const printed = (records: readonly DecisionRecord[]) => {
    const { log, lines, metrics } = start(nowhere)
    for (const record of records) log.record({ ...record, organisation: undefined })
    return { lines, metrics }
  }

  test('every deny is', () => {
    const denies = many(250).map((record) => ({
      ...record,
      allow: false,
      reason: 'denied_by_default' as const,
    }))
    expect(printed(denies).lines).toHaveLength(250)
  })

  test('one allow in a hundred is, the first among them', () => {
    const { lines } = printed(many(250))
    expect(lines.map(({ ['decisionId']: id }) => id)).toEqual(['d0', 'd100', 'd200'])
  })

  test('denies do not use up the turns of allows', () => {
    const deny = decision('no', { allow: false, reason: 'denied_by_rule' })
    const { lines } = printed(many(150).flatMap((record) => [record, deny]))
    expect(lines.filter(({ ['allow']: allow }) => allow === true)).toHaveLength(2)
  })

  test('is one line with the ids, the rule as text and the time in UTC', () => {
    const [line] = printed([decision('d')]).lines
    expect(line).toMatchObject({
      msg: 'decision',
      decisionId: 'd',
      requestId: 'request of d',
      at: '2026-03-01T10:00:00.000Z',
      rule: 'p, role:reader, *, /docs/items/:id, GET, allow (policies/docs.csv:4)',
    })
  })

  test('is counted whether or not it is printed, by reason and door', async () => {
    const deny = decision('no', { allow: false, reason: 'denied_by_rule', door: 'nginx' })
    const { metrics } = printed([...many(120), deny])
    expect((await metrics.decisions.get()).values).toMatchObject([
      { labels: { reason: 'allowed_by_rule', door: 'proxy' }, value: 120 },
      { labels: { reason: 'denied_by_rule', door: 'nginx' }, value: 1 },
    ])
  })
})
