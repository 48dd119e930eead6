import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removeKey } from '../../src/store/keys.ts'
import { addMember, raiseRevision, setMemberState } from '../../src/store/organisations.ts'
import type { RawAnswer } from '../support/raw.ts'
import { until } from '../support/until.ts'
import {
  bearer,
  bound,
  openPipeline,
  type PipelineScene,
  request,
  send,
  token,
  wide,
} from './pipeline-scene.ts'

let scene: PipelineScene
beforeAll(async () => {
  scene = await openPipeline()
}, 120_000)
afterAll(() => scene?.close())

const atPath = (organisation: string, headers: string, leaf = 'items') =>
  send(scene, request(`GET /o/${organisation}/${leaf}`, headers))
const atHost = (host: string, headers: string, leaf = 'items') =>
  send(scene, request(`GET /${leaf}`, headers, host))

/** The answer without what is new in each. */
function shapeOf({ status, headers, body }: RawAnswer): unknown {
  const { requestId, decisionId, ...document } = JSON.parse(body)
  expect([typeof requestId, typeof decisionId]).toEqual(['string', 'string'])
  const { date: _date, 'x-request-id': _id, ...rest } = headers
  return { status, headers: rest, document }
}

const received = () => {
  const last = scene.upstream.received.at(-1)
  if (last === undefined) throw new Error('nothing arrived')
  return (name: string) => last.headers.get(name)
}

describe('the order of checks', () => {
  test('a request that can be read in two ways is refused before its path and its key are looked at', async () => {
    const bytes = request('GET /elsewhere/%2f', 'Authorization: Basic x\r\n')
    expect((await send(scene, bytes)).reasons).toEqual(['target_encoded_delimiter'])
  })

  test('an application comes before a credential, and a credential before an organisation', async () => {
    expect((await send(scene, request('GET /elsewhere', bearer('x')))).reasons).toEqual([
      'no_application',
    ])
    expect((await atPath('nowhere', bearer('gh_x'))).reasons).toEqual(['credential_malformed'])
  })

  test('another organisation than the credential names is refused before it is looked for', async () => {
    for (const organisation of ['beta', 'nowhere', 'closed', 'damaged']) {
      const { reasons, answer } = await atPath(organisation, bearer(scene.keys.ann))
      expect([reasons, answer.status]).toEqual([['organisation_disagrees'], 403])
    }
  })

  test('standing comes before any rule: a deny for everybody is not what refuses a stranger', async () => {
    const bytes = request('GET /docs/items/7', bearer(scene.keys.sam))
    expect((await send(scene, bytes)).reasons).toEqual(['member_suspended'])
  })
})

describe('refusals that would tell what exists', () => {
  test('I24: no membership, no such organisation, one that is suspended: the same answer', async () => {
    const stranger = bearer(token(wide, { sub: 'nobody' }))
    const ann = bearer(token(wide))
    const answers = [
      await atPath('acme', stranger),
      await atPath('beta', stranger),
      await atPath('nowhere', stranger),
      await atPath('nowhere', ann),
      await atPath('closed', ann),
      await atPath('beta', bearer(scene.keys.ann)),
      await atPath('acme', bearer(scene.keys.sam)),
      await atPath('acme', bearer(scene.keys.ina)),
      await atPath('acme', bearer(scene.keys.ned)),
    ]
    const [first, ...others] = answers.map(({ answer }) => shapeOf(answer))
    expect(first).toMatchObject({ status: 403, document: { code: 'denied' } })
    for (const other of others) expect(other).toEqual(first)
  })

  test('I24: no credential works like every other that does not', async () => {
    const credentials = [scene.keys.gone, scene.keys.old, 'a.b.c', token(wide, { exp: 1 })]
    const refusals = await Promise.all(
      credentials.map((credential) =>
        send(scene, request('GET /docs/items/1', bearer(credential))),
      ),
    )
    const [first, ...others] = refusals.map(({ answer }) => shapeOf(answer))
    expect(first).toMatchObject({ status: 401, document: { code: 'unauthenticated' } })
    for (const other of others) expect(other).toEqual(first)
  })
})

describe('a HEAD', () => {
  test('is allowed where a GET is, forwarded as a HEAD and answered without a body', async () => {
    const { answer, forwarded } = await send(
      scene,
      request('HEAD /docs/items/1', bearer(scene.keys.ann)),
    )
    expect([answer.status, answer.body, forwarded]).toEqual([200, '', ['HEAD /items/1']])
  })

  test('is denied where a GET is', async () => {
    const bytes = request('HEAD /docs/items/7', bearer(scene.keys.ann))
    const { answer, reasons } = await send(scene, bytes)
    expect([answer.status, answer.body, reasons]).toEqual([403, '', ['denied_by_rule']])
  })
})

