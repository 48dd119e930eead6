import { execFile } from 'node:child_process'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createDemoApp, type DemoApp, startDemoApp } from '../../src/cli/demo-app.ts'

const run = promisify(execFile)
let app: ReturnType<typeof createDemoApp>
beforeEach(() => {
  app = createDemoApp()
})

const as = (user: string, method = 'GET', input?: unknown) => ({
  method,
  headers: { 'Remote-User': user, 'Content-Type': 'application/json' },
  ...(input !== undefined && { body: typeof input === 'string' ? input : JSON.stringify(input) }),
})

describe('the document service', () => {
  test('says that it is up', async () => {
    const answer = await app.request('/health')
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }])
  })

  test('lists its seed documents and who asked', async () => {
    const answer = await app.request('/documents', as('user:ann'))
    expect(await answer.json()).toMatchObject({
      readBy: 'user:ann',
      documents: [{ id: '1', title: 'Welcome' }, { id: '2' }, { id: '3' }],
    })
  })

  test('names nobody when nobody is named', async () => {
    const answer = await app.request('/documents/1')
    expect(await answer.json()).toMatchObject({ readBy: 'anonymous', author: 'sample' })
  })

  test('makes, reads and replaces a document, with who did it', async () => {
    const draft = { title: 'Plan', text: 'One' }
    const made = await app.request('/documents', as('user:ann', 'POST', draft))
    expect(made.status).toBe(201)
    expect(made.headers.get('location')).toBe('/documents/4')
    const changed = await app.request('/documents/4', as('user:bob', 'PUT', { title: 'Plan B' }))
    expect(changed.status).toBe(200)
    const read = await app.request('/documents/4', as('user:eve'))
    expect(await read.json()).toEqual({
      id: '4',
      title: 'Plan B',
      text: '',
      author: 'user:ann',
      changedBy: 'user:bob',
      readBy: 'user:eve',
    })
  })

  test('a client cannot write what only the service knows', async () => {
    const input = '{"title":"a","author":"user:eve","id":"1","__proto__":{"text":"x"}}'
    const made = await app.request('/documents', as('user:ann', 'POST', input))
    expect(await made.json()).toMatchObject({ id: '4', text: '', author: 'user:ann' })
  })

  test('deletes into the archive, and from the archive for good', async () => {
    expect((await app.request('/documents/1', as('user:ann', 'DELETE'))).status).toBe(204)
    expect((await app.request('/documents/1')).status).toBe(404)
    const archived = await app.request('/archive/1', as('user:bob'))
    expect(await archived.json()).toMatchObject({ changedBy: 'user:ann', readBy: 'user:bob' })
    expect((await app.request('/archive/1', as('user:bob', 'DELETE'))).status).toBe(204)
    expect((await app.request('/archive/1')).status).toBe(404)
  })

  test.each([
    ['GET', '/documents/9', undefined, 404],
    ['PUT', '/documents/9', { title: 'a' }, 404],
    ['DELETE', '/documents/9', undefined, 404],
    ['GET', '/archive/1', undefined, 404],
    ['DELETE', '/archive/1', undefined, 404],
    ['GET', '/nothing', undefined, 404],
    ['POST', '/documents', '{', 400],
    ['POST', '/documents', 'null', 400],
    ['POST', '/documents', '[]', 400],
    ['POST', '/documents', { title: '' }, 400],
    ['POST', '/documents', { title: 1 }, 400],
    ['PUT', '/documents/1', { title: 'a', text: 1 }, 400],
    ['POST', '/documents', { title: 'a', text: 'x'.repeat(70_000) }, 413],
  ])('%s %s with %j is a %i that says why', async (method, path, input, status) => {
    const answer = await app.request(path, as('user:ann', method, input))
    expect(answer.status).toBe(status)
    expect(await answer.json()).toHaveProperty('error')
  })

  test('takes a bounded number of documents', async () => {
    const make = () => app.request('/documents', as('user:ann', 'POST', { title: 'a' }))
    let last = await make()
    for (let n = 0; n < 1_000 && last.status === 201; n += 1) last = await make()
    expect(last.status).toBe(507)
    await app.request('/documents/1', as('user:ann', 'DELETE'))
    expect((await make()).status).toBe(507)
    await app.request('/archive/1', as('user:ann', 'DELETE'))
    expect((await make()).status).toBe(201)
  })
})

describe('its listener', () => {
  let demo: DemoApp
  beforeAll(async () => {
    demo = await startDemoApp({ port: 0 })
  })
  afterAll(() => demo.close())

  test('answers on loopback', async () => {
    expect((await fetch(`${demo.origin}/health`)).status).toBe(200)
  })

  test('is not reachable from elsewhere', async () => {
    const elsewhere = Object.values(networkInterfaces())
      .flat()
      .filter((one) => one?.internal === false && one.family === 'IPv4')
    for (const one of elsewhere) {
      await expect(fetch(`http://${one?.address}:${demo.port}/health`)).rejects.toThrow()
    }
  })

  test('refuses a port that is taken', async () => {
    await expect(startDemoApp({ port: demo.port })).rejects.toThrow(/EADDRINUSE/)
  })
})

describe('its command line', () => {
  const command = (...args: string[]) =>
    run(process.execPath, ['src/cli/demo-app.ts', ...args]).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    )

  test('explains itself', async () => {
    const { code, stdout } = await command('--help')
    expect(code).toBe(0)
    for (const word of ['--port', '/documents/:id', '/archive/:id', 'Remote-User', '8090']) {
      expect(stdout).toContain(word)
    }
  })

  test.each([['--port', 'x'], ['--port', '70000'], ['--nonsense'], ['--port']])(
    'refuses %s %s in a sentence',
    async (...args) => {
      const { code, stderr } = await command(...args)
      expect(code).toBe(2)
      expect(stderr).toContain('--help')
      expect(stderr).not.toContain('    at ')
    },
  )
})
