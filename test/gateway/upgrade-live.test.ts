import { describe, expect, test } from 'vitest'
import { until } from '../support/forwarding.ts'
import { exchange, parseAnswer } from '../support/raw.ts'
import { handshake, setting, switching, tunnel } from '../support/websocket.ts'

describe('an open tunnel', () => {
  test.each(['end', 'destroy', 'resetAndDestroy'] as const)(
    'goes with its client (%s)',
    async (how) => {
      const made = await setting((socket) => {
        switching(socket)
        socket.on('end', () => socket.end())
      })
      const client = await tunnel(made)
      client.socket[how]()
      await until(() => made.upstream.open() === 0 && made.gateway.upgrades.size() === 0)
    },
  )

  test.each(['end', 'destroy', 'resetAndDestroy'] as const)(
    'goes with its upstream (%s)',
    async (how) => {
      const made = await setting()
      const client = await tunnel(made)
      client.socket.on('end', () => client.socket.end())
      made.upstream.sockets[0]?.[how]()
      await until(() => client.closed && made.gateway.upgrades.size() === 0)
    },
  )

  test('carries much in both directions, whole, past a reader that pauses', async () => {
    const size = 20_000_000
    const made = await setting((socket) => {
      switching(socket)
      socket.write(Buffer.alloc(size, 'd'))
    })
    const client = await tunnel(made)
    client.socket.pause().write(Buffer.alloc(size, 'u'))
    await until(() => made.upstream.received().length > size)
    for (const socket of made.gateway.clients) {
      expect(socket.writableLength).toBeLessThanOrEqual(256 * 1_024)
    }
    client.socket.resume()
    await until(() => client.text.length > size)
    expect(client.text.slice(-1)).toBe('d')
    expect(made.upstream.received().slice(-1)).toBe('u')
  })

  test('delivers the last words of an upstream that ends, however slow their reader', async () => {
    const size = 20_000_000
    const made = await setting((socket) => {
      switching(socket)
      socket.end(Buffer.alloc(size, 'd'))
    })
    const client = await tunnel(made)
    client.socket.pause()
    await new Promise((resolve) => setTimeout(resolve, 200))
    client.socket.resume()
    await until(() => client.text.length > size)
    client.socket.end()
    await until(() => made.gateway.upgrades.size() === 0 && made.upstream.open() === 0)
  })

  test('that is not allowed any more is closed with 1008, others stay (A3 66)', async () => {
    const made = await setting()
    const [kept, revoked] = [await tunnel(made), await tunnel(made, handshake('X-User: mallory'))]
    await until(() => made.gateway.upgrades.size() === 2)
    await made.gateway.upgrades.recheck(({ req, allowed }) => {
      expect(allowed.path).toBe('/chat')
      return !req.rawHeaders.includes('mallory')
    })
    await until(() => revoked.text.endsWith('\x88\x02\x03\xf0'))
    await until(() => made.upstream.open() === 1)
    revoked.socket.write('too late')
    kept.socket.write('still here')
    await until(() => made.upstream.received().includes('still here'))
    expect(made.upstream.received()).not.toContain('too late')
    expect(made.gateway.upgrades.size()).toBeGreaterThanOrEqual(1)
    expect(kept.closed).toBe(false)
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
    ['says no later', async () => false],
  ])('is closed when judging it again %s', async (_name, allows) => {
    const made = await setting()
    const client = await tunnel(made)
    await made.gateway.upgrades.recheck(allows)
    await until(() => client.closed)
    await until(() => made.gateway.upgrades.size() === 0)
  })

  test('is never given a Close frame in the middle of a message', async () => {
    const made = await setting((socket) => {
      switching(socket)
      // A frame of five bytes, of which three have come.
      socket.write('\x82\x05abc', 'latin1')
    })
    const client = await tunnel(made)
    await until(() => client.text.endsWith('abc'))
    await made.gateway.upgrades.recheck(() => false)
    await until(() => client.closed)
    expect(client.text.endsWith('abc')).toBe(true)
  })
})

describe('a drain', () => {
  test('refuses new ones, tells the open ones 1001 after a while, and ends with the last', async () => {
    const made = await setting(switching, { upgrades: { drainMs: 150 } })
    const client = await tunnel(made)
    let drained = false
    const drain = made.gateway.upgrades.drain().then(() => (drained = true))
    const refused = await exchange(made.gateway.port, handshake())
    expect(refused.status).toBe(503)
    expect(refused.headers['retry-after']).toBe('1')
    expect(drained).toBe(false)
    await drain
    expect(client.text.endsWith('\x88\x02\x03\xe9')).toBe(true)
    expect(made.gateway.upgrades.size()).toBe(0)
  })

  test('with nothing open is over at once', async () => {
    const { gateway } = await setting(switching, { upgrades: { drainMs: 60_000 } })
    await gateway.upgrades.drain()
  })

  test('is over as soon as the last client leaves', async () => {
    const made = await setting(switching, { upgrades: { drainMs: 60_000 } })
    const client = await tunnel(made)
    const drain = made.gateway.upgrades.drain()
    client.socket.destroy()
    await drain
  })
})

test('more tunnels than allowed are refused by a 503', async () => {
  const made = await setting(switching, { upgrades: { most: 1 } })
  const client = await tunnel(made)
  expect(parseAnswer(client.text).status).toBe(101)
  expect((await exchange(made.gateway.port, handshake())).status).toBe(503)
  client.socket.destroy()
  await until(() => made.gateway.upgrades.size() === 0)
  expect(parseAnswer((await tunnel(made)).text).status).toBe(101)
})

test('idle tunnels cost little', async () => {
  const most = 300
  const made = await setting(switching)
  await tunnel(made)
  const before = process.memoryUsage().heapUsed
  for (let n = 0; n < most; n += 1) await tunnel(made)
  const each = (process.memoryUsage().heapUsed - before) / most
  // The client and the upstream of the test are in here too: four sockets in all for each tunnel.
  expect(each).toBeLessThan(120 * 1_024)
})
