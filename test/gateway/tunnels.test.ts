import type { Duplex } from 'node:stream'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createTunnels, type LiveTunnel } from '../../src/gateway/tunnels.ts'

const about = {} as LiveTunnel

/** So many tunnels that are open, and the codes with which they were closed. */
function open(count: number) {
  const tunnels = createTunnels()
  const codes: number[] = []
  const clients: Duplex[] = []
  for (let number = 0; number < count; number += 1) {
    const client = new PassThrough()
    clients.push(client)
    tunnels.add({ close: (code: number) => void codes.push(code) }, client as never, about)
  }
  return { tunnels, codes, clients }
}

test('judging many tunnels again leaves others their turn', async () => {
  const { tunnels, codes } = open(1_000)
  let turns = 0
  const count = () => {
    turns += 1
    timer = setImmediate(count)
  }
  let timer = setImmediate(count)
  await tunnels.recheck(() => true)
  clearImmediate(timer)
  expect(turns).toBeGreaterThan(5)
  expect(codes).toEqual([])
})

test('one that is not allowed, or cannot be judged, is closed as a violation of policy', async () => {
  const { tunnels, codes } = open(3)
  let asked = 0
  await tunnels.recheck(() => {
    asked += 1
    if (asked === 1) throw new Error('cannot be judged')
    return asked === 3
  })
  expect(codes).toEqual([1008, 1008])
})

test('one whose client has gone is forgotten', async () => {
  const { tunnels, clients } = open(2)
  clients[0]?.destroy()
  await new Promise((resolve) => clients[0]?.once('close', resolve))
  expect(tunnels.size()).toBe(1)
})
