import { mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKeySets, type KeySets } from '../../src/identity/keysets.ts'
import { limits } from '../../src/lib/limits.ts'
import { ecKey, issuerWith, jwks, movableClock, rsaKey } from './issuing.ts'
import { type KeyServer, startHttp } from './key-server.ts'

const one = ecKey('one')
const two = ecKey('two')
const unavailable = { kind: 'refused', reason: 'keys_unavailable' }
const unknown = { kind: 'refused', reason: 'token_key_unknown' }

let clock: ReturnType<typeof movableClock>
let folder: string
let warnings: unknown[]

const make = (): KeySets => {
  const log = { warn: (...what: unknown[]) => void warnings.push(what) }
  return createKeySets({ directory: folder, fetchPrivate: false, clock, log })
}

beforeEach(() => {
  clock = movableClock()
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'))
  warnings = []
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('keys by URL', () => {
  let server: KeyServer
  let serve: string

  beforeEach(async () => {
    server = await startHttp()
    serve = jwks(one)
    server.answer = (res) => res.end(serve)
  })
  afterEach(() => server.close())

  const issuer = () => issuerWith({ url: `${server.origin}/jwks.json` })
  const found = { kind: 'found', key: expect.anything() }

  test('are fetched once, however many ask at once', async () => {
    const sets = make()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => sets.find(issuer(), 'ES256', 'one')),
    )
    for (const answer of answers) expect(answer).toEqual(found)
    expect(server.asked).toEqual(['/jwks.json'])
  })

  test('a rotated key is found after one refresh, and not sooner than the cool-down', async () => {
    const sets = make()
    await sets.find(issuer(), 'ES256', 'one')
    serve = jwks(one, two)
    expect(await sets.find(issuer(), 'ES256', 'two')).toEqual(unknown)
    clock.move(limits.jwksCooldownMs)
    expect(await sets.find(issuer(), 'ES256', 'two')).toEqual(found)
    expect(await sets.find(issuer(), 'ES256', 'one')).toEqual(found)
    expect(server.asked).toHaveLength(2)
  })

  test('a key that was withdrawn is worth nothing after the refresh', async () => {
    const sets = make()
    await sets.find(issuer(), 'ES256', 'one')
    serve = jwks(two)
    clock.move(limits.jwksCooldownMs)
    expect(await sets.find(issuer(), 'ES256', 'two')).toEqual(found)
    expect(await sets.find(issuer(), 'ES256', 'one')).toEqual(unknown)
  })

  test('a flood of made-up ids asks the issuer once a cool-down', async () => {
    const sets = make()
    await sets.find(issuer(), 'ES256', 'one')
    for (let period = 1; period <= 3; period += 1) {
      clock.move(limits.jwksCooldownMs)
      const flood = Array.from({ length: 50 }, (_, n) =>
        sets.find(issuer(), 'ES256', `made-up-${n}`),
      )
      for (const answer of await Promise.all(flood)) expect(answer).toEqual(unknown)
      expect(server.asked).toHaveLength(1 + period)
    }
  })

  test('are fetched again when they are old', async () => {
    const sets = make()
    await sets.find(issuer(), 'ES256', 'one')
    clock.move(limits.jwksMaxAgeMs - 1)
    await sets.find(issuer(), 'ES256', 'one')
    expect(server.asked).toHaveLength(1)
    clock.move(1)
    expect(await sets.find(issuer(), 'ES256', 'one')).toEqual(found)
    await expect.poll(() => server.asked.length).toBe(2)
  })

  test('go on for the grace when the issuer is away, then nothing passes until it is back', async () => {
    const sets = make()
    await sets.find(issuer(), 'ES256', 'one')
    server.answer = (res) => res.writeHead(500).end()
    clock.move(limits.jwksMaxAgeMs + limits.jwksGraceMs - 1)
    expect(await sets.find(issuer(), 'ES256', 'one')).toEqual(found)
    await expect.poll(() => server.asked.length).toBe(2)
    clock.move(1)
    expect(await sets.find(issuer(), 'ES256', 'one')).toEqual(unavailable)
    server.answer = (res) => res.end(serve)
    expect(await sets.find(issuer(), 'ES256', 'one')).toEqual(unavailable)
    clock.move(limits.jwksCooldownMs)
    expect(await sets.find(issuer(), 'ES256', 'one')).toEqual(found)
  })

  test('a set that expired long ago is not used while a new one is fetched', async () => {
    const sets = make()
    await sets.find(issuer(), 'ES256', 'one')
    serve = jwks(two)
    clock.move(limits.jwksMaxAgeMs + limits.jwksGraceMs)
    expect(await sets.find(issuer(), 'ES256', 'one')).toEqual(unknown)
  })

  const broken: [string, (server: KeyServer) => void][] = [
    [
      'an error',
      (it) => {
        it.answer = (res) => res.writeHead(503).end()
      },
    ],
    [
      'a redirect',
      (it) => {
        it.answer = (res) => res.writeHead(302, { location: '/other' }).end()
      },
    ],
    [
      'no JSON',
      (it) => {
        it.answer = (res) => res.end('<html>')
      },
    ],
    [
      'no keys',
      (it) => {
        it.answer = (res) => res.end('{"keys":[]}')
      },
    ],
    [
      'a huge set',
      (it) => {
        it.answer = (res) => res.end('x'.repeat(limits.jwksBytes + 1))
      },
    ],
    [
      'a weak key alone',
      (it) => {
        it.answer = (res) => res.end(jwks(rsaKey('one', 1_024)))
      },
    ],
    [
      'a cut connection',
      (it) => {
        it.answer = (res) => res.destroy()
      },
    ],
  ]
  test.each(broken)(
    '%s: no key, one warning, and the next try after the cool-down',
    async (_name, breakIt) => {
      breakIt(server)
      const sets = make()
      expect(await sets.find(issuer(), 'ES256', 'one')).toEqual(unavailable)
      expect(await sets.find(issuer(), 'ES256', 'one')).toEqual(unavailable)
      expect(server.asked).toEqual(['/jwks.json'])
      expect(warnings).toHaveLength(1)
      server.answer = (res) => res.end(serve)
      clock.move(limits.jwksCooldownMs)
      expect(await sets.find(issuer(), 'ES256', 'one')).toEqual(found)
    },
  )

  test.each(broken)('%s: the last good set stays', async (_name, breakIt) => {
    const sets = make()
    await sets.find(issuer(), 'ES256', 'one')
    breakIt(server)
    clock.move(limits.jwksCooldownMs)
    expect(await sets.find(issuer(), 'ES256', 'two')).toEqual(unknown)
    expect(server.asked).toHaveLength(2)
    expect(await sets.find(issuer(), 'ES256', 'one')).toEqual(found)
  })

  test('two issuers at one URL with other algorithms do not share keys', async () => {
    const sets = make()
    const other = { ...issuer(), algorithms: ['RS256'] as const }
    expect(await sets.find(issuer(), 'ES256', 'one')).toEqual(found)
    expect(await sets.find(other, 'ES256', 'one')).toEqual(unavailable)
  })

  test('an issuer that is configured no more is forgotten, and prepared ones are at hand', async () => {
    const sets = make()
    await sets.prepare([issuer()])
    expect(server.asked).toHaveLength(1)
    await sets.find(issuer(), 'ES256', 'one')
    expect(server.asked).toHaveLength(1)
    await sets.prepare([])
    await sets.find(issuer(), 'ES256', 'one')
    expect(server.asked).toHaveLength(2)
  })

  test('preparing never rejects', async () => {
    await server.close()
    await make().prepare([issuer(), issuerWith({ file: 'missing.json' })])
    expect(warnings).toHaveLength(2)
  })
})

