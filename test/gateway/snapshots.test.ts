import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSnapshots, type Snapshots } from '../../src/gateway/snapshots.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { limits } from '../../src/lib/limits.ts'
import { decide } from '../../src/policy/decide.ts'
import type { Db } from '../../src/store/db.ts'
import {
  addMember,
  createOrganisation,
  raiseRevision,
  setMemberState,
} from '../../src/store/organisations.ts'
import { addRules, removeRules } from '../../src/store/rules.ts'
import { eachDatabase, silentLog } from '../support/databases.ts'
import { policyFiles } from '../support/policy.ts'
import { until } from '../support/until.ts'

const applications = '  - { id: docs, upstreams: [http://127.0.0.1:1], organisation: credential }'
const files = policyFiles({ applications, rules: ['p, role:reader, *, /docs/*, GET, allow'] })

/** A clock whose hands a test moves, and may hold: a busy machine is no reason to be stale. */
function movable(): Clock & { advance: (ms: number) => void; hold: () => void } {
  let ahead = 0
  let held: number | undefined
  return {
    now: () => Date.now() + ahead,
    elapsed: () => (held ?? performance.now()) + ahead,
    advance: (ms) => {
      ahead += ms
    },
    hold: () => {
      held = performance.now()
    },
  }
}

async function makeOrganisation(db: Db, id: string): Promise<void> {
  await db.transaction('seed', async (trx) => {
    await createOrganisation(trx, { id, name: id, slug: id })
    await addMember(trx, id, { subject: 'user:ann', state: 'active' })
  })
}

async function publish(db: Db, id: string, held: string, expiresAt?: Date): Promise<number> {
  return await db.transaction('seed', async (trx) => {
    const revision = await raiseRevision(trx, id)
    const rules = [{ ptype: 'g', values: ['user:ann', held, `org:${id}`] }]
    const by = { author: 'user:ann', revision, ...(expiresAt && { expiresAt }) }
    await addRules(trx, id, rules, by)
    return revision
  })
}

