import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from '../support/raw.ts'
import { convincingValues, knownHeaders } from './known-headers.ts'
import {
  bytesOf,
  expectForwarded,
  OURS,
  type Scene,
  START_MS,
  startScene,
  valuesAt,
  type Who,
} from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
}, START_MS)
afterAll(() => scene.close())

/** What a CGI-like service makes of a name: letters, digits and one separator. */
const environmentName = (name: string) => name.toUpperCase().replace(/[^A-Z0-9]/g, '_')

const separator = fc.constantFrom('-', '_', '.', '~', '!', '|', '^', '`')
/** One of our names in any case, with any separators. */
const alias = fc
  .tuple(fc.constantFrom(...OURS), fc.array(separator, { minLength: 3, maxLength: 3 }), fc.nat())
  .map(([name, separators, seed]) => {
    let at = 0
    const spelt = [...name].map((letter, place) => {
      if (letter === '-') return separators[at++ % 3] ?? '-'
      return (seed >> (place % 30)) & 1 ? letter.toUpperCase() : letter
    })
    return spelt.join('')
  })
  // A second Host is refused before this is of interest.
  .filter((name) => name.toLowerCase() !== 'host')
const field = fc
  .tuple(alias, fc.constantFrom('forged', '', 'forged, forged'))
  .map((pair) => pair.join(': '))
const nomination = fc
  .array(alias, { minLength: 1, maxLength: 4 })
  .map((names) => `Connection: ${names.join(', ')}`)
const lines = fc.array(
  fc.oneof({ weight: 3, arbitrary: field }, { weight: 1, arbitrary: nomination }),
  {
    minLength: 1,
    maxLength: 8,
  },
)
const asText = (all: readonly string[]) => all.map((line) => `${line}\r\n`).join('')

test('identity headers at the service are ours, once, in every alias, trailers included (I14)', async () => {
  await fc.assert(
    fc.asyncProperty(
      lines,
      lines,
      fc.constantFrom<Who>('reader', 'editor'),
      async (head, trailer, who) => {
        const headers = `${asText(head)}Transfer-Encoding: chunked\r\n`
        const body = `1\r\na\r\n0\r\n${asText(trailer.filter((line) => !line.startsWith('Connection')))}\r\n`
        const bytes = bytesOf(scene, who, 'GET /public/a', { headers, body })
        const { received } = await expectForwarded(scene, bytes, 'GET /public/a', [
          'transfer-encoding',
        ])
        const all = [...received.rawHeaders, ...received.trailers]
        expect(all.join('\n')).not.toContain('forged')
        for (const name of OURS) {
          const same = all.filter(
            (other, at) => at % 2 === 0 && environmentName(other) === environmentName(name),
          )
          expect([name, same.length]).toEqual([name, 1])
        }
        expect(valuesAt(received, 'remote-user')).toEqual([
          who === 'reader' ? 'user:rita' : 'user:eve',
        ])
      },
    ),
    { numRuns: 120 },
  )
}, 60_000)

interface Denied {
  readonly who: Who
  readonly line: string
  /** What it is answered with nothing added, and what else may come of it. */
  readonly worse: readonly number[]
}

const denied: readonly Denied[] = [
  { who: 'anonymous', line: 'GET /items/1', worse: [401, 400, 431] },
  { who: 'reader', line: 'DELETE /items/1', worse: [403, 401, 400, 431] },
]

test.each(denied)(
  'nothing that is added to $line of $who improves the answer (I15)',
  async ({ who, line, worse }) => {
    const before = [...scene.upstream.begun, ...scene.beta.begun]
    expect((await ask(scene.port, bytesOf(scene, who, line))).status).toBe(worse[0])
    const aliases = (name: string) => [name, name.replaceAll('-', '_')]
    for (const name of knownHeaders) {
      const answers = await Promise.all(
        convincingValues.flatMap((value) =>
          aliases(name).map(async (spelt) => {
            const headers = `${spelt}: ${value}\r\n`
            const { status } = await ask(scene.port, bytesOf(scene, who, line, { headers }))
            return { headers, status }
          }),
        ),
      )
      expect(answers.filter(({ status }) => !worse.includes(status))).toEqual([])
    }
    expect([...scene.upstream.begun, ...scene.beta.begun]).toEqual(before)
  },
  60_000,
)

test('all of them at once improve nothing either (I15)', async () => {
  // Each of these ends the request by itself.
  const harmful =
    /^(?:Host|Authorization|Cookie|Content-Length|Transfer-Encoding|Expect|Upgrade|Gatehouse-Min-Revision)$/
  const names = knownHeaders.filter((name) => !harmful.test(name))
  for (const value of convincingValues) {
    const headers = asText(names.map((name) => `${name}: ${value}`))
    for (const { who, line, worse } of denied) {
      const { status } = await ask(scene.port, bytesOf(scene, who, line, { headers }))
      expect(status).toBe(worse[0])
    }
  }
})
