import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ManageScene, openManagement } from './scene.ts'

const acme = '/api/v1/orgs/acme/decisions'

let scene: ManageScene
beforeAll(async () => {
  scene = await openManagement()
}, 120_000)
afterAll(() => scene?.close())

async function read(path: string, credential = scene.keys.owner) {
  const answer = await scene.ask(`${acme}${path}`, credential)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

const whoCan = '/who-can?obj=/docs/items/1&act=GET'
const whatCan = '/what-can?sub=user:mia'
const whichActions = '/which-actions?sub=user:mia&obj=/docs/items/1'
const whichOperations = '/which-operations?sub=user:mia'
const searches = [whoCan, whatCan, whichActions, whichOperations]

describe('who may ask', () => {
  test.each<[keyof ManageScene['keys'], number]>([
    ['owner', 200],
    ['viewer', 200],
    ['member', 403],
    ['left', 404],
    ['stranger', 404],
  ])('%s: %i', async (who, status) => {
    for (const path of searches) {
      expect((await read(path, scene.keys[who])).status, path).toBe(status)
    }
  })

  test('nobody without a credential, and with no other method', async () => {
    const bare = await scene.ask(`${acme}${whoCan}`)
    expect(bare.status).toBe(401)
    await bare.body?.cancel()
    const posted = await scene.ask(`${acme}${whatCan}`, scene.keys.owner, {
      method: 'POST',
      headers: { authorization: `Bearer ${scene.keys.owner}` },
    })
    expect(posted.status).toBe(405)
    await posted.body?.cancel()
  })
})

describe('who can do a thing', () => {
  test('active members alone, in the order of ids: a suspended owner is not among them', async () => {
    expect((await read(whoCan)).body).toEqual({ items: ['user:mia', 'user:olga'] })
  })

  test('a guardrail takes everybody out', async () => {
    expect((await read('/who-can?obj=/docs/items/7&act=GET')).body).toEqual({ items: [] })
  })

  test('an organisation’s own deny takes one out', async () => {
    const { body } = await read('/who-can?obj=/docs/items/3&act=GET')
    expect(body).toEqual({ items: ['user:olga'] })
  })

  test('of what no application is declared for, or what nobody reaches: nobody', async () => {
    expect((await read('/who-can?obj=/nosuch/x&act=GET')).body).toEqual({ items: [] })
  })

  test('what it names, the gateway allows, and nobody else', async () => {
    const { items } = (await read(whoCan)).body as { items: string[] }
    for (const sub of ['user:mia', 'user:olga', 'user:vera', 'user:leo']) {
      const { body } = await read(`/explain?sub=${sub}&obj=/docs/items/1&act=GET`)
      expect(body['allow'], sub).toBe(items.includes(sub))
    }
  })

  test('pages by the cursor that each page names', async () => {
    const first = (await read(`${whoCan}&limit=1`)).body as { items: string[]; next: string }
    expect(first.items).toEqual(['user:mia'])
    const cursor = encodeURIComponent(first.next)
    expect((await read(`${whoCan}&limit=1&cursor=${cursor}`)).body['items']).toEqual(['user:olga'])
  })
})

describe('what somebody can do', () => {
  test('each rule as it is written, where from, and what denies take away of it', async () => {
    const { items } = (await read(whatCan)).body as { items: Record<string, unknown>[] }
    const reading = items.find(({ object }) => object === '/docs/items/:id')
    expect(reading).toMatchObject({
      method: 'GET',
      rolePath: ['user:mia', 'role:reader'],
      rule: 'p, role:reader, *, /docs/items/:id, GET, allow',
      from: expect.stringMatching(/rules\.csv:1$/),
    })
    expect(reading?.['except']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ object: '/docs/items/3' }),
        expect.objectContaining({ object: '/docs/items/7' }),
      ]),
    )
  })

  test('I13: a rule of another organisation is not among them', async () => {
    expect(JSON.stringify((await read(whatCan)).body)).not.toContain('beta')
  })

  test('nothing, for who is suspended or was never there', async () => {
    for (const sub of ['user:leo', 'user:nobody']) {
      expect((await read(`/what-can?sub=${sub}`)).body).toEqual({ items: [] })
    }
  })
})

describe('which actions somebody has on an object', () => {
  const actions = async (sub: string, obj: string) =>
    (await read(`/which-actions?sub=${sub}&obj=${obj}`)).body['items']

  test('as the gateway decides each of them', async () => {
    expect(await actions('user:mia', '/docs/items/1')).toEqual(['GET'])
    expect(await actions('user:mia', '/docs/items/3')).toEqual([])
    expect(await actions('user:olga', '/docs/items/7')).toEqual([
      ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    ])
  })

  test('none where the gateway refuses before any rule', async () => {
    for (const sub of ['user:leo', 'user:nobody', 'anonymous']) {
      expect(await actions(sub, '/docs/items/1'), sub).toEqual([])
    }
    expect(await actions('user:olga', '/nosuch/x')).toEqual([])
    expect(await actions('user:olga', '/crm/t/acme/x')).toContain('GET')
    expect(await actions('user:olga', '/crm/t/beta/x')).toEqual([])
  })
})

describe('which operations somebody has', () => {
  test('each with the paths of it that rules leave', async () => {
    expect((await read(whichOperations)).body).toEqual({
      items: [
        {
          ...{ application: 'docs', operation: 'read', method: 'GET', path: '/items/:id' },
          extent: 'some',
          allow: ['/docs/items/:id'],
          except: ['/docs/items/7', '/docs/items/3'],
        },
      ],
    })
  })

  test('a page at a time', async () => {
    const owner = '/which-operations?sub=user:olga&limit=1'
    const first = (await read(owner)).body as { items: { operation: string }[]; next: string }
    expect(first.items.map(({ operation }) => operation)).toEqual(['read'])
    const { body } = await read(`${owner}&cursor=${encodeURIComponent(first.next)}`)
    expect(body).toMatchObject({ items: [{ operation: 'write', extent: 'all' }] })
    expect(body['next']).toBeUndefined()
  })

  test('none for who is suspended', async () => {
    expect((await read('/which-operations?sub=user:leo')).body).toEqual({ items: [] })
  })
})

describe('bad input is named and refused', () => {
  test.each([
    ['/who-can?act=GET', 'obj is needed'],
    ['/who-can?obj=/docs/a', 'act is one of'],
    ['/who-can?obj=docs&act=GET', 'obj is /<application>'],
    ['/who-can?obj=/docs/a&act=FETCH', 'act is one of'],
    [`${whoCan}&limit=0`, 'limit is a number from 1'],
    [`${whoCan}&sub=user:mia`, '"sub" is no parameter here'],
    ['/what-can', 'sub is needed'],
    ['/which-actions?sub=user:mia', 'obj is needed'],
    ['/which-operations?sub=user:mia&obj=/docs/a', '"obj" is no parameter here'],
    ['/what-can?sub=role:owner', 'sub is user: or service:'],
    ['/what-can?sub=user:mia&sub=user:olga', '"sub" is given twice'],
  ])('%s', async (path, sentence) => {
    const { status, body } = await read(path)
    expect(status).toBe(400)
    expect(body).toMatchObject({ code: 'invalid_input', detail: expect.stringContaining(sentence) })
  })
})
