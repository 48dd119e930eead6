import { expect, test } from 'vitest'
import { describeBeside, read } from './beside.ts'
import { cases, nameOf, send } from './scene.ts'

describeBeside('nginx', (beside) => {
  const allowed = cases.filter((request) => request.allowed)
  test.each(allowed.map((one) => [nameOf(one), one] as const))(
    'I1: what is forwarded is what was decided, to the byte: %s',
    async (_, request) => {
      const { scene, proxy } = beside()
      const direct = await send(scene, scene.gateway.port, request)
      const { arrived } = await send(scene, proxy.port, request)
      expect(arrived.map(({ target }) => target)).toEqual(
        direct.arrived.map(({ target }) => target),
      )
    },
  )

  test('its own question is not open to its clients', async () => {
    const { scene, proxy } = beside()
    const { answer } = await send(scene, proxy.port, { ...read, line: 'GET /.gatehouse/authz' })
    expect(answer.status).toBe(404)
  })

  test('a client does not choose the target, nor the scheme and address that are recorded', async () => {
    const { scene, proxy } = beside()
    const names = ['Gatehouse-Target', 'X-Original-URL', 'X-Forwarded-Proto', 'X-Forwarded-For']
    const headers = names.map((name) => `${name}: https://a.test/docs/archive/7\r\n`).join('')
    const { arrived } = await send(scene, proxy.port, { ...read, headers })
    expect(arrived[0]?.target).toBe('/documents/7')
    expect(arrived[0]?.headers.get('x-forwarded-proto')).toEqual(['http'])
  })
})
