import fc from 'fast-check'
import { expect, test } from 'vitest'
import { requestHeaders } from '../../src/gateway/headers.ts'

const ours = [
  ['host', 'app.acme.test'],
  ['gatehouse-assertion', 'ours'],
  ['gatehouse-decision', 'ours'],
  ['remote-user', 'ours'],
  ['remote-groups', 'ours'],
  ['remote-email', 'ours'],
  ['x-request-id', 'ours'],
  ['x-forwarded-for', 'ours'],
  ['x-forwarded-host', 'ours'],
  ['x-forwarded-proto', 'ours'],
] as const

/** What a CGI-like upstream makes of a name: nothing but letters, digits and one separator. */
const environmentName = (name: string) => name.toUpperCase().replace(/[^A-Z0-9]/g, '_')

const separator = fc.constantFrom('-', '_', '.', '~', '!', '|')
/** A name of ours in any case and with any separators. */
const alias = fc
  .tuple(fc.constantFrom(...ours.map(([name]) => name)), fc.infiniteStream(separator), fc.nat())
  .map(([name, separators, seed]) => {
    const cased = [...name].map((letter, at) =>
      (seed >> (at % 30)) & 1 ? letter.toUpperCase() : letter,
    )
    return cased.map((letter) => (letter === '-' ? separators.next().value : letter)).join('')
  })
const harmless = fc.constantFrom('Accept', 'X-Custom', 'x_custom', 'Cookie', '__proto__', 'Date')
const name = fc.oneof(alias, harmless)
const nomination = fc.array(name, { maxLength: 4 }).map((names) => ['Connection', names.join(', ')])
const field = fc.tuple(name, fc.constantFrom('forged', '', 'a=b'))
const headers = fc
  .array(fc.oneof({ weight: 4, arbitrary: field }, { weight: 1, arbitrary: nomination }))
  .map((fields) => fields.flat())

test('identity headers at the upstream are ours, once, in every alias (I14)', () => {
  fc.assert(
    fc.property(headers, (raw) => {
      const out = requestHeaders(raw, ours)
      if (!Array.isArray(out)) throw new Error(`refused: ${out}`)
      for (const [own, value] of ours) {
        const wanted = environmentName(own)
        const values = out.filter(
          (_, at) => at % 2 === 1 && environmentName(out[at - 1] ?? '') === wanted,
        )
        expect(values).toEqual([value])
      }
    }),
    { numRuns: 1_000 },
  )
})

test('nothing that a client adds changes what leaves of ours (I15)', () => {
  fc.assert(
    fc.property(headers, (raw) => {
      const out = requestHeaders(raw, ours)
      expect(out.slice(-2 * ours.length)).toEqual(ours.flat())
    }),
    { numRuns: 500 },
  )
})

test('any list of texts is made into sound pairs or refused, and never thrown at (A2 47, A3 59)', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), name, fc.constant('connection'))
  fc.assert(
    fc.property(fc.array(text, { maxLength: 10 }), (raw) => {
      const out = requestHeaders(raw, ours)
      if (!Array.isArray(out)) return
      expect(out.length % 2).toBe(0)
      for (const [at, part] of out.entries()) {
        expect(part).toMatch(at % 2 === 0 ? /^[!-'*+.^_`|~\w-]+$/ : /^[\t -~\x80-\xff]*$/)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('what has left once leaves again unchanged', () => {
  fc.assert(
    fc.property(headers, (raw) => {
      const once = requestHeaders(raw, [])
      expect(requestHeaders(Array.isArray(once) ? once : [], [])).toEqual(once)
    }),
    { numRuns: 500 },
  )
})
