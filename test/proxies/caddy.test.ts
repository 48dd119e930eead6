import { expect, test } from 'vitest'
import { open, readAll } from '../support/raw.ts'
import { describeBeside, read } from './beside.ts'
import { bytesOf, send } from './scene.ts'

describeBeside('caddy', (beside) => {
  test('the path is forwarded as the client spelt it, and judged as the service may read it', async () => {
    const { scene, proxy } = beside()
    const line = 'GET /docs//x/../documents/%37'
    const { arrived } = await send(scene, proxy.port, { ...read, line })
    expect(arrived[0]?.target).toBe('/docs//x/../documents/%37')
  })

  test('a client is told the whole problem, as by the gateway itself', async () => {
    const { scene, proxy } = beside()
    const request = { ...read, line: 'DELETE /docs/archive/7' }
    const direct = await send(scene, scene.gateway.port, request)
    const { answer } = await send(scene, proxy.port, request)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    const ids = { requestId: expect.any(String), decisionId: answer.headers['x-decision-id'] }
    expect(JSON.parse(answer.body)).toEqual({ ...JSON.parse(direct.answer.body), ...ids })
  })

  test.each([
    ['may', 'GET /docs/documents/7', 'received'],
    ['may not', 'GET /other', 'refused'],
  ])('a client that %s opens a WebSocket is judged like any other: %s', async (_, line, end) => {
    const { scene, proxy } = beside()
    const upgraded: string[] = []
    scene.upstream.server.on('upgrade', (req, socket) => {
      upgraded.push(`${req.headers['remote-user']} ${req.url}`)
      socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      )
    })
    const headers =
      'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
    const bytes = bytesOf(scene, { ...read, line, headers })
    const socket = await open(proxy.port)
    const received = readAll(socket)
    socket.write(bytes.replace('Connection: close', 'Connection: Upgrade'))
    expect(await received).toMatch(end === 'received' ? /^HTTP\/1\.1 101/ : /^HTTP\/1\.1 40[34]/)
    expect(upgraded).toEqual(end === 'received' ? ['user:eve /docs/documents/7'] : [])
    scene.upstream.server.removeAllListeners('upgrade')
  })
})