describe('a private address is not asked', () => {
  test.each(['https://127.0.0.1:9/', 'https://169.254.169.254/', 'http://10.0.0.1/'])(
    '%s',
    async (url) => {
      expect(await make().find(issuerWith({ url }), 'ES256', 'one')).toEqual(unavailable)
      expect(JSON.stringify(warnings)).toContain('must be https at a public address')
    },
  )
})

describe('keys in a file beside issuers.yaml', () => {
  const issuer = issuerWith({ file: 'keys.json' })
  const found = { kind: 'found', key: expect.anything() }
  const write = (text: string) => writeFileSync(join(folder, 'keys.json'), text)

  test('are read, and read again when the file changes', async () => {
    write(jwks(one))
    const sets = make()
    expect(await sets.find(issuer, 'ES256', 'one')).toEqual(found)
    write(jwks(two))
    clock.move(limits.policyPollMs)
    expect(await sets.find(issuer, 'ES256', 'one')).toEqual(unknown)
    expect(await sets.find(issuer, 'ES256', 'two')).toEqual(found)
  })

  test('are read again when a link is moved, as in a mounted volume', async () => {
    writeFileSync(join(folder, 'v1.json'), jwks(one))
    writeFileSync(join(folder, 'v2.json'), jwks(two))
    symlinkSync('v1.json', join(folder, 'keys.json'))
    const sets = make()
    expect(await sets.find(issuer, 'ES256', 'one')).toEqual(found)
    symlinkSync('v2.json', join(folder, 'next'))
    renameSync(join(folder, 'next'), join(folder, 'keys.json'))
    clock.move(limits.policyPollMs)
    expect(await sets.find(issuer, 'ES256', 'two')).toEqual(found)
  })

  test('a broken edit leaves the last good set in force for the grace', async () => {
    write(jwks(one))
    const sets = make()
    await sets.find(issuer, 'ES256', 'one')
    write('{')
    clock.move(limits.policyPollMs)
    expect(await sets.find(issuer, 'ES256', 'one')).toEqual(found)
    expect(warnings).toHaveLength(1)
    unlinkSync(join(folder, 'keys.json'))
    clock.move(limits.jwksGraceMs + limits.policyPollMs)
    expect(await sets.find(issuer, 'ES256', 'one')).toEqual(unavailable)
  })

  test('a file that is missing, huge or outside of the folder gives no keys', async () => {
    const sets = make()
    expect(await sets.find(issuer, 'ES256', 'one')).toEqual(unavailable)
    writeFileSync(join(folder, 'huge.json'), 'x'.repeat(limits.jwksBytes + 1))
    expect(await sets.find(issuerWith({ file: 'huge.json' }), 'ES256', 'one')).toEqual(unavailable)
    const outside = mkdtempSync(join(tmpdir(), 'gatehouse-outside-'))
    writeFileSync(join(outside, 'keys.json'), jwks(one))
    for (const file of [
      join(outside, 'keys.json'),
      `../${outside.split('/').at(-1)}/keys.json`,
      '.',
      '',
    ]) {
      expect(await sets.find(issuerWith({ file }), 'ES256', 'one')).toEqual(unavailable)
    }
    rmSync(outside, { recursive: true })
  })

  test('weak keys are named in the log', async () => {
    write(jwks(one, rsaKey('weak', 1_024)))
    await make().find(issuer, 'ES256', 'one')
    expect(JSON.stringify(warnings)).toContain('Key weak is left out: its modulus is too small.')
  })
})
