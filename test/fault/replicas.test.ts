/** The figures of what is promised while the database or its notifications are away. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brokenAt, openReplicas, type Replicas, type Said } from './replicas.ts'

/** With notifications, without them, and after the database came back. */
const TOLD_MS = 1_000
const ASKING_MS = 5_000
const BACK_MS = 10_000
/** A replica of the test shares two cores with everything else that runs. */
const SLACK = 2

let replicas: Replicas
beforeAll(async () => {
  replicas = await openReplicas()
}, 120_000)
afterAll(() => replicas?.close())

const lose = (lost: boolean) => {
  for (const { way } of replicas.replicas) way.loseNotifications(lost)
}
const delay = (ms: number) => {
  for (const { way } of replicas.replicas) way.delay(ms)
}
const ok = async (asked: Promise<Said>, status: number) => {
  const said = await asked
  expect(said.status, JSON.stringify(said.body)).toBe(status)
  return said.body
}
const assign = (replica: number) => {
  const body = { subject: 'user:bea', role: 'role:reader' }
  return ok(replicas.manage(replica, 'POST', '/assignments', body), 201)
}
const suspend = (replica: number) =>
  ok(replicas.manage(replica, 'POST', '/members/user:bea/suspend'), 200)
const resume = (replica: number) =>
  ok(replicas.manage(replica, 'POST', '/members/user:bea/resume'), 200)

describe('a change at one of three replicas', { timeout: 60_000 }, () => {
  test('holds at all of them within a second', async () => {
    await replicas.everywhere(403, TOLD_MS * SLACK)
    const { id } = await assign(0)
    await replicas.everywhere(200, TOLD_MS * SLACK)
    await suspend(1)
    await replicas.everywhere(403, TOLD_MS * SLACK)
    await resume(2)
    await replicas.everywhere(200, TOLD_MS * SLACK)
    await ok(replicas.manage(1, 'DELETE', `/assignments/${id}`), 204)
    await replicas.everywhere(403, TOLD_MS * SLACK)
  })

  test('holds within five although every notification is lost', async () => {
    lose(true)
    const { id } = await assign(0)
    await replicas.everywhere(200, ASKING_MS)
    await suspend(1)
    await replicas.everywhere(403, ASKING_MS)
    await resume(2)
    await ok(replicas.manage(1, 'DELETE', `/assignments/${id}`), 204)
    await replicas.everywhere(403, ASKING_MS)
    for (const { way } of replicas.replicas) expect(way.lost()).toBeGreaterThan(0)
    lose(false)
  })

  test('is made on what another replica has just changed, not on what this one saw last', async () => {
    lose(true)
    const names = Array.from({ length: 12 }, (_, at) => `Crossing ${at}`)
    const made = await Promise.all(
      names.map((name, at) => replicas.manage(at % 3, 'POST', '/teams', { name })),
    )
    expect(made.filter(({ status }) => status !== 201)).toEqual([])
    lose(false)
    expect(brokenAt(await replicas.audit())).toBeUndefined()
  })
})

describe('while the database is stopped', { timeout: 90_000 }, () => {
  test('decisions go on, writes are refused, and what was acknowledged is there afterwards', async () => {
    await assign(0)
    await replicas.everywhere(200, TOLD_MS * SLACK)
    const acknowledged: string[] = []
    let pause = false
    let stopped = false
    const writer = (async () => {
      for (let at = 0; !stopped; at += 1) {
        if (pause) await sleep(20)
        if (pause) continue
        const name = `Written ${at}`
        const said = await replicas
          .manage(at % 3, 'POST', '/teams', { name })
          .catch(() => undefined)
        if (said?.status === 201) acknowledged.push(name)
        else await sleep(50)
      }
    })()
    await sleep(500)
    // A key is looked at again after every change, for the change may have taken it: what was not seen
    // since then is refused while nobody can be asked.
    pause = true
    await sleep(200)
    await replicas.everywhere(200, TOLD_MS * SLACK)
    await replicas.cluster.halt()
    pause = false
    expect(await replicas.statuses()).toEqual([200, 200, 200])
    const refused = await replicas.manage(0, 'POST', '/teams', { name: 'Refused' })
    expect(refused.status).toBe(503)
    expect(await replicas.statuses()).toEqual([200, 200, 200])
    await replicas.cluster.resume()
    const before = acknowledged.length
    const deadline = performance.now() + BACK_MS * SLACK
    while (acknowledged.length === before && performance.now() < deadline) await sleep(50)
    stopped = true
    await writer
    expect(acknowledged.length).toBeGreaterThan(before)
    const entries = await replicas.audit()
    expect(brokenAt(entries)).toBeUndefined()
    const names = new Set(entries.map(({ after }) => (after as { name?: string } | null)?.name))
    expect(acknowledged.filter((name) => !names.has(name))).toEqual([])
    expect(names.has('Refused')).toBe(false)
  })
})

describe('while the database is slow', { timeout: 90_000 }, () => {
  test('requests go through as ever, and a write is done or refused', async () => {
    const before = await replicas.statuses()
    const [one = 0] = before
    delay(2_500)
    const write = replicas.manage(0, 'POST', '/teams', { name: 'Slowly' })
    for (let times = 0; times < 20; times += 1) {
      expect(await replicas.statuses()).toEqual(before)
    }
    expect([201, 503]).toContain((await write).status)
    delay(0)
    await replicas.everywhere(one, BACK_MS)
    expect(brokenAt(await replicas.audit())).toBeUndefined()
  })
})