describe('without a credential', () => {
  test('a public path is decided as anonymous in the reserved organisation', async () => {
    const { answer, forwarded } = await send(scene, request('GET /docs/health'))
    expect([answer.status, forwarded]).toEqual([200, ['GET /health']])
    const header = received()
    for (const name of ['gatehouse-assertion', 'remote-user', 'remote-groups', 'remote-email']) {
      expect(header(name)).toEqual([''])
    }
  })

  test('a public path needs an allow like any other', async () => {
    const { answer, reasons } = await send(scene, request('GET /docs/private'))
    expect([answer.status, reasons]).toEqual([403, ['denied_by_default']])
  })

  test('a path below or beside a public one is not public', async () => {
    for (const path of ['/docs/health/x', '/docs/healthy', '/docs/Health', '/docs/health/']) {
      expect((await send(scene, request(`GET ${path}`))).answer.status).toBe(401)
    }
  })

  test('is decided in the organisation that path or host names', async () => {
    expect((await atPath('acme', '', 'public')).answer.status).toBe(200)
    expect((await atHost('acme.docs.test', '', 'public')).answer.status).toBe(200)
    expect((await atPath('nowhere', '', 'public')).answer.status).toBe(403)
    expect((await atPath('closed', '', 'public')).answer.status).toBe(403)
    expect((await atHost('closed.docs.test', '', 'public')).answer.status).toBe(403)
  })

  test.each([
    ['an unknown key', () => bearer(scene.keys.gone), 401],
    ['an expired key', () => bearer(scene.keys.old), 401],
    ['a token of nobody', () => bearer('a.b.c'), 401],
    ['another scheme', () => 'Authorization: Basic YTpi\r\n', 401],
    ['an empty one', () => 'Authorization: \r\n', 401],
    ['a session that is none', () => 'Cookie: __Host-gatehouse-session=x\r\n', 401],
    ['two', () => bearer(scene.keys.ann) + bearer(scene.keys.ann), 400],
    [
      'a key and a session',
      () => `${bearer(scene.keys.ann)}Cookie: __Host-gatehouse-session=x\r\n`,
      400,
    ],
  ])('somebody with a bad credential is not anonymous: %s', async (_title, headers, status) => {
    const { answer, forwarded } = await send(scene, request('GET /docs/health', headers()))
    expect([answer.status, forwarded]).toEqual([status, []])
  })

  test('somebody with a good credential is not anonymous either', async () => {
    const { answer, reasons } = await send(
      scene,
      request('GET /docs/health', bearer(scene.keys.ann)),
    )
    expect([answer.status, reasons]).toEqual([403, ['denied_by_default']])
  })
})

describe('the organisation', () => {
  test('of a path is the one that a spanning token acts in', async () => {
    for (const organisation of ['acme', 'beta']) {
      const { answer } = await atPath(organisation, bearer(token(wide)))
      expect(answer.status).toBe(200)
      expect(claimsOf(received()('gatehouse-assertion')?.join() ?? '')).toMatchObject({
        org: organisation,
      })
    }
  })

  test('of a sub-domain is the one that a spanning token acts in', async () => {
    expect((await atHost('beta.docs.test', bearer(token(wide)))).answer.status).toBe(200)
    expect((await atHost('BETA.Docs.Test:8080', bearer(token(wide)))).answer.status).toBe(200)
    expect((await atHost('nowhere.docs.test', bearer(token(wide)))).answer.status).toBe(403)
    expect((await atHost('docs.test', bearer(token(wide)))).answer.status).toBe(404)
    expect((await atHost('a.beta.docs.test', bearer(token(wide)))).answer.status).toBe(404)
  })

  test('of a bound credential is the only one, whatever path or host say', async () => {
    for (const credential of [scene.keys.ann, token(bound)]) {
      expect((await atPath('acme', bearer(credential))).answer.status).toBe(200)
      expect((await atHost('acme.docs.test', bearer(credential))).answer.status).toBe(200)
      expect((await atPath('beta', bearer(credential))).answer.status).toBe(403)
      expect((await atHost('beta.docs.test', bearer(credential))).answer.status).toBe(403)
    }
  })

  test('of a credential is taken where the application asks for it, and must be there', async () => {
    const item = (credential: string) =>
      send(scene, request('GET /docs/items/1', bearer(credential)))
    expect((await item(token(bound))).answer.status).toBe(200)
    expect((await item(token(wide))).answer.status).toBe(403)
  })

  test('is never taken from a header of the client', async () => {
    const claims = ['X-Organisation', 'X-Org-Id', 'Gatehouse-Organisation', 'X-Forwarded-Host']
    for (const name of claims) {
      const headers = `${bearer(token(wide))}${name}: acme\r\n`
      const { reasons } = await send(scene, request('GET /docs/items/1', headers))
      expect(reasons).toEqual(['organisation_missing'])
    }
  })
})

