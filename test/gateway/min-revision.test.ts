import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findFor } from '../../src/gateway/min-revision.ts'
import type { Found } from '../../src/gateway/snapshots.ts'
import { raiseRevision } from '../../src/store/organisations.ts'
import { addRules } from '../../src/store/rules.ts'
import { type Management, openManaged } from '../support/management.ts'
import { exchange } from '../support/raw.ts'
import { type RecordingUpstream, startUpstream } from '../support/upstream.ts'

describe('the organisation that a request is decided by', () => {
  const found: Found = { kind: 'refused', reason: 'organisation_unknown' }
  const asked = (...rawHeaders: string[]) => {
    const calls: string[] = []
    const snapshots = {
      find: (organisation: string) => {
        calls.push(organisation)
        return found
      },
      atLeast: async (organisation: string, revision: number) => {
        calls.push(`${organisation}:${revision}`)
        return found
      },
    }
    const answer = findFor(snapshots, 'acme', rawHeaders)
    return { calls, answer }
  }

  test('is found without a promise where the header is absent', () => {
    const { calls, answer } = asked('Host', 'a', 'Gatehouse-Min-Revisiox', 'acme:7')
    expect([calls, answer]).toEqual([['acme'], found])
  })

  test.each([
    ['Gatehouse-Min-Revision', 'acme:7', 'acme:7'],
    ['GATEHOUSE-MIN-REVISION', 'acme:0', 'acme:0'],
    ['gatehouse-min-revision', 'beta:7', 'acme'],
  ])('with %s: %s is %s', (name, value, called) => {
    expect(asked('Host', 'a', name, value).calls).toEqual([called])
  })

  test.each([
    [['Gatehouse-Min-Revision', '7']],
    [['Gatehouse-Min-Revision', '']],
    [['Gatehouse-Min-Revision', 'acme:7', 'gatehouse-min-revision', 'acme:7']],
  ])('is none for %j', (headers) => {
    const { calls, answer } = asked(...headers)
    expect([calls, answer]).toEqual([[], { kind: 'refused', reason: 'header_malformed' }])
  })
})

describe('a proxied request with Gatehouse-Min-Revision', () => {
  let upstream: RecordingUpstream
  let scene: Management
  beforeAll(async () => {
    upstream = await startUpstream()
    scene = await openManaged({ upstream: upstream.origin })
  }, 120_000)
  afterAll(async () => {
    await scene?.close()
    await upstream?.close()
  })

  const get = async (minimum: string, key = scene.keys['member'], path = '/items/1') => {
    const credential = key === '' ? '' : `Authorization: Bearer ${key}\r\n`
    const head = `Host: a\r\n${credential}${minimum && `Gatehouse-Min-Revision: ${minimum}\r\n`}`
    return (await exchange(scene.gateway.port, `GET ${path} HTTP/1.1\r\n${head}\r\n`)).status
  }
  const now = async () => {
    const { headers } = await scene.call('owner', 'GET', '/orgs/acme')
    return Number(headers.get('gatehouse-revision')?.split(':')[1])
  }
  const publish = (held: string) =>
    scene.gateway.running.db.transaction('seed', async (trx) => {
      const revision = await raiseRevision(trx, 'acme')
      const rule = { ptype: 'g', values: ['user:mia', held, 'org:acme'] }
      await addRules(trx, 'acme', [rule], { author: 'gatehouse', revision })
      return revision
    })

  test('is decided by that revision, and the header stays here', async () => {
    expect(await get('')).toBe(403)
    const revision = await publish('role:reader')
    expect(await get(`acme:${revision}`)).toBe(200)
    expect(upstream.received.at(-1)?.headers.has('gatehouse-min-revision')).toBe(false)
  })

  test('is 503 when the revision does not come, and reaches no service', async () => {
    const before = upstream.begun.length
    expect(await get(`acme:${(await now()) + 1}`)).toBe(503)
    expect(upstream.begun).toHaveLength(before)
  })

  test('is decided by it when it comes meanwhile', async () => {
    const asked = get(`acme:${(await now()) + 1}`)
    await publish('role:other')
    expect(await asked).toBe(200)
  })

  test('is 400 for what is no revision, and as ever for that of another organisation', async () => {
    expect(await get('7')).toBe(400)
    expect(await get('beta:999999')).toBe(200)
  })

  test('waits for nobody whom we do not know', async () => {
    expect(await get('acme:999999', `${scene.keys['member']}x`)).toBe(401)
    expect(await get('acme:999999', '')).toBe(401)
    expect(await get('platform:999999', '', '/open')).toBe(200)
  })
})