eachDatabase('the snapshots in force', (open) => {
  let db: Db
  let snapshots: Snapshots
  const clock = movable()

  beforeAll(async () => {
    db = await open()
    const maxStalenessMs = 1_000
    snapshots = await openSnapshots({ db, files, clock, log: silentLog, maxStalenessMs })
  })
  afterAll(() => snapshots.stop())

  const mayRead = async (id: string): Promise<boolean | string> => {
    const found = await snapshots.find(id)
    if (found.kind === 'refused') return found.reason
    const request = { sub: 'user:ann', dom: `org:${id}`, obj: '/docs/a', act: 'GET' }
    return decide(found.view.snapshot, request).allow
  }

  test('an organisation that does not exist is refused and never decided', async () => {
    expect(await mayRead('nowhere')).toBe('organisation_unknown')
  })

  test('one that was made after it was asked for is found', async () => {
    expect(await mayRead('later')).toBe('organisation_unknown')
    await makeOrganisation(db, 'later')
    await until(async () => (await mayRead('later')) === false)
  })

  test('is answered without a promise once it is loaded', async () => {
    await makeOrganisation(db, 'warm')
    await snapshots.find('warm')
    expect(snapshots.find('warm')).toMatchObject({ kind: 'found' })
    expect(snapshots.revisionOf('warm')).toBe(0)
  })

  test('a publish is in force soon, by notification or by polling', async () => {
    await makeOrganisation(db, 'acme')
    expect(await mayRead('acme')).toBe(false)
    const revision = await publish(db, 'acme', 'role:reader')
    await until(async () => (await mayRead('acme')) === true)
    expect(snapshots.revisionOf('acme')).toBe(revision)
  })

  test('I10: what is published in one organisation changes nothing in another', async () => {
    await makeOrganisation(db, 'one')
    await makeOrganisation(db, 'two')
    await publish(db, 'one', 'role:reader')
    expect([await mayRead('one'), await mayRead('two')]).toEqual([true, false])
  })

  test('a suspended member shows as such', async () => {
    await makeOrganisation(db, 'left')
    await snapshots.find('left')
    await db.transaction('seed', async (trx) => {
      await setMemberState(trx, 'left', 'user:ann', 'suspended')
      await raiseRevision(trx, 'left')
    })
    await until(async () => {
      const found = await snapshots.find('left')
      return (
        found.kind === 'found' && found.view.state.members.get('user:ann')?.state === 'suspended'
      )
    })
  })

  test('a grant that ends leaves without a write', async () => {
    await makeOrganisation(db, 'brief')
    // The database has the say over what has expired, so the end is near and real.
    await publish(db, 'brief', 'role:reader', new Date(Date.now() + 700))
    expect(await mayRead('brief')).toBe(true)
    await until(async () => (await mayRead('brief')) === false)
  })

  test('I7: a decision keeps the snapshot it got', async () => {
    await makeOrganisation(db, 'held')
    await publish(db, 'held', 'role:reader')
    const before = await snapshots.find('held')
    if (before.kind === 'refused') throw new Error(before.reason)
    const ids = before.view.state.rules.flatMap(({ source }) =>
      source.kind === 'organisation' ? [source.id] : [],
    )
    await db.transaction('seed', async (trx) => {
      await removeRules(trx, 'held', ids)
      await raiseRevision(trx, 'held')
    })
    await until(async () => (await mayRead('held')) === false)
    const request = { sub: 'user:ann', dom: 'org:held', obj: '/docs/a', act: 'GET' }
    expect(decide(before.view.snapshot, request).allow).toBe(true)
  })

  describe('when the policy files change', () => {
    test('every loaded organisation follows, and its listeners are told', async () => {
      await makeOrganisation(db, 'files')
      await publish(db, 'files', 'role:writer')
      expect(await mayRead('files')).toBe(false)
      const told: (string | undefined)[] = []
      snapshots.onSwap((organisation) => told.push(organisation))
      const rules = ['p, role:writer, *, /docs/*, GET, allow']
      await snapshots.useFiles(policyFiles({ applications, rules }))
      expect(await mayRead('files')).toBe(true)
      expect(told).toContain(undefined)
      await snapshots.useFiles(files)
      expect(await mayRead('files')).toBe(false)
    })

    test('an organisation whose rules do not fit them is refused, alone, until they do', async () => {
      await makeOrganisation(db, 'strict')
      await makeOrganisation(db, 'plain')
      await publish(db, 'plain', 'role:reader')
      await db.transaction('seed', async (trx) => {
        const revision = await raiseRevision(trx, 'strict')
        const values = ['user:ann', 'org:strict', '/docs/a', 'GET', 'allow']
        await addRules(trx, 'strict', [{ ptype: 'p', values }], { author: 'user:ann', revision })
      })
      expect([await mayRead('strict'), await mayRead('plain')]).toEqual([true, true])
      const elsewhere = applications.replace('id: docs', 'id: other')
      const rules = ['p, role:reader, *, /other/*, GET, allow']
      await snapshots.useFiles(policyFiles({ applications: elsewhere, rules }))
      expect(await mayRead('strict')).toBe('policy_unavailable')
      expect(await mayRead('plain')).toBe(false)
      await snapshots.useFiles(files)
      await until(async () => (await mayRead('strict')) === true)
      expect(await mayRead('plain')).toBe(true)
    })
  })

  describe('while a snapshot is built', () => {
    const many = Array.from({ length: 20_000 }, (_, at) => {
      return `p, role:reader, *, /docs/${at}, GET, allow`
    })
    const slow = policyFiles({ applications, rules: many })
    const slower = policyFiles({ applications, rules: [...many, 'p, *, *, /docs/x, GET, deny'] })

    /** They hear of changes, and can never ask for the revisions. */
    const openHearing = () => {
      const query = { transaction: () => db.query.transaction() } as Db['query']
      const hearing = { db: { ...db, query }, files: slow, clock, log: silentLog }
      return openSnapshots({ ...hearing, maxStalenessMs: 3_600_000 })
    }

    test('a publish is heard even when the organisation is only just being loaded', async () => {
      await makeOrganisation(db, 'young')
      const others = await openHearing()
      const loaded = others.find('young')
      const revision = await publish(db, 'young', 'role:reader')
      expect((await loaded).kind).toBe('found')
      await until(() => others.revisionOf('young') === revision)
      await others.stop()
    })

    test('one that is published without a rest does not keep new files from the others', async () => {
      await makeOrganisation(db, 'restless')
      const others = await openHearing()
      await others.find('restless')
      const raise = () => db.transaction('seed', (trx) => raiseRevision(trx, 'restless'))
      const published: Promise<number>[] = []
      const restless = {
        ...slower,
        // Read once for each snapshot that is built.
        get guardrails() {
          if (published.length < 20) published.push(raise())
          return slower.guardrails
        },
      }
      await others.useFiles(restless)
      // The reserved organisation is built with it in the first round, and then is not behind.
      expect(published.length).toBeLessThanOrEqual(limits.filesRounds + 1)
      expect(others.files().hash).toBe(slower.hash)
      await others.find('restless')
      await until(async () => others.revisionOf('restless') === (await published.at(-1)))
      await others.stop()
    })
  })

  test('made-up ids evict no organisation, cost no swap and are forgotten', async () => {
    await makeOrganisation(db, 'kept')
    await snapshots.find('kept')
    const told: (string | undefined)[] = []
    snapshots.onSwap((organisation) => told.push(organisation))
    for (let number = 0; number < 1.2 * limits.organisationsCached; number += 1) {
      await snapshots.find(`made-up-${number}`)
    }
    expect(snapshots.revisionOf('kept')).toBe(0)
    expect(told.filter((id) => id?.startsWith('made-up'))).toEqual([])
  })

  describe('after a publish', () => {
    const publishRule = (object: string, effect: string) =>
      db.transaction('seed', async (trx) => {
        const revision = await raiseRevision(trx, 'edited')
        const values = ['role:reader', 'org:edited', object, 'GET', effect]
        await addRules(trx, 'edited', [{ ptype: 'p', values }], { author: 'user:ann', revision })
        return revision
      })
    const view = async () => {
      const found = await snapshots.find('edited')
      if (found.kind === 'refused') throw new Error(found.reason)
      return found.view
    }
    const inForce = (revision: number) => until(() => snapshots.revisionOf('edited') === revision)

    test('what stayed is not loaded again, and what went is gone', async () => {
      await makeOrganisation(db, 'edited')
      await publish(db, 'edited', 'role:reader')
      const before = await view()
      await inForce(await publishRule('/docs/a', 'deny'))
      const denied = await view()
      expect(denied.state.rules[0]).toBe(before.state.rules[0])
      expect(denied.snapshot.engine.overlaid).toBe(1)
      expect(await mayRead('edited')).toBe(false)
      const [, { source }] = denied.state.rules as [unknown, (typeof denied.state.rules)[0]]
      const id = source.kind === 'organisation' ? source.id : ''
      await inForce(
        await db.transaction('seed', async (trx) => {
          expect(await removeRules(trx, 'edited', [id])).toBe(1)
          return raiseRevision(trx, 'edited')
        }),
      )
      expect((await view()).snapshot.engine.overlaid).toBe(2)
      expect(await mayRead('edited')).toBe(true)
    })

    test('what is heard of and waited for at once is loaded once', async () => {
      const swapped: (string | undefined)[] = []
      snapshots.onSwap((organisation) => swapped.push(organisation))
      const revision = await publishRule('/docs/once', 'deny')
      await snapshots.atLeast('edited', revision)
      // Notifications come in the order of the commits.
      const later = await db.transaction('seed', (trx) => raiseRevision(trx, 'platform'))
      await until(() => snapshots.revisionOf('platform') === later)
      expect(swapped.filter((organisation) => organisation === 'edited')).toHaveLength(1)
    })

    test('a rule that is refused changes nothing, and the next publish is in force', async () => {
      // The table takes it; that its application is declared is for the policy to know.
      const refused = await publishRule('/nowhere/a', 'allow')
      expect(await mayRead('edited')).toBe(true)
      const rows = await db.query
        .selectFrom('casbin')
        .select('id')
        .where('revision', '=', refused)
        .where('organisation', '=', 'edited')
        .execute()
      const ids = rows.map(({ id }) => String(id))
      const healed = await db.transaction('seed', async (trx) => {
        await removeRules(trx, 'edited', ids)
        return raiseRevision(trx, 'edited')
      })
      await inForce(healed)
      expect(await mayRead('edited')).toBe(true)
    })
  })

  test('the reserved organisation is there from the start, is followed and never dropped', async () => {
    expect(snapshots.revisionOf('platform')).toBeDefined()
    const revision = await db.transaction('seed', (trx) => raiseRevision(trx, 'platform'))
    await until(() => snapshots.revisionOf('platform') === revision)
  })

  test('an organisation that nobody asks for is dropped, and loaded when asked again', async () => {
    await makeOrganisation(db, 'idle')
    await makeOrganisation(db, 'busy')
    await snapshots.find('idle')
    await snapshots.find('busy')
    clock.advance(limits.organisationIdleMs - 60_000)
    await snapshots.find('busy')
    await until(() => snapshots.fresh())
    clock.advance(61_000)
    await until(() => snapshots.revisionOf('idle') === undefined)
    expect(snapshots.revisionOf('busy')).toBe(0)
    expect(snapshots.revisionOf('platform')).toBeDefined()
    await until(async () => (await mayRead('idle')) === false)
  })

  test('what stops has nothing under way that would ask a closed database', async () => {
    await makeOrganisation(db, 'leaving')
    const options = { db, files, clock, log: silentLog, maxStalenessMs: 1_000 }
    const others = await openSnapshots(options)
    let loaded = false
    const loading = Promise.resolve(others.find('leaving')).then(() => {
      loaded = true
    })
    await others.stop()
    await Promise.resolve()
    expect(loaded).toBe(true)
    await loading
  })

  test('when nobody confirms the revisions, decisions go on for a while and then stop', async () => {
    clock.hold()
    await makeOrganisation(db, 'stale')
    await until(() => snapshots.fresh())
    await snapshots.stop()
    const staleAfter = 1_000 + 2 * limits.revisionPollMs
    expect(await mayRead('stale')).toBe(false)
    expect(snapshots.fresh()).toBe(true)
    clock.advance(staleAfter - 500)
    expect(await mayRead('stale')).toBe(false)
    clock.advance(1_000)
    expect(await mayRead('stale')).toBe('policy_stale')
    expect(snapshots.fresh()).toBe(false)
  })
})
