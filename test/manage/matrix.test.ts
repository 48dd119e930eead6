/** Every operation by every kind of caller, made from the list of operations itself. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../../src/manage/operations.ts'
import { partsOf } from '../../src/manage/runner/paths.ts'
import type { Answered } from '../support/management.ts'
import {
  accessOf,
  allSamples,
  homeOf,
  type Matrix,
  openMatrix,
  pathOf,
  type Ready,
  rows,
  shown,
} from './matrix-scene.ts'
import { invitation, OTHER, PASSWORD, type Person, person, token } from './people-samples.ts'
import { fresh, type Ground, somebody } from './samples.ts'

let scene: Matrix
let bystander: Person
beforeAll(async () => {
  scene = await openMatrix()
  bystander = await person(scene.ground)
}, 120_000)
afterAll(() => scene?.close())

test('every operation has a sample, and every sample is of one', () => {
  const ids = operations.map(({ id }) => id)
  expect(Object.keys(allSamples).toSorted()).toEqual(ids.toSorted())
})

/** That it is refused, and nothing is done. */
async function refused(status: number, ask: () => Promise<Answered>) {
  const { answer, raised, rows: recorded } = await scene.watched(ask)
  expect([answer.status, answer.json['status']]).toEqual([status, status])
  expect(answer.headers.get('gatehouse-revision')).toBeNull()
  expect([raised, recorded]).toEqual([[], []])
  return answer
}

/** What is stored of somebody whom no request is about. */
async function bystanding() {
  const { query } = scene.ground.db
  const { subject } = bystander
  const account = await query.selectFrom('accounts').selectAll().where('subject', '=', subject)
  const sessions = query.selectFrom('sessions').select(['id', 'ended_in', 'expires_at'])
  return [await account.execute(), await sessions.where('subject', '=', subject).execute()]
}

describe.each(rows)('%s', (...row) => {
  const [, operation] = row
  const changes = operation.kind === 'changing'
  const access = accessOf(operation)
  const home = homeOf(operation)
  let kept: Promise<Ready> | undefined
  /** What is refused leaves the good request as good as it was, so one is enough. */
  const ready = () => {
    kept ??= scene.ready(operation)
    return kept
  }

  test('works, answers what it says, and is recorded once if it changes anything', async () => {
    const asked = await scene.ready(operation)
    const { sample, subject } = asked
    const others = await bystanding()
    const {
      answer,
      raised,
      rows: recorded,
    } = await scene.watched(() => scene.send(operation, asked))
    const status = sample.status ?? operation.status ?? (operation.answer === undefined ? 204 : 200)
    expect([answer.status, answer.json]).toEqual([status, answer.json])
    if (operation.answer !== undefined) operation.answer.parse(answer.json)
    const rowsOfHome = recorded.filter(({ organisation }) => organisation === home)
    const { id } = answer.json
    const made = operation.status === 201 && typeof id === 'string'
    const object = made ? expect.stringMatching(`^/gatehouse/.*${id}$`) : expect.any(String)
    const expected = { operation: operation.id, actor: subject, object }
    expect(rowsOfHome).toMatchObject(changes ? [expected] : [])
    // Whatever organisation has another revision now says why.
    expect(recorded.map(({ organisation }) => organisation).toSorted()).toEqual(raised.toSorted())
    for (const other of sample.also ?? []) expect(raised).toContain(other)
    if (!changes) expect(raised).toEqual([])
    const said = answer.headers.get('gatehouse-revision')
    expect(said).toMatch(new RegExp(`^${home}:\\d+$`))
    if (changes) expect(said).toBe(`${home}:${rowsOfHome[0]?.revision}`)
    expect(await bystanding()).toEqual(others)
  })

  test('an unknown parameter of the query is 400 and names it', async () => {
    const asked = await ready()
    const path = `${asked.path}${asked.path.includes('?') ? '&' : '?'}nonsense=1`
    const { json } = await refused(400, () => scene.send(operation, { ...asked, path }))
    expect(json['detail']).toContain('"nonsense" is no parameter here')
  })

  // A list of rules is read by itself, for it is large, and has words of its own.
  if (operation.body !== undefined && operation.bodyText === undefined) {
    test('an unknown field of the body is 400 and says which there are', async () => {
      const asked = await ready()
      const sample = { ...asked.sample, body: { ...(asked.sample.body as object), nonsense: 1 } }
      const { json } = await refused(400, () => scene.send(operation, { ...asked, sample }))
      expect(json['detail']).toMatch(/"nonsense" is no field here; use \w+/)
    })
  }

  if (operation.method === 'GET') {
    test('a HEAD is the GET without its body, and a 304 what the caller has already by its tag', async () => {
      const { by, path } = await ready()
      const get = await scene.call(by, 'GET', path)
      const seen = ({ status, headers }: Answered) => [
        status,
        ...['etag', 'gatehouse-revision', 'content-type'].map((name) => headers.get(name)),
      ]
      expect(seen(await scene.call(by, 'HEAD', path))).toEqual(seen(get))
      // What is made while it is sent has no tag.
      expect(get.headers.has('etag')).toBe(operation.kind === 'reading')
      if (operation.kind === 'streaming') return
      const known = { 'if-none-match': get.headers.get('etag') ?? '' }
      expect((await scene.call(by, 'GET', path, undefined, known)).status).toBe(304)
    })
  }

  if (access === 'anyone') return

  test('without a credential it is 401', async () => {
    const asked = await ready()
    await refused(401, () => scene.send(operation, { ...asked, by: undefined }))
  })

  if (access === 'person') {
    test('by a key, which is of one organisation, it is 403', async () => {
      const asked = await ready()
      await refused(403, () => scene.send(operation, { ...asked, by: 'owner' }))
    })

    if (partsOf(operation.path).length === 0) return

    test('with the id of somebody else it is 404 as of none', async () => {
      const asked = await ready()
      const path = pathOf(operation, { session: 'nobodys00000' })
      const as = { ...asked, by: bystander.bearer }
      const theirs = await refused(404, () => scene.send(operation, as))
      const none = await refused(404, () => scene.send(operation, { ...as, path }))
      expect(shown(theirs)).toEqual(shown(none))
    })
    return
  }

  test('by a member who holds nothing it is 403', async () => {
    const asked = await ready()
    await refused(403, () => scene.send(operation, { ...asked, by: 'member' }))
  })

  if (!partsOf(operation.path).includes('org') || access === 'platform') return

  test('by the owner of another organisation it is 404 as of none, and recorded nowhere', async () => {
    const asked = { ...(await ready()), by: 'stranger' }
    const there = await refused(404, () => scene.send(operation, asked))
    const nowhere = { ...asked, path: asked.path.replace('/acme', '/nowhere') }
    const none = await refused(404, () => scene.send(operation, nowhere))
    expect(shown(there)).toEqual(shown(none))
  })

  if (partsOf(operation.path).length < 2) return

  test("with an id of another organisation in one's own path it is 404", async () => {
    const asked = await ready()
    const path = asked.path.replace('/acme', '/beta')
    await refused(404, () => scene.send(operation, { ...asked, path, by: 'stranger' }))
  })
})