describe('what ends while the gateway runs', () => {
  const status = async (key: string) =>
    (await send(scene, request('GET /docs/items/1', bearer(key)))).answer.status

  test('a member who is suspended is refused, and let in again', async () => {
    const { db } = scene.gateway.running
    const key = await scene.gateway.member('user:tess', { holds: ['role:reader'] })
    await until(async () => (await status(key)) === 200)
    for (const [state, expected] of [
      ['suspended', 403],
      ['active', 200],
    ] as const) {
      await db.transaction('seed', async (trx) => {
        await setMemberState(trx, 'acme', 'user:tess', state)
        await raiseRevision(trx, 'acme')
      })
      await until(async () => (await status(key)) === expected)
    }
  })

  test('a key that is removed is worth nothing', async () => {
    const { db } = scene.gateway.running
    const key = await scene.gateway.member('user:tom', { holds: ['role:reader'] })
    await until(async () => (await status(key)) === 200)
    await db.transaction('seed', async (trx) => {
      await removeKey(trx, 'acme', key.split('_')[1] ?? '')
      await raiseRevision(trx, 'acme')
    })
    await until(async () => (await status(key)) === 401)
  })

  test('a person who joins another organisation acts there with the same token', async () => {
    await scene.gateway.organisation('gamma')
    expect((await atPath('gamma', bearer(token(wide)))).answer.status).toBe(403)
    await scene.gateway.running.db.transaction('seed', async (trx) => {
      await addMember(trx, 'gamma', { subject: 'user:ann', state: 'active' })
      await raiseRevision(trx, 'gamma')
    })
    await until(async () => {
      const { reasons } = await atPath('gamma', bearer(token(wide)))
      return reasons.join() === 'denied_by_default'
    })
  })
})

function claimsOf(assertion: string): unknown {
  return JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString())
}

describe('what the service learns', () => {
  test('who asks, in an assertion that verifies against our published keys', async () => {
    await send(scene, request('GET /docs/items/1', bearer(scene.keys.ann)))
    const header = received()
    const origin = `http://127.0.0.1:${scene.gateway.port}`
    const published = await fetch(`${origin}/.gatehouse/jwks.json`)
    const keys = createLocalJWKSet((await published.json()) as JSONWebKeySet)
    const { payload, protectedHeader } = await jwtVerify(
      header('gatehouse-assertion')?.join() ?? '',
      keys,
      {
        audience: 'docs',
        issuer: 'http://127.0.0.1:0',
        typ: 'gatehouse+jwt',
        algorithms: ['ES256'],
      },
    )
    expect(protectedHeader.kid).toEqual(expect.any(String))
    const { iat = 0, exp = 0, rev, ...claims } = payload
    expect(claims).toEqual({
      iss: 'http://127.0.0.1:0',
      aud: 'docs',
      sub: 'user:ann',
      org: 'acme',
      email: 'ann@acme.test',
      teams: ['team:writers'],
      roles: ['role:reader'],
    })
    expect(exp - iat).toBeGreaterThan(0)
    expect(exp - iat).toBeLessThanOrEqual(300)
    expect(rev).toEqual(expect.any(Number))
    expect(header('remote-user')).toEqual(['user:ann'])
    expect(header('remote-groups')).toEqual(['team:writers'])
    expect(header('remote-email')).toEqual(['ann@acme.test'])
    expect(header('authorization')).toBeUndefined()
  })

  test('the ids that the caller was answered with, and that the record holds', async () => {
    const { answer } = await send(scene, request('GET /docs/items/7', bearer(scene.keys.ann)))
    const { requestId, decisionId } = JSON.parse(answer.body)
    expect(await recordOf(decisionId)).toMatchObject({
      request_id: requestId,
      organisation: 'acme',
      subject: 'user:ann',
      method: 'GET',
      object: '/docs/items/7',
      allow: false,
      reason: 'denied_by_rule',
      rule: expect.stringMatching(/^p, \*, \*, \/docs\/items\/7, GET, deny \(.*rules\.csv:4\)$/),
    })
    const allowed = await send(scene, request('GET /docs/items/1', bearer(scene.keys.ann)))
    const header = received()
    const [id = ''] = header('gatehouse-decision') ?? []
    expect(header('x-request-id')).toEqual([allowed.answer.headers['x-request-id']])
    expect(await recordOf(id)).toMatchObject({
      request_id: allowed.answer.headers['x-request-id'],
      allow: true,
      reason: 'allowed_by_rule',
    })
  })
})

async function recordOf(id: string) {
  const { query } = scene.gateway.running.db
  const find = () =>
    query.selectFrom('decisions').selectAll().where('id', '=', id).executeTakeFirst()
  await until(async () => (await find()) !== undefined)
  return find()
}
