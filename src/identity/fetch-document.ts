/**
 * Fetches a small document from a URL that an operator configured: bounded in size and time,
 * without redirects, and only from addresses that were checked (server-side request forgery).
 */
import { lookup } from 'node:dns/promises'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { isLoopbackAddress, isPublicAddress } from './public-address.ts'

export interface FetchOptions {
  readonly mostBytes: number
  /** For everything together, name resolution included. */
  readonly timeoutMs: number
  /** Whether https may reach private addresses: the setting FETCH_PRIVATE. */
  readonly fetchPrivate: boolean
}

/**
 * The body of a 200 answer. https goes to public addresses, or to any with `fetchPrivate`; http is
 * for loopback only. Rejects with one sentence for everything else.
 */
export async function fetchDocument(address: string, options: FetchOptions): Promise<Uint8Array> {
  const url = new URL(address)
  const signal = AbortSignal.timeout(options.timeoutMs)
  const addresses = await raced(resolve(url), signal)
  const [pinned] = addresses
  if (!pinned || !addresses.every((found) => mayReach(url.protocol, found.address, options))) {
    throw new Error(`${url.origin} must be https at a public address, or http on loopback.`)
  }
  return await get(url, pinned, signal, options.mostBytes)
}

interface Resolved {
  readonly address: string
  readonly family: number
}

async function resolve({ protocol, hostname }: URL): Promise<Resolved[]> {
  if (protocol !== 'https:' && protocol !== 'http:') return []
  const literal = hostname.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(literal)
  if (family !== 0) return [{ address: literal, family }]
  return await lookup(hostname, { all: true })
}

function mayReach(protocol: string, address: string, { fetchPrivate }: FetchOptions): boolean {
  if (protocol === 'http:') return isLoopbackAddress(address)
  return fetchPrivate || isPublicAddress(address)
}

/** Connects to the address that was checked: a second resolution could answer another one. */
function get(url: URL, pinned: Resolved, signal: AbortSignal, most: number): Promise<Uint8Array> {
  const pin: LookupFunction = (_host, { all }, done) =>
    all ? done(null, [pinned]) : done(null, pinned.address, pinned.family)
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const headers = {
    accept: 'application/jwk-set+json, application/json',
    'accept-encoding': 'identity',
  }
  return new Promise((done, fail) => {
    const sent = request(url, { agent: false, lookup: pin, headers, signal })
    sent.on('error', fail)
    sent.on('response', (response) => {
      readBody(response, most)
        .then(done, fail)
        .finally(() => sent.destroy())
    })
    sent.end()
  })
}

async function readBody(response: IncomingMessage, most: number): Promise<Uint8Array> {
  if (response.statusCode !== 200) throw new Error(`It answered ${response.statusCode}, not 200.`)
  if (response.headers['content-encoding'] !== undefined) throw new Error('It sent a coded body.')
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > most) throw new Error(`It sent more than ${most} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function raced<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return await Promise.race([
    work,
    new Promise<never>((_, fail) => {
      signal.addEventListener('abort', () => fail(signal.reason), { once: true })
    }),
  ])
}
