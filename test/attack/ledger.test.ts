import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { decide } from '../../src/policy/decide.ts'
import { buildSnapshot, type Snapshot } from '../../src/policy/snapshot.ts'
import { policyFiles } from '../support/policy.ts'
import { ask, open, readAll } from '../support/raw.ts'
import { until } from '../support/until.ts'
import type { Received } from '../support/upstream.ts'
import { readingsOf } from './readings.ts'
import {
  applications,
  BETA,
  HOST,
  rules,
  type Scene,
  START_MS,
  startScene,
  valuesAt,
  type Who,
} from './scene.ts'

let scene: Scene
/** The same rules, and only those that allow. */
let policy: Policy
let allows: Policy
beforeAll(async () => {
  scene = await startScene()
  policy = await policyOf(rules)
  allows = await policyOf(rules.filter((rule) => rule.endsWith('allow')))
}, START_MS)
afterAll(() => scene.close())

interface Policy {
  readonly acme: Snapshot
  readonly platform: Snapshot
}

async function policyOf(lines: readonly string[]): Promise<Policy> {
  const holders = ['g, user:rita, role:reader, org:acme', 'g, user:eve, role:editor, org:acme']
  const files = policyFiles({
    applications: applications('http://127.0.0.1:1', 'http://127.0.0.1:2'),
    rules: [...lines, ...holders],
  })
  const build = (organisation: string) =>
    buildSnapshot({ files, organisation, revision: 1, rules: [] })
  return { acme: await build('acme'), platform: await build('platform') }
}

/** Pieces of a path about which readers have disagreed, among ordinary ones. */
const piece = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('/', '/', 'admin', 'public', 'items', 'api', 'a', '1') },
  {
    weight: 4,
    arbitrary: fc.constantFrom('..', '.', '/../', '/./', '//', '%2e%2e', '.%2E', '%2e'),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom('%61dmin', 'ADMIN', '%70ublic', 'secret', '%41', '%c3%a9'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...['%2f', '%5c', '\\', ';', ';x=1', '%3b', '%25', '%252e', '%00', '%0a', '%3f', '#', '%23'],
      ...['%20', '%u002e', '%c0%ae', '%ff', '%e2%80%a8', '%EF%BC%8F', '%', '*', '@', ':', '\xe9'],
    ),
  },
)
/** Mostly what gets through, so that there is something to compare; sometimes what must not. */
function mostly<Value>(tame: readonly Value[], nasty: readonly Value[]): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...tame) },
    { weight: 1, arbitrary: fc.constantFrom(...nasty) },
  )
}

const start = mostly(
  ['/', '/public/', '/public/', '/items/', '/api/items/', '/api/', `http://${HOST}/public/`],
  ['/admin/../', '//', '', `http://${BETA}/`, `//${BETA}/`],
)
const climb = fc.oneof(
  fc.constant('..'),
  fc.constantFrom('%2e%2e', '.%2E', '%252e%252e', '..;', '..%3bx', '..%00', '..%20'),
)
const separator = fc.oneof(
  fc.constant('/'),
  fc.constantFrom('//', '/./', '%2f', '%5c', '\\', ';/', '%3b/', '%3f/', '%23/'),
)
/** From where it is allowed to where it is not, by a way that some reader takes. */
const escaping = fc
  .tuple(
    mostly(['/public', '/items', '/public/a', '/api/items'], ['/public/secret', '']),
    separator,
    climb,
    separator,
    mostly(['admin', '%61dmin', 'public/secret/a', 'x/../admin'], ['ADMIN', 'admin;x', 'admin%00']),
  )
  .map((parts) => parts.join(''))
const wandering = fc
  .tuple(
    start,
    fc.array(piece, { maxLength: 4 }),
    mostly(['', '', '?', '?/../admin'], ['?a=%2f#', '?x=\xff']),
  )
  .map(([begin, pieces, end]) => `${begin}${pieces.join('')}${end}`)
const target = fc.oneof(wandering, escaping)
const method = mostly(['GET', 'GET', 'GET', 'HEAD', 'POST', 'DELETE'], ['OPTIONS', 'TRACE', 'get'])
const host = mostly(
  [HOST, HOST, HOST, BETA, 'APP.ACME.TEST', `${HOST}:80`],
  [`${HOST}@x`, `${HOST}, ${BETA}`, ''],
)
const who = fc.constantFrom<Who>('anonymous', 'reader', 'editor', 'editor')
/** Whole heads and bodies only: a request that is broken off has no ending to compare. */
const extra = mostly(
  [
    ...['', '', 'Remote-User: eve\r\n', 'Gatehouse_Decision: d\r\n', 'X-Original-URL: /a\r\n'],
    ...['Connection: Gatehouse-Decision, Host\r\n', 'X-HTTP-Method-Override: DELETE\r\n'],
  ],
  [
    ...['Host: evil.test\r\n', 'Expect: x\r\n', 'TE: gzip\r\nTrailer: Host\r\n', ' X: folded\r\n'],
    ...['Authorization: Bearer x\r\n', 'Connection: a b\r\n', 'X-\xe9: b\r\n'],
    'Upgrade: h2c\r\nConnection: Upgrade\r\n',
  ],
)
const body = fc.constantFrom(
  ...['\r\n', '\r\n', '\r\n', 'Content-Length: 3\r\n\r\nabc', 'Content-Length: 0\r\n\r\n'],
  'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nRemote-User: eve\r\n\r\n',
)
const request = fc.record({ method, target, host, who, extra, body }).map((one) => {
  const head = `${one.method} ${one.target} HTTP/1.1\r\nHost: ${one.host}\r\n`
  return { ...one, bytes: () => head + scene.credential[one.who] + one.extra + one.body }
})
const conversation = fc.array(request, { minLength: 1, maxLength: 4 })

