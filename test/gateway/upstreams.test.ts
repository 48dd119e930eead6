import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createDial, forbiddenAddress } from '../../src/gateway/dial.ts'
import { createUpstreams, type Upstreams } from '../../src/gateway/upstreams.ts'
import {
  type Forwarding,
  type ForwardingOptions,
  freePort,
  silentLog,
  startForwarding,
  startRawUpstream,
  testApplication,
  until,
} from '../support/forwarding.ts'
import { exchange } from '../support/raw.ts'
import { startUpstream } from '../support/upstream.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const NONE = new Set<never>()

async function gateway(options: ForwardingOptions): Promise<Forwarding> {
  const forwarding = await startForwarding(options)
  closing.push(forwarding.close)
  return forwarding
}

async function named(name: string) {
  const upstream = await startUpstream((_req, res) => res.end(name))
  closing.push(upstream.close)
  return upstream
}

function bare(options: Partial<Parameters<typeof createUpstreams>[0]> = {}): Upstreams {
  const upstreams = createUpstreams({ log: silentLog, ownPorts: [], ...options })
  closing.push(() => upstreams.destroy())
  return upstreams
}

describe('whose turn it is', () => {
  test('goes round over all upstreams', async () => {
    const all = [await named('a'), await named('b'), await named('c')]
    const { port } = await gateway({ origins: all.map(({ origin }) => origin) })
    const seen: string[] = []
    for (let n = 0; n < 6; n += 1) {
      const { body } = await exchange(port, GET)
      seen.push(/[abc]/.exec(body)?.[0] ?? body)
    }
    expect(seen.join('')).toBe('abcabc')
  })

  test('an application that nobody declared has no upstream', () => {
    const upstreams = bare()
    upstreams.update([testApplication(['http://127.0.0.1:1'])])
    const other = testApplication(['http://127.0.0.1:1'], { id: 'other' })
    expect(upstreams.choose(other, NONE)).toBeUndefined()
  })

  test('what was tried is not chosen again', () => {
    const upstreams = bare()
    const application = testApplication(['http://127.0.0.1:1', 'http://127.0.0.1:2'])
    upstreams.update([application])
    const first = upstreams.choose(application, NONE)
    const second = upstreams.choose(application, new Set(first && [first]))
    expect(new Set([first?.origin, second?.origin])).toEqual(new Set(application.upstreams))
    const both = new Set([first, second].filter((one) => one !== undefined))
    expect(upstreams.choose(application, both)).toBeUndefined()
  })
})

describe('an upstream that cannot be reached', () => {
  const quick = { probeIntervalMs: 30, failuresBeforeRest: 3 }

  test('rests after failures in a row, is refused without a try, and comes back', async () => {
    const dead = await freePort()
    const forwarding = await gateway({ origins: [`http://127.0.0.1:${dead}`], upstreams: quick })
    for (let n = 0; n < 4; n += 1) expect((await exchange(forwarding.port, GET)).status).toBe(502)
    await until(() => forwarding.ends.length === 4)
    const reasons = forwarding.ends.map(({ reason }) => reason)
    expect(reasons.slice(0, 3)).toEqual(Array(3).fill('upstream_refused'))
    expect(reasons[3]).toBe('upstream_resting')

    const revived = await startRawUpstream((socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    }, dead)
    closing.push(revived.close)
    await until(() => revived.sockets.length > 0)
    await until(() => forwarding.upstreams.choose(testApplication([]), NONE) !== undefined)
    expect((await exchange(forwarding.port, GET)).status).toBe(200)
  })

  test('costs nobody a request while another one is well', async () => {
    const live = await named('live')
    const origins = [`http://127.0.0.1:${await freePort()}`, live.origin]
    const forwarding = await gateway({ origins, upstreams: quick })
    for (let n = 0; n < 12; n += 1) expect((await exchange(forwarding.port, GET)).status).toBe(200)
    expect(live.received).toHaveLength(12)
  })

  test('a success between failures keeps it in turn', async () => {
    const upstreams = bare(quick)
    const application = testApplication(['http://127.0.0.1:1'])
    upstreams.update([application])
    const upstream = upstreams.choose(application, NONE)
    for (let n = 0; n < 9; n += 1) upstream?.settle(n % 3 === 2 ? 'answered' : 'unreachable')
    expect(upstream?.usable()).toBe(true)
    for (let n = 0; n < 3; n += 1) upstream?.settle('unreachable')
    expect(upstream?.usable()).toBe(false)
  })

  test('answers that are broken do not make it rest: one client could take it from all', async () => {
    const breaking = await startRawUpstream((socket) => socket.resetAndDestroy())
    closing.push(breaking.close)
    const forwarding = await gateway({ origins: [breaking.origin], upstreams: quick })
    for (let n = 0; n < 6; n += 1) await exchange(forwarding.port, GET)
    await until(() => forwarding.ends.length === 6)
    expect(forwarding.ends.map(({ reason }) => reason)).toEqual(Array(6).fill('upstream_broken'))
  })
})

