import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSnapshots, type Snapshots } from '../../src/gateway/snapshots.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { limits } from '../../src/lib/limits.ts'
import type { Db } from '../../src/store/db.ts'
import { createOrganisation, raiseRevision } from '../../src/store/organisations.ts'
import { eachDatabase, silentLog } from '../support/databases.ts'
import { policyFiles } from '../support/policy.ts'

const applications = '  - { id: docs, upstreams: [http://127.0.0.1:1], organisation: credential }'
const files = policyFiles({ applications, rules: ['p, role:reader, *, /docs/*, GET, allow'] })

eachDatabase('a snapshot at a revision or later', (open) => {
  let db: Db
  let snapshots: Snapshots
  beforeAll(async () => {
    db = await open()
    await db.transaction('seed', (trx) =>
      createOrganisation(trx, { id: 'acme', name: 'Acme', slug: 'acme' }),
    )
    const options = { db, files, clock: systemClock, log: silentLog, maxStalenessMs: 60_000 }
    snapshots = await openSnapshots(options)
  })
  afterAll(() => snapshots.stop())

  const raise = () => db.transaction('seed', (trx) => raiseRevision(trx, 'acme'))
  const outcome = async (revision: number, organisation = 'acme') => {
    const found = await snapshots.atLeast(organisation, revision)
    return found.kind === 'found' ? found.view.state.revision : found.reason
  }

  test('is there at once where it is reached', async () => {
    expect(await outcome(0)).toBe(0)
  })

  test('is the one that was just committed', async () => {
    for (let round = 0; round < 5; round += 1) {
      const revision = await raise()
      expect(await outcome(revision)).toBe(revision)
    }
  })

  test('is refused when it does not come, and of no organisation', async () => {
    expect(await outcome(1_000)).toBe('revision_not_reached')
    expect(await outcome(0, 'nowhere')).toBe('organisation_unknown')
  })

  test('is waited for by so many at a time; what is reached needs no place', async () => {
    const waiting = Array.from({ length: limits.revisionWaiters }, () => outcome(1_000))
    // A load that is shared gives each of them a place in the same turn.
    await snapshots.find('acme')
    const order: string[] = []
    const beyond = outcome(1_000).then((found) => order.push(`beyond ${found}`))
    const [first = Promise.resolve()] = waiting
    const one = Promise.resolve(first).then((found) => order.push(`waiting ${found}`))
    expect(await outcome(0)).toBeGreaterThan(0)
    await Promise.all([beyond, one, ...waiting])
    expect(order).toEqual(['beyond revision_not_reached', 'waiting revision_not_reached'])
    expect(await outcome(await raise())).toBeTypeOf('number')
  })
})
