/** The client against the real gateway, and against servers that break. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createClient, dataOf } from '../../src/client/client.ts'
import { RefusedError, UnreachableError } from '../../src/client/errors.ts'
import { type Management, openManaged } from '../support/management.ts'

describe('beside the real gateway', () => {
  let scene: Management
  beforeAll(async () => {
    scene = await openManaged()
  }, 120_000)
  afterAll(() => scene?.close())
  const url = () => `http://127.0.0.1:${scene.gateway.adminPort}`
  const as = (name: string) => createClient({ url: `${url()}/`, key: scene.keys[name] ?? '' })
  const acme = { org: 'acme' }

  test('a team is made, found, changed by its ETag and deleted', async () => {
    const api = as('owner')
    const made = await dataOf(
      api.POST('/orgs/{org}/teams', { params: { path: acme }, body: { name: 'Writers' } }),
    )
    const { items } = await dataOf(
      api.GET('/orgs/{org}/teams', { params: { path: acme, query: { q: 'write', limit: '5' } } }),
    )
    expect(items).toEqual([made])
    const path = { ...acme, team: made.id }
    const { response } = await api.GET('/orgs/{org}/teams/{team}', { params: { path } })
    const header = { 'If-Match': response.headers.get('etag') ?? '' }
    const change = { params: { path, header }, body: { name: 'Authors' } }
    expect((await dataOf(api.PATCH('/orgs/{org}/teams/{team}', change))).name).toBe('Authors')
    await expect(api.PATCH('/orgs/{org}/teams/{team}', change)).rejects.toMatchObject({
      code: 'precondition_failed',
    })
    const gone = await api.DELETE('/orgs/{org}/teams/{team}', { params: { path } })
    expect(gone.response.status).toBe(204)
  })

  test('a refusal is thrown with its status, code, sentence and request', async () => {
    const asked = as('owner').POST('/orgs/{org}/teams', {
      params: { path: acme },
      body: { name: '' },
    })
    const refusal = await asked.catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(RefusedError)
    expect(refusal).toMatchObject({
      status: 400,
      code: 'invalid_input',
      message: 'name: is empty.',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      problems: [],
    })
  })

  test('mistakes in rules are thrown with their lines', async () => {
    const asked = as('owner').POST('/orgs/{org}/policies/publish', {
      params: { path: acme },
      body: {
        message: 'A mistake',
        add: [['p', 'role:reader', 'org:acme', 'docs', 'GET', 'allow']],
      },
    })
    await expect(asked).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [{ line: 1, column: expect.any(Number), message: expect.any(String) }],
    })
  })

  test('a change that is repeated under a key of the caller is done once', async () => {
    const make = () =>
      dataOf(
        as('owner').POST('/orgs/{org}/teams', {
          params: { path: acme, header: { 'Idempotency-Key': 'mine' } },
          body: { name: 'Once' },
        }),
      )
    expect((await make()).id).toBe((await make()).id)
  })

  test('what takes no Idempotency-Key is sent without one', async () => {
    const api = createClient({ url: url() })
    const body = { email: 'nobody@acme.example', password: 'four quiet words here' }
    await expect(api.POST('/sign-in', { body })).rejects.toMatchObject({ code: 'unauthenticated' })
    const { response } = await api.POST('/password-resets', { body: { email: body.email } })
    expect(response.status).toBe(202)
  })

  test('a read of what is known throws nothing', async () => {
    const header = { 'If-None-Match': '*' }
    const { response } = await as('owner').GET('/orgs/{org}', { params: { path: acme, header } })
    expect(response.status).toBe(304)
  })

  test('an answer without data is a mistake of who wants some', async () => {
    const header = { 'If-None-Match': '*' }
    const known = as('owner').GET('/orgs/{org}', { params: { path: acme, header } })
    await expect(dataOf(known)).rejects.toThrow('This answer has no data.')
  })
})

describe('where connections break', () => {
  const seen: IncomingMessage[] = []
  let answer: (request: IncomingMessage, response: ServerResponse) => void
  const server = createServer((request, response) => {
    seen.push(request)
    answer(request, response)
  })
  beforeAll(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)))
  afterEach(() => {
    seen.length = 0
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const api = (timeoutMs = 20_000) => createClient({ url: origin(), key: 'secret-key', timeoutMs })
  const params = { path: { org: 'acme' } }
  const team = { params, body: { name: 'Writers' } }
  const keys = () => seen.map(({ headers }) => headers['idempotency-key'])
  const breaks = (request: IncomingMessage) => request.socket.destroy()

  test('a change is sent once more, with its body, under the same key', async () => {
    const bodies: string[] = []
    answer = async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      bodies.push(body)
      if (bodies.length === 1) breaks(request)
      else response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"team:a"}')
    }
    expect(await dataOf(api().POST('/orgs/{org}/teams', team))).toEqual({ id: 'team:a' })
    expect(bodies).toEqual(['{"name":"Writers"}', '{"name":"Writers"}'])
    expect(keys()).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), keys()[0]])
  })

  test('nothing is sent a third time, and the error names the server and no secret', async () => {
    answer = breaks
    const error = await api()
      .POST('/orgs/{org}/teams', team)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UnreachableError)
    expect((error as Error).message).toBe(`${origin()} cannot be reached.`)
    expect(JSON.stringify(error)).not.toContain('secret-key')
    expect(seen).toHaveLength(2)
  })

  test('a read is sent once more, without a key', async () => {
    answer = breaks
    await expect(api().GET('/orgs/{org}', { params })).rejects.toThrow(UnreachableError)
    expect(keys()).toEqual([undefined, undefined])
  })

  test('what takes no key is sent once', async () => {
    answer = breaks
    const body = { email: 'ann@acme.example', password: 'four quiet words here' }
    await expect(api().POST('/sign-in', { body })).rejects.toThrow(UnreachableError)
    expect(keys()).toEqual([undefined])
  })

  test('an answer that does not come in time is an error, and is not asked for twice', async () => {
    answer = () => {}
    await expect(api(50).GET('/orgs/{org}', { params })).rejects.toThrow(
      `${origin()} did not answer within 50 ms.`,
    )
    expect(seen).toHaveLength(1)
  })

  test("the caller's own abort is theirs", async () => {
    const abort = new AbortController()
    answer = () => abort.abort(new Error('enough'))
    const asked = api().GET('/orgs/{org}', { params, signal: abort.signal })
    await expect(asked).rejects.toThrow('enough')
    expect(seen).toHaveLength(1)
  })

  test('a redirect is not followed, so the key goes nowhere else', async () => {
    answer = (request, response) => {
      response.writeHead(request.url === '/' ? 200 : 307, { location: '/' }).end()
    }
    await expect(api().GET('/orgs/{org}', { params })).rejects.toThrow(UnreachableError)
    expect(seen.map(({ url }) => url)).not.toContain('/')
  })

  test.each([
    ['a page of a proxy', 'text/html', '<p>Bad gateway</p>'],
    ['half a problem', 'application/problem+json', '{"code":'],
  ])('%s is a refusal without a code', async (_, type, text) => {
    answer = (_request, response) => response.writeHead(502, { 'content-type': type }).end(text)
    await expect(api().GET('/orgs/{org}', { params })).rejects.toMatchObject({
      name: 'RefusedError',
      status: 502,
      code: undefined,
      message: 'The answer is 502 and says no more.',
    })
  })
})
