import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyChain } from '../../../src/lib/audit-chain.ts'
import { limits } from '../../../src/lib/limits.ts'
import { raiseRevision } from '../../../src/store/organisations.ts'
import { type Answered, type Management, openManaged, outcomeOf } from '../../support/management.ts'

let scene: Management
let number = 0
beforeAll(async () => {
  scene = await openManaged()
}, 120_000)
afterAll(() => scene?.close())

const call: Management['call'] = (...asked) => scene.call(...asked)
const teams = '/orgs/acme/teams'
function next(): string {
  number += 1
  return `Team ${number}`
}
const revisionOf = ({ headers }: Answered) =>
  Number(headers.get('gatehouse-revision')?.split(':')[1])
const raise = (organisation: string) =>
  scene.gateway.running.db.transaction('seed', (trx) => raiseRevision(trx, organisation))

describe('a revision', () => {
  test('is one more with each change, and what the next reading is by', async () => {
    const first = await call('owner', 'POST', teams, { name: next() })
    const second = await call('owner', 'POST', teams, { name: next() })
    expect(revisionOf(second)).toBe(revisionOf(first) + 1)
    expect(revisionOf(await call('owner', 'GET', teams))).toBe(revisionOf(second))
  })

  test('stays where a change is refused', async () => {
    const before = revisionOf(await call('owner', 'GET', teams))
    await call('owner', 'POST', teams, { name: '' })
    await call('owner', 'DELETE', `${teams}/team:none`)
    expect(revisionOf(await call('owner', 'GET', teams))).toBe(before)
  })
})

describe('Gatehouse-Min-Revision', () => {
  const get = (value: string, path = teams) =>
    call('owner', 'GET', path, undefined, { 'gatehouse-min-revision': value })
  const now = async () => revisionOf(await call('owner', 'GET', teams))

  test('that is reached is answered at once', async () => {
    expect((await get(`acme:${await now()}`)).status).toBe(200)
    expect((await get('acme:0')).status).toBe(200)
  })

  test('to come is waited for and then 503 with when to try again', async () => {
    const answer = await get(`acme:${(await now()) + 1}`)
    expect(outcomeOf(answer)).toEqual([503, 'unavailable'])
    expect(answer.headers.get('retry-after')).toBe(String(limits.retryAfterSeconds))
  })

  test('that comes while it is waited for is met', async () => {
    const asked = get(`acme:${(await now()) + 1}`)
    await raise('acme')
    const answer = await asked
    expect(answer.status).toBe(200)
  })

  test('is seen behind a slug as well, where the path names one', async () => {
    const patch = { 'if-match': '*' }
    await call('owner', 'PATCH', '/orgs/acme', { slug: 'acme-slug' }, patch)
    const ahead = `acme:${(await now()) + 1}`
    expect((await get(ahead, '/orgs/acme-slug/teams')).status).toBe(503)
  })

  test('of another organisation says nothing about this one', async () => {
    expect((await get('beta:999999')).status).toBe(200)
  })

  test.each(['7', 'acme', 'acme:', 'acme:-1', 'acme:1.5', 'ACME:1', 'acme:1 ', 'acme:1, acme:2'])(
    'of the form %j is 400, or is the one that it trims to',
    async (value) => {
      const answer = await get(value)
      if (value === 'acme:1 ') expect(answer.status).toBe(200)
      else expect(outcomeOf(answer)).toEqual([400, 'bad_request'])
    },
  )

  test('is waited for by nobody whom we do not know', async () => {
    const headers = { 'gatehouse-min-revision': 'acme:999999' }
    expect((await call(undefined, 'GET', teams, undefined, headers)).status).toBe(401)
    expect((await call('stranger', 'GET', teams, undefined, headers)).status).toBe(404)
  })
})