const LAST = `GET /public/last HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`

/** Sends all on one connection, and one more that closes it; returns what came back. */
async function converse(bytes: string): Promise<string> {
  const socket = await open(scene.port)
  const received = readAll(socket, 3_000)
  socket.write(Buffer.from(bytes + LAST, 'latin1'))
  return received
}

/** The application as the assertion names it; anonymous is let into one on each host. */
function applicationOf(received: Received): string {
  const [, claims] = valuesAt(received, 'gatehouse-assertion').join().split('.')
  if (claims !== undefined) return JSON.parse(Buffer.from(claims, 'base64url').toString()).aud
  return valuesAt(received, 'host').join() === BETA ? 'beta' : 'app'
}

function isPermitted(received: Received, path: string, { acme, platform }: Policy): boolean {
  const [user = ''] = valuesAt(received, 'remote-user')
  const snapshot = user === '' ? platform : acme
  return decide(snapshot, {
    sub: user === '' ? 'anonymous' : user,
    dom: `org:${snapshot.organisation}`,
    obj: `/${applicationOf(received)}${path}`,
    act: received.method,
  }).allow
}

const pathOf = ({ target: sent }: Received) => sent.split('?', 1)[0] ?? ''
const arrivals = () => [...scene.upstream.received, ...scene.beta.received]

interface Allow {
  readonly id: string
  readonly method: string
  readonly object: string
  readonly subject: string | null
  readonly request_id: string
}

/** Every allow in the database, once so many are there and no more have followed. */
async function allowsWritten(least: number): Promise<Allow[]> {
  const read = () =>
    scene.gateway.running.db.query
      .selectFrom('decisions')
      .select(['id', 'method', 'object', 'subject', 'request_id'])
      .where('allow', '=', true)
      .execute()
  await until(async () => (await read()).length >= least)
  await sleep(2 * limits.decisionFlushMs)
  return read()
}

/** What a service received, as the ledger writes it. */
function entryOf(received: Received): Allow {
  return {
    id: valuesAt(received, 'gatehouse-decision').join(),
    method: received.method,
    object: `/${applicationOf(received)}${pathOf(received)}`,
    subject: valuesAt(received, 'remote-user').join() || null,
    request_id: valuesAt(received, 'x-request-id').join(),
  }
}

const byId = (one: Allow, other: Allow) => (one.id < other.id ? -1 : 1)

test('the ledger of allows is the ledger of the service: each once, on what was decided (I1)', async () => {
  const refused = new Set<string>()
  await fc.assert(
    fc.asyncProperty(request, async ({ bytes }) => {
      const { status, headers } = await ask(scene.port, bytes())
      if (status >= 400) refused.add(headers['x-request-id'] ?? '')
    }),
    { numRuns: 300 },
  )
  const seen = arrivals().map(entryOf)
  const written = await allowsWritten(seen.length)
  const forwarded = written.filter(({ request_id: id }) => !refused.has(id))
  expect(seen.toSorted(byId)).toEqual(forwarded.toSorted(byId))
  expect(scene.upstream.begun.length + scene.beta.begun.length).toBe(seen.length)
  expect(seen.length).toBeGreaterThan(20)
  expect(refused.size).toBeGreaterThan(20)
}, 60_000)

test('however a request is spelt, every lenient reading of what arrives is permitted (I2)', async () => {
  let refused = 0
  await fc.assert(
    fc.asyncProperty(conversation, async (requests) => {
      const before = new Set(arrivals())
      const text = await converse(requests.map(({ bytes }) => bytes()).join(''))
      refused += text.match(/HTTP\/1\.1 4\d\d/g)?.length ?? 0
      for (const received of arrivals().filter((one) => !before.has(one))) {
        for (const path of readingsOf(pathOf(received))) {
          expect([path, isPermitted(received, path, policy)]).toEqual([path, true])
          // Case is significant, so a deny in one case says nothing of another; an allow must.
          const folded = path.toLowerCase()
          expect([folded, isPermitted(received, folded, allows)]).toEqual([folded, true])
        }
      }
    }),
    { numRuns: 200 },
  )
  expect(refused).toBeGreaterThan(80)
  const seen = arrivals().map(entryOf).toSorted(byId)
  const written = await allowsWritten(seen.length)
  const known = new Set(seen.map(({ id }) => id))
  expect(written.filter(({ id }) => known.has(id)).toSorted(byId)).toEqual(seen)
}, 60_000)