describe('a health path', () => {
  test('keeps an upstream that does not answer 2xx out of turn, until it does', async () => {
    let status = 503
    const asked: string[] = []
    const sick = await startUpstream((req, res) => {
      asked.push(req.url ?? '')
      res.statusCode = req.url === '/healthz' ? status : 200
      res.end('sick')
    })
    const well = await named('well')
    closing.push(sick.close)
    const { port, upstreams } = await gateway({
      origins: [sick.origin, well.origin],
      application: { healthPath: '/healthz' },
      upstreams: { probeIntervalMs: 30 },
    })
    const origins = () => {
      const chosen = [0, 1].map(() => upstreams.choose(testApplication([]), NONE)?.origin)
      return new Set(chosen)
    }
    await until(() => !origins().has(sick.origin))
    for (let n = 0; n < 4; n += 1) expect((await exchange(port, GET)).body).toContain('well')
    expect(new Set(asked)).toEqual(new Set(['/healthz']))
    status = 204
    await until(() => origins().has(sick.origin))
  })

  test('that hangs counts as not well, and one that redirects too', async () => {
    const hanging = await startRawUpstream(() => {})
    const redirecting = await startRawUpstream((socket) => {
      socket.end('HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n')
    })
    closing.push(hanging.close, redirecting.close)
    const upstreams = bare({ probeIntervalMs: 30 })
    const application = testApplication([hanging.origin, redirecting.origin], {
      healthPath: '/healthz',
      timeouts: { connectMs: 50, firstByteMs: 100, idleMs: 100 },
    })
    upstreams.update([application])
    expect(upstreams.choose(application, NONE)).toBeDefined()
    await until(() => upstreams.choose(application, NONE) === undefined)
  })
})

describe('an update', () => {
  test('keeps the connections of an upstream that stays', async () => {
    const upstream = await named('a')
    let connections = 0
    upstream.server.on('connection', () => (connections += 1))
    const forwarding = await gateway({ origins: [upstream.origin] })
    expect((await exchange(forwarding.port, GET)).status).toBe(200)
    forwarding.upstreams.update([testApplication([upstream.origin], { prefix: '/other' })])
    expect((await exchange(forwarding.port, GET)).status).toBe(200)
    expect(connections).toBe(1)
  })

  test('lets what runs on an upstream that goes end, and then closes it', async () => {
    const old = await startRawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello')
    })
    const next = await named('next')
    closing.push(old.close)
    const forwarding = await gateway({ origins: [old.origin] })
    const running = exchange(forwarding.port, GET)
    await until(() => old.received().includes('GET /'))
    forwarding.upstreams.update([testApplication([next.origin])])
    expect((await exchange(forwarding.port, GET)).body).toContain('next')
    old.sockets[0]?.write('world')
    expect((await running).body).toBe('helloworld')
    await until(() => old.open() === 0)
  })

  test('close waits for what runs and takes nothing more', async () => {
    const upstream = await startRawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello')
    })
    closing.push(upstream.close)
    const forwarding = await gateway({ origins: [upstream.origin] })
    const running = exchange(forwarding.port, GET)
    await until(() => upstream.received().includes('GET /'))
    let closed = false
    const close = forwarding.upstreams.close().then(() => (closed = true))
    expect((await exchange(forwarding.port, GET)).status).toBe(502)
    expect(closed).toBe(false)
    upstream.sockets[0]?.write('world')
    expect((await running).body).toBe('helloworld')
    await close
    expect(upstream.open()).toBe(0)
  })
})