describe('Idempotency-Key', () => {
  const make = (key: string, name: string, by = 'owner') =>
    call(by, 'POST', teams, { name }, { 'idempotency-key': key })

  test('repeats the first answer and does nothing twice', async () => {
    const name = next()
    const first = await make('one', name)
    const rows = await scene.audit('acme')
    await call('owner', 'POST', teams, { name: next() })
    const second = await make('one', name)
    expect([second.status, second.json]).toEqual([first.status, first.json])
    expect(revisionOf(second)).toBe(revisionOf(first))
    expect(await scene.audit('acme')).toHaveLength(rows.length + 1)
  })

  test('repeats an answer that says nothing', async () => {
    const { json } = await call('owner', 'POST', teams, { name: next() })
    const remove = () =>
      call('owner', 'DELETE', `${teams}/${json['id']}`, undefined, { 'idempotency-key': 'gone' })
    expect([(await remove()).status, (await remove()).status]).toEqual([204, 204])
    const other = await call('owner', 'DELETE', `${teams}/${json['id']}`)
    expect(other.status).toBe(404)
  })

  test('with other input, or for another operation, is 422', async () => {
    await make('two', next())
    expect(outcomeOf(await make('two', next()))).toEqual([422, 'idempotency_key_reused'])
    const body = { subject: 'user:mia', role: 'role:viewer' }
    const headers = { 'idempotency-key': 'two' }
    const other = await call('owner', 'POST', '/orgs/acme/assignments', body, headers)
    expect(outcomeOf(other)).toEqual([422, 'idempotency_key_reused'])
  })

  test("is the caller's own", async () => {
    expect((await make('three', next())).status).toBe(201)
    expect((await make('three', next(), 'admin')).status).toBe(201)
  })

  test('remembers no refusal', async () => {
    expect((await make('four', '')).status).toBe(400)
    expect((await make('four', next())).status).toBe(201)
  })

  test('gives an answer to nobody who may not ask any more', async () => {
    const name = next()
    scene.keys['leaver'] = await scene.gateway.member('user:lea', { holds: ['role:admin'] })
    expect((await make('five', name, 'leaver')).status).toBe(201)
    const { json } = await call('owner', 'GET', '/orgs/acme/assignments?subject=user:lea')
    const [held] = json['items'] as { id: string }[]
    await call('owner', 'DELETE', `/orgs/acme/assignments/${held?.id}`)
    expect(outcomeOf(await make('five', name, 'leaver'))).toEqual([403, 'denied'])
  })

  test('of two requests at once does it once', async () => {
    const name = next()
    const answers = await Promise.all([1, 2, 3, 4].map(() => make('six', name)))
    expect(new Set(answers.map(({ json }) => json['id'])).size).toBe(1)
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201])
  })

  test.each(['', 'a b', 'ä', 'x'.repeat(limits.idempotencyKeyChars + 1)])(
    'of the form %j is 400',
    async (key) => {
      expect(outcomeOf(await make(key, next()))).toEqual([400, 'bad_request'])
    },
  )
})

test('thirty changes at once all succeed, and the audit has no gap', async () => {
  const before = revisionOf(await call('owner', 'GET', teams))
  const names = Array.from({ length: 30 }, next)
  const answers = await Promise.all(names.map((name) => call('owner', 'POST', teams, { name })))
  expect(answers.map(({ status }) => status)).toEqual(names.map(() => 201))
  const revisions = answers.map(revisionOf).toSorted((a, b) => a - b)
  expect(revisions).toEqual(names.map((_, at) => before + 1 + at))
  const rows = (await scene.audit('acme')).slice(-30)
  expect(verifyChain(rows, rows[0]?.previous)).toMatchObject({ kind: 'verified', entries: 30 })
})

test('another method on the same path is 405 and says which there are', async () => {
  const answer = await call('owner', 'PUT', teams, {})
  expect(outcomeOf(answer)).toEqual([405, 'method_not_allowed'])
  expect(answer.headers.get('allow')).toBe('GET, HEAD, POST')
})
