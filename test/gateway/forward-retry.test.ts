import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import {
  type Forwarding,
  type ForwardingOptions,
  freePort,
  type RawUpstream,
  startForwarding,
  startRawUpstream,
  until,
} from '../support/forwarding.ts'
import { exchange } from '../support/raw.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function gateway(options: ForwardingOptions): Promise<Forwarding> {
  const forwarding = await startForwarding(options)
  closing.push(forwarding.close)
  return forwarding
}

async function service(onHead: (socket: Socket, head: string) => void): Promise<RawUpstream> {
  const upstream = await startRawUpstream(onHead)
  closing.push(upstream.close)
  return upstream
}

async function endsOf({ ends }: Forwarding) {
  await until(() => ends.length > 0)
  return ends
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

describe('a second try', () => {
  async function deadAndLive() {
    const live = await service((socket) => socket.end(OK))
    const forwarding = await gateway({
      origins: [`http://127.0.0.1:${await freePort()}`, live.origin],
    })
    return { live, forwarding }
  }

  test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])(
    'is made for a %s without a body when no connection could be made',
    async (method) => {
      const { live, forwarding } = await deadAndLive()
      const answer = await exchange(
        forwarding.port,
        `${method} /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      )
      expect(answer.status).toBe(200)
      expect(live.sockets).toHaveLength(1)
      expect(await endsOf(forwarding)).toEqual([{ status: 200 }])
    },
  )

  test.each([
    'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n',
    'PATCH /a HTTP/1.1\r\nHost: a\r\n\r\n',
    'PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx',
  ])('is not made for %j', async (bytes) => {
    const { live, forwarding } = await deadAndLive()
    expect((await exchange(forwarding.port, bytes)).status).toBe(502)
    expect(live.sockets).toHaveLength(0)
  })

  test('is not made when the request may have been seen', async () => {
    const breaking = await service((socket) => socket.resetAndDestroy())
    const live = await service((socket) => socket.end(OK))
    const forwarding = await gateway({ origins: [breaking.origin, live.origin] })
    expect((await exchange(forwarding.port, GET)).status).toBe(502)
    expect(live.sockets).toHaveLength(0)
  })

  test('is the last one', async () => {
    const live = await service((socket) => socket.end(OK))
    const dead = [await freePort(), await freePort()]
    const origins = [...dead.map((port) => `http://127.0.0.1:${port}`), live.origin]
    const forwarding = await gateway({ origins })
    expect((await exchange(forwarding.port, GET)).status).toBe(502)
    expect(live.sockets).toHaveLength(0)
    expect(await endsOf(forwarding)).toEqual([{ status: 502, reason: 'upstream_refused' }])
  })
})