describe('addresses that no application may name (A6 124)', () => {
  test.each([
    ['169.254.169.254', true],
    ['169.254.0.1', true],
    ['::ffff:169.254.169.254', true],
    ['64:ff9b::169.254.169.254', true],
    ['fe80::1', true],
    ['fe80::1%eth0', true],
    ['febf::1', true],
    ['fd00:ec2::254', true],
    ['169.253.255.255', false],
    ['170.254.0.1', false],
    ['10.0.0.1', false],
    ['127.0.0.1', false],
    ['::1', false],
    ['fd00::1', false],
  ])('%s is refused: %s', (address, refused) => {
    expect(forbiddenAddress(address, 80, []) !== undefined).toBe(refused)
  })

  test.each(['127.0.0.1', '127.8.8.8', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1'])(
    'a listener of our own on %s is refused by its port',
    (address) => {
      expect(forbiddenAddress(address, 8081, [8081])).toContain('8081')
      expect(forbiddenAddress(address, 8082, [8081])).toBeUndefined()
    },
  )

  test('the same port on another machine is another service', () => {
    expect(forbiddenAddress('192.0.2.7', 8081, [8081])).toBeUndefined()
  })

  test('a literal address is refused and never contacted', async () => {
    const admin = await startRawUpstream((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nadmin'))
    closing.push(admin.close)
    const { port } = await gateway({
      origins: [admin.origin],
      upstreams: { ownPorts: [admin.port] },
    })
    expect((await exchange(port, GET)).status).toBe(502)
    expect(admin.sockets).toHaveLength(0)
  })

  const resolvingTo = (addresses: LookupAddress[]): LookupFunction => {
    return (_name, _options, callback) => callback(null, addresses)
  }

  test.each([
    [[{ address: '169.254.169.254', family: 4 }]],
    [
      [
        { address: '127.0.0.1', family: 4 },
        { address: 'fe80::1', family: 6 },
      ],
    ],
    [[]],
  ])('a name that resolves to %j is refused as a whole', async (addresses) => {
    const upstream = await named('a')
    const { port, ends } = await gateway({
      origins: [`http://rebound.test:${upstream.port}`],
      upstreams: { lookup: resolvingTo(addresses) },
    })
    expect((await exchange(port, GET)).status).toBe(502)
    expect(upstream.received).toHaveLength(0)
    await until(() => ends.length > 0)
    expect(ends).toEqual([{ status: 502, reason: 'upstream_refused' }])
  })

  test('a name that resolves to our own listener is refused', async () => {
    const admin = await named('admin')
    const { port } = await gateway({
      origins: [`http://innocent.test:${admin.port}`],
      upstreams: {
        lookup: resolvingTo([{ address: '127.0.0.1', family: 4 }]),
        ownPorts: [admin.port],
      },
    })
    expect((await exchange(port, GET)).status).toBe(502)
    expect(admin.received).toHaveLength(0)
  })

  test('a name is connected to at the very address that was checked', async () => {
    const upstream = await named('a')
    let lookups = 0
    const lookup: LookupFunction = (_name, _options, callback) => {
      lookups += 1
      // Asked again, the name would lead elsewhere.
      const address = lookups === 1 ? '127.0.0.1' : '169.254.169.254'
      callback(null, [{ address, family: 4 }])
    }
    const { port } = await gateway({
      origins: [`http://moving.test:${upstream.port}`],
      upstreams: { lookup },
    })
    expect((await exchange(port, GET)).status).toBe(200)
    expect(lookups).toBe(1)
  })

  test('the system’s resolver serves names of this machine', async () => {
    const upstream = await named('a')
    const { port } = await gateway({ origins: [`http://localhost:${upstream.port}`] })
    expect((await exchange(port, GET)).status).toBe(200)
  })

  test('a dial reports a refusal as an error, not as an exception', async () => {
    const dial = createDial('http://169.254.169.254', { connectMs: 100, ownPorts: [] })
    const error = await new Promise<unknown>((resolve) => {
      const target = { protocol: 'http:', hostname: '169.254.169.254', port: '' }
      dial(target, (...[refusal]) => resolve(refusal))
    })
    expect(String(error)).toContain('link-local')
  })
})
