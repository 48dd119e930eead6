import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fetchDocument } from '../../src/identity/fetch-document.ts'
import { certificate, type KeyServer, startHttp, startHttps } from './key-server.ts'

const options = { mostBytes: 1_000, timeoutMs: 3_000, fetchPrivate: false }
const inward = { ...options, fetchPrivate: true }

let http: KeyServer
let https: KeyServer

beforeAll(async () => {
  http = await startHttp()
  https = await startHttps()
})

beforeEach(() => {
  for (const server of [http, https]) server.answer = (res) => res.end('{"keys":[]}')
})

afterAll(async () => {
  await http.close()
  await https.close()
})

const text = async (url: string, how = options) =>
  Buffer.from(await fetchDocument(url, how)).toString()

describe('http is for loopback', () => {
  test('by address', async () => {
    expect(await text(`${http.origin}/jwks`)).toBe('{"keys":[]}')
    expect(http.asked.at(-1)).toBe('/jwks')
  })

  test('by name, when every address of the name is loopback', async () => {
    expect(await text(http.origin.replace('127.0.0.1', 'localhost'))).toBe('{"keys":[]}')
  })

  test.each([
    'http://10.0.0.1/',
    'http://93.184.216.34/',
    'http://[::ffff:10.0.0.1]/',
    'http://0.0.0.0/',
  ])('and for nothing else, whatever the setting: %s', async (url) => {
    await expect(text(url)).rejects.toThrow('must be https at a public address')
    await expect(text(url, inward)).rejects.toThrow('must be https at a public address')
  })
})

describe('https stays outside unless it is told otherwise', () => {
  test('a private address is refused before a connection is made', async () => {
    const before = https.asked.length
    await expect(text(https.origin)).rejects.toThrow('must be https at a public address')
    await expect(text(https.origin.replace('127.0.0.1', 'localhost'))).rejects.toThrow(
      'must be https',
    )
    expect(https.asked.length).toBe(before)
  })

  test.each([
    'https://169.254.169.254/latest/meta-data',
    'https://[fe80::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[64:ff9b::7f00:1]/',
  ])('in every spelling: %s', async (url) => {
    await expect(text(url)).rejects.toThrow('must be https at a public address')
  })

  test('with FETCH_PRIVATE a certificate that nobody vouches for is still refused', async () => {
    await expect(text(https.origin, inward)).rejects.toThrow(/self-signed/)
    expect(https.asked).toEqual([])
  })

  test('with FETCH_PRIVATE and a good certificate it is fetched, by name and by address', async () => {
    const usual = getCACertificates('default')
    setDefaultCACertificates([...usual, certificate])
    try {
      expect(await text(https.origin, inward)).toBe('{"keys":[]}')
      expect(await text(https.origin.replace('127.0.0.1', 'localhost'), inward)).toBe('{"keys":[]}')
    } finally {
      setDefaultCACertificates(usual)
    }
  })
})

describe('no other scheme and no other form is fetched', () => {
  test.each([
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'data:,x',
    'ws://127.0.0.1/',
    'nonsense',
    '',
  ])('%s', async (url) => {
    await expect(text(url, inward)).rejects.toThrow()
  })
})

describe('an answer is taken whole, plain and small, or not at all', () => {
  test('a body of exactly the largest size', async () => {
    http.answer = (res) => res.end('x'.repeat(options.mostBytes))
    expect(await text(http.origin)).toHaveLength(options.mostBytes)
  })

  test('a longer body is refused', async () => {
    http.answer = (res) => res.end('x'.repeat(options.mostBytes + 1))
    await expect(text(http.origin)).rejects.toThrow('more than 1000 bytes')
  })

  test('a body without end is cut off', async () => {
    const closed = Promise.withResolvers<void>()
    http.answer = (res) => {
      const more = () => {
        while (res.write('x'.repeat(10_000)));
      }
      res.on('drain', more).on('close', closed.resolve)
      more()
    }
    await expect(text(http.origin)).rejects.toThrow('more than 1000 bytes')
    await closed.promise
  })

  test('a redirect is not followed', async () => {
    http.answer = (res, path) =>
      path === '/target'
        ? res.end('{}')
        : res.writeHead(302, { location: `${http.origin}/target` }).end()
    await expect(text(`${http.origin}/start`)).rejects.toThrow('answered 302')
    expect(http.asked.at(-1)).toBe('/start')
  })

  test.each([201, 204, 301, 304, 307, 401, 404, 500, 503])(
    'status %i is refused',
    async (status) => {
      http.answer = (res) => res.writeHead(status).end()
      await expect(text(http.origin)).rejects.toThrow(`answered ${status}`)
    },
  )

  test('a compressed body is refused, for it has two sizes', async () => {
    http.answer = (res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{}'))
    await expect(text(http.origin)).rejects.toThrow('coded body')
  })

  test('a body that breaks off is refused', async () => {
    http.answer = (res) => {
      res.writeHead(200, { 'content-length': '100' }).write('{"keys":[')
      setImmediate(() => res.destroy())
    }
    await expect(text(http.origin)).rejects.toThrow()
  })

  test('a server that never answers is given up', async () => {
    http.answer = () => undefined
    await expect(text(http.origin, { ...options, timeoutMs: 100 })).rejects.toThrow(
      /timeout|aborted/i,
    )
  })

  test('a body that dribbles is given up', async () => {
    http.answer = (res) => {
      const timer = setInterval(() => res.write(' '), 20)
      res.on('close', () => clearInterval(timer))
    }
    await expect(text(http.origin, { ...options, timeoutMs: 200 })).rejects.toThrow(
      /timeout|aborted/i,
    )
  })
})