/** A link that nobody was sent, one that is used up, and one for something else. */
async function links(ground: Ground, purpose: 'setup' | 'password-reset') {
  const [spent, other] = [await token(ground, purpose), await token(ground, 'password-reset')]
  await ground.db.query.deleteFrom('one_time_tokens').execute()
  return [spent, other, 'a'.repeat(32)]
}

async function invitations(ground: Ground) {
  const { email } = somebody()
  const spent = await invitation(ground, email)
  await scene.call(undefined, 'POST', '/invitations/decline', { token: spent })
  const expired = await invitation(ground, somebody().email)
  await ground.db.query
    .updateTable('invitations')
    .set({ expires_at: new Date(0) })
    .execute()
  return [spent, expired, 'a'.repeat(52)]
}

const withTokens = (tokens: readonly string[], body: object = {}) =>
  tokens.map((one) => ({ token: one, ...body }))
const names = { firstName: 'Dora', lastName: 'Dorn' }

/** Bodies that nobody may tell apart by the answer (I24). */
const alike: Readonly<Record<string, (ground: Ground) => Promise<readonly object[]>>> = {
  setUp: async (ground) => withTokens(await links(ground, 'setup'), somebody()),
  signIn: async (ground) => {
    const known = await person(ground)
    const [{ email: invited }, unknown] = [somebody(), `${fresh()}@example.com`]
    await invitation(ground, invited)
    const wrong = [known.email, invited, unknown].map((email) => ({ email, password: OTHER }))
    const elsewhere = { email: known.email, password: PASSWORD, organisation: 'beta' }
    return [...wrong, elsewhere, { ...elsewhere, organisation: 'nowhere' }]
  },
  requestPasswordReset: async (ground) => [
    { email: (await person(ground)).email },
    { email: `${fresh()}@example.com` },
  ],
  completePasswordReset: async (ground) =>
    withTokens(await links(ground, 'password-reset'), { password: OTHER }),
  readInvitation: async (ground) => withTokens(await invitations(ground)),
  acceptInvitation: async (ground) =>
    withTokens(await invitations(ground), { ...names, password: OTHER }),
  declineInvitation: async (ground) => withTokens(await invitations(ground)),
}

const open = rows.filter(([, operation]) => accessOf(operation) === 'anyone')
test.each(open)('%s answers whatever is not so alike, whoever asks', async (id, operation) => {
  const make = alike[id]
  if (make === undefined) throw new Error(`${id}: say above which bodies are answered alike`)
  const answers: Answered[] = []
  for (const body of await make(scene.ground)) {
    answers.push(await scene.call(undefined, operation.method, operation.path, body))
  }
  const [first] = answers
  expect(answers.length).toBeGreaterThan(1)
  for (const one of answers) expect(shown(one)).toEqual(shown(first as Answered))
})
