import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresUrl } from '../support/databases.ts'
import { startGateway } from '../support/gateway.ts'
import { until } from '../support/until.ts'
import { allow, deny, files, type Json, openPolicies, type PolicyScene } from './policy-scene.ts'

const message = 'For a test'
const line = (columns: readonly string[]) => columns.join(', ')

let scene: PolicyScene
beforeAll(async () => {
  scene = await openPolicies()
}, 120_000)
afterAll(() => scene?.close())

async function publish(
  rules: readonly string[][],
  as: 'owner' | 'admin' = 'owner',
): Promise<number> {
  const { body } = await scene.ask('POST', '/publish', { message, rules }, { as })
  return Number(body['revision'])
}
const rollback = (revision: unknown, as: keyof PolicyScene['keys'] = 'owner') =>
  scene.ask('POST', '/rollback', { revision, message: 'Back' }, { as })

describe('revisions', () => {
  test('are listed newest first, with who made them, when, why, and how much changed', async () => {
    const [first, second] = [await publish([allow('a')]), await publish([allow('b'), allow('c')])]
    const { status, body } = await scene.ask('GET', '/revisions?limit=2', undefined, {
      as: 'viewer',
    })
    expect(status).toBe(200)
    const author = { author: 'user:olga', message, at: expect.stringMatching(/Z$/) }
    expect(body['items']).toEqual([
      { revision: second, addedCount: 2, removedCount: 1, ...author },
      { revision: first, addedCount: 1, removedCount: 0, ...author },
    ])
  })

  test('come a page at a time, each once', async () => {
    const last = await publish([])
    const found: number[] = []
    for (let query = 'limit=1'; ; ) {
      const { body } = await scene.ask('GET', `/revisions?${query}`)
      found.push(...(body['items'] as { revision: number }[]).map(({ revision }) => revision))
      if (body['next'] === undefined) break
      query = `limit=1&cursor=${encodeURIComponent(String(body['next']))}`
    }
    expect(found[0]).toBe(last)
    expect(found).toEqual([...new Set(found)].toSorted((a, b) => b - a))
  })

  test('are read with the rules that they added and removed', async () => {
    await publish([allow('old')])
    const revision = await publish([allow('new')])
    const { body } = await scene.ask('GET', `/revisions/${revision}`)
    expect(body).toMatchObject({ revision, added: [allow('new')], removed: [allow('old')] })
  })

  test('that are not there, or are of another organisation, are not found: 404', async () => {
    const own = await publish([allow('mine')])
    const theirs = { as: 'stranger', org: 'beta' } as const
    for (const [path, init] of [
      ['/revisions/99999', {}],
      ['/revisions/0', {}],
      ['/revisions/x', {}],
      [`/revisions/${own}`, theirs],
    ] as const) {
      const answer = await scene.ask('GET', path, undefined, init)
      expect([answer.status, answer.body['code']], path).toEqual([404, 'not_found'])
    }
    const { body } = await scene.ask('GET', '/revisions', undefined, theirs)
    expect(body['items']).toEqual([])
    expect((await scene.ask('GET', '/revisions', undefined, { as: 'stranger' })).status).toBe(404)
    expect((await scene.ask('GET', '/revisions?cursor=x')).status).toBe(400)
  })
})

