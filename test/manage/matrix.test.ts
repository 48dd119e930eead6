/** Every operation by every kind of caller, made from the list of operations itself. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ChainedEntry } from '../../src/lib/audit-chain.ts'
import { operations } from '../../src/manage/operations.ts'
import type { Operation } from '../../src/manage/runner/operation.ts'
import { partsOf } from '../../src/manage/runner/paths.ts'
import { type Answered, type Management, openManaged, subjects } from '../support/management.ts'
import { groundIn, type Sample, samples } from './samples.ts'

let scene: Management
beforeAll(async () => {
  scene = await openManaged()
}, 120_000)
afterAll(() => scene?.close())

/** A good request in `acme`, and what it is sent as. */
interface Ready {
  readonly sample: Sample
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

async function ready(operation: Operation, owner = 'owner', org = 'acme'): Promise<Ready> {
  const make = samples[operation.id]
  if (make === undefined) throw new Error(`${operation.id} has no sample in test/manage/samples.ts`)
  const sample = await make(groundIn(scene, owner, org))
  const path = pathOf(operation, { org, ...sample.params })
  const headers = needsMatch(operation) ? { 'if-match': '*' } : {}
  return { sample, path: `${path}${sample.query ?? ''}`, headers }
}

const needsMatch = (operation: Operation) =>
  operation.kind === 'changing' &&
  operation.find !== undefined &&
  ['PATCH', 'PUT'].includes(operation.method)

function pathOf({ path }: Operation, params: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? `no-${name}`)
}

function accessOf({ access = 'organisation' }: Operation): string {
  return typeof access === 'function'
    ? access({ orgCreation: 'platform' } as Parameters<typeof access>[0])
    : access
}

/** Sends it as `name`. */
function send(name: string | undefined, operation: Operation, asked: Ready): Promise<Answered> {
  const { sample, path, headers } = asked
  return scene.call(name, operation.method, path, sample.body, headers)
}

type Audits = readonly (readonly ChainedEntry[])[]
const audits = (): Promise<Audits> =>
  Promise.all(['acme', 'beta', 'platform'].map((id) => scene.audit(id)))

/** The audit rows that came since, whichever organisation they are of. */
async function rowsSince(before: Audits): Promise<ChainedEntry[]> {
  return (await audits()).flatMap((rows, at) => rows.slice(before[at]?.length))
}

test('every sample is of an operation', () => {
  const ids = new Set(operations.map(({ id }) => id))
  expect(Object.keys(samples).filter((id) => !ids.has(id))).toEqual([])
  expect(ids.size).toBe(operations.length)
})

/**
 * Those that the policy of an organisation or of the platform permits. What belongs to a person, or is
 * open to whoever has a link, is tried in `people/`, `invitations` and `ownership`.
 */
const permitted = operations
  .filter((operation) => ['organisation', 'platform'].includes(accessOf(operation)))
  .map((operation) => [operation.id, operation] as const)

describe.each(permitted)('%s', (...row) => {
  const [, operation] = row
  const changes = operation.kind === 'changing'
  const access = accessOf(operation)

  /** That whoever `ask`s gets this answer, and nothing is done. */
  async function refused(status: number, ask: () => Promise<Answered>) {
    const before = await audits()
    const answer = await ask()
    expect([answer.status, answer.json['status']]).toEqual([status, status])
    expect(answer.headers.get('gatehouse-revision')).toBeNull()
    expect(await rowsSince(before)).toEqual([])
    return answer
  }

  test('works, answers what it says, and is recorded once if it changes anything', async () => {
    const asked = await ready(operation)
    const { sample } = asked
    const by = sample.by ?? 'owner'
    const before = await audits()
    const answer = await scene.call(by, operation.method, asked.path, sample.body, asked.headers)
    const status = sample.status ?? operation.status ?? (operation.answer === undefined ? 204 : 200)
    expect([answer.status, answer.json]).toEqual([status, answer.json])
    if (operation.answer !== undefined) operation.answer.parse(answer.json)
    const home = access === 'organisation' ? 'acme' : 'platform'
    const rows = (await rowsSince(before)).filter(({ organisation }) => organisation === home)
    const { id } = answer.json
    const made = operation.status === 201 && typeof id === 'string'
    const object = made ? expect.stringMatching(`^/gatehouse/.*${id}$`) : expect.any(String)
    const row = { operation: operation.id, actor: subjects[by], object }
    expect(rows).toMatchObject(changes ? [row] : [])
    expect(answer.headers.get('gatehouse-revision')).toMatch(new RegExp(`^${home}:\\d+$`))
    if (changes)
      expect(answer.headers.get('gatehouse-revision')).toBe(`${home}:${rows[0]?.revision}`)
  })

  test('an unknown parameter of the query is 400 and names it', async () => {
    const asked = await ready(operation)
    const path = `${asked.path}${asked.path.includes('?') ? '&' : '?'}nonsense=1`
    const { json } = await refused(400, () =>
      send(asked.sample.by ?? 'owner', operation, { ...asked, path }),
    )
    expect(json['detail']).toContain('"nonsense" is no parameter here')
  })

  // A list of rules is read by itself, for it is large, and has words of its own.
  if (operation.body !== undefined && operation.bodyText === undefined) {
    test('an unknown field of the body is 400 and says which there are', async () => {
      const asked = await ready(operation)
      const sample = { ...asked.sample, body: { ...(asked.sample.body as object), nonsense: 1 } }
      const { json } = await refused(400, () =>
        send(sample.by ?? 'owner', operation, { ...asked, sample }),
      )
      expect(json['detail']).toMatch(/"nonsense" is no field here; use \w+/)
    })
  }

  if (operation.method === 'GET') {
    test('a HEAD is the GET without its body', async () => {
      const asked = await ready(operation)
      const by = asked.sample.by ?? 'owner'
      const get = await scene.call(by, 'GET', asked.path)
      const head = await scene.call(by, 'HEAD', asked.path)
      const shown = ({ status, headers }: Answered) => [
        status,
        ...['etag', 'gatehouse-revision', 'content-type'].map((name) => headers.get(name)),
      ]
      expect(shown(head)).toEqual(shown(get))
    })
  }

  test('without a credential it is 401', async () => {
    const asked = await ready(operation)
    await refused(401, () => send(undefined, operation, asked))
  })

  test('by a member who holds nothing it is 403', async () => {
    const asked = await ready(operation)
    await refused(403, () => send('member', operation, asked))
  })

  if (!partsOf(operation.path).includes('org') || access === 'platform') return

  test('by the owner of another organisation it is 404 as of none, and recorded nowhere', async () => {
    const asked = await ready(operation)
    const there = await refused(404, () => send('stranger', operation, asked))
    const nowhere = { ...asked, path: asked.path.replace('/acme', '/nowhere') }
    const none = await refused(404, () => send('stranger', operation, nowhere))
    const shown = ({ json: { requestId: _, ...json } }: Answered) => json
    expect(shown(there)).toEqual(shown(none))
  })

  if (partsOf(operation.path).length < 2) return

  test("with an id of another organisation in one's own path it is 404", async () => {
    const theirs = await ready(operation)
    const path = theirs.path.replace('/acme', '/beta')
    await refused(404, () => send('stranger', operation, { ...theirs, path }))
  })
})