describe('a rollback', () => {
  test('after any publishes brings exactly the rules of the revision back', async () => {
    const rule = fc.constantFrom(...['a', 'b', 'c', 'd'].map((path) => allow(path)), deny('e'))
    const sets = fc.array(fc.uniqueArray(rule), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(sets, fc.nat(), async (steps, choice) => {
        const known: { revision: number; rules: string[] }[] = []
        for (const rules of steps) {
          const revision = await publish(rules)
          if (!Number.isNaN(revision)) known.push({ revision, rules: await scene.rules() })
        }
        const chosen = known[choice % Math.max(1, known.length)]
        if (chosen === undefined) return
        const before = await scene.rules()
        const { status } = await rollback(chosen.revision)
        expect(status).toBe(JSON.stringify(before) === JSON.stringify(chosen.rules) ? 400 : 200)
        expect(await scene.rules()).toEqual(chosen.rules)
      }),
      { numRuns: 12 },
    )
  }, 60_000)

  test('is a revision of its own, that can be taken back too', async () => {
    const first = await publish([allow('first')])
    const second = await publish([allow('second')])
    const back = await rollback(first)
    expect(back.body).toMatchObject({ added: [allow('first')], removed: [allow('second')] })
    expect(back.headers.get('gatehouse-revision')).toBe(`acme:${back.body['revision']}`)
    const listed = await scene.ask('GET', '/revisions?limit=1')
    expect(listed.body['items']).toMatchObject([
      { revision: back.body['revision'], message: 'Back' },
    ])
    await rollback(second)
    expect(await scene.rules()).toEqual([line(allow('second'))])
  })

  test('brings back what went with a team that was deleted', async () => {
    const call = async (method: string, path: string, body?: Json) => {
      const answer = await fetch(
        `http://127.0.0.1:${scene.gateway.adminPort}/api/v1/orgs/acme${path}`,
        {
          method,
          headers: {
            authorization: `Bearer ${scene.keys.owner}`,
            'content-type': 'application/json',
          },
          ...(body && { body: JSON.stringify(body) }),
        },
      )
      return answer.status === 204 ? {} : ((await answer.json()) as Json)
    }
    const { id } = await call('POST', '/teams', { name: 'Gone' })
    const rule = allow('team', String(id))
    const revision = await publish([rule])
    await call('DELETE', `/teams/${id}`)
    expect(await scene.rules()).toEqual([])
    expect((await rollback(revision)).status).toBe(200)
    expect(await scene.rules()).toEqual([line(rule)])
  })

  test('is refused where it would change nothing, or the revision is none: 400', async () => {
    const revision = await publish([allow('now')])
    for (const wrong of [revision, 0, -1, 1.5, '1', revision + 1_000]) {
      const answer = await rollback(wrong)
      expect([answer.status, answer.body['code']], String(wrong)).toEqual([400, 'invalid_input'])
    }
    const mute = await scene.ask('POST', '/rollback', { revision: 1 })
    expect(mute.body['detail']).toContain('message')
  })

  test('that would give what its author does not hold is refused: 403', async () => {
    const revision = await publish([allow('beyond')])
    await publish([])
    expect((await rollback(revision, 'admin')).status).toBe(403)
    expect((await rollback(revision, 'viewer')).status).toBe(403)
    expect((await rollback(revision, 'stranger')).status).toBe(404)
    expect(await scene.rules()).toEqual([])
  })

  test('that needs rules of an application which is gone is refused: 409', async () => {
    const gone = ['p', 'role:viewer', 'org:acme', '/crm/customers', 'GET', 'allow']
    const revision = await publish([gone])
    await publish([])
    const [docs = ''] = files.applications.split('\n')
    scene.gateway.write('apps.yaml', `applications:\n${docs}\n`)
    const problems = async () => {
      const { body } = await scene.ask('POST', '/check', { rules: [gone] })
      return body['problems'] as unknown[]
    }
    await until(async () => (await problems()).length === 1)
    const { status, body } = await rollback(revision)
    expect([status, body['code']]).toEqual([409, 'conflict'])
    expect(body['detail']).toContain(`"${line(gone)}" cannot be served any more: `)
    expect(await scene.rules()).toEqual([])
    scene.gateway.write('apps.yaml', `applications:\n${files.applications}\n`)
    await until(async () => (await problems()).length === 0)
    expect((await rollback(revision)).status).toBe(200)
  })
})

test('another replica decides by a publish and by its rollback within a second', async () => {
  const env = {
    DATABASE_URL: await postgresUrl(),
    SECRET_KEY: 'a secret key of the test, long enough',
    WORKERS: '1',
  }
  const one = await openPolicies(env)
  const other = await startGateway({ ...files, env })
  const rules = async () => {
    const answer = await fetch(
      `http://127.0.0.1:${other.adminPort}/api/v1/orgs/acme/decisions/explain?sub=user:vera&obj=/docs/r&act=GET`,
      { headers: { authorization: `Bearer ${one.keys.owner}` } },
    )
    const body = (await answer.json()) as Json
    return [body['allow'], body['revision']]
  }
  try {
    expect((await rules())[0]).toBe(false)
    const first = await one.ask('POST', '/publish', { message, add: [allow('r')] })
    await until(async () => (await rules())[1] === first.body['revision'], 1_000)
    expect((await rules())[0]).toBe(true)
    const back = await one.ask('POST', '/rollback', {
      message,
      revision: Number(first.body['revision']) - 1,
    })
    await until(async () => (await rules())[1] === back.body['revision'], 1_000)
    expect((await rules())[0]).toBe(false)
  } finally {
    await other.stop()
    await one.close()
  }
}, 60_000)
