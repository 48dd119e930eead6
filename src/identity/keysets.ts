/** The key sets of the configured issuers, from a file beside `issuers.yaml` or by URL. */
import { resolve, sep } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { readText, signatureOf } from '../lib/folder.ts'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import type { Reason } from '../lib/reasons.ts'
import type { Issuer } from '../policy/issuers.ts'
import { fetchDocument } from './fetch-document.ts'
import type { VerificationKey } from './jws.ts'
import { KeptKeySet } from './kept-key-set.ts'
import { type KeySet, parseKeySet, selectKey } from './key-set.ts'

export type FoundKey =
  | { readonly kind: 'found'; readonly key: VerificationKey }
  | { readonly kind: 'refused'; readonly reason: Reason }

export interface KeySets {
  /** The issuer's key for a token: `token_key_unknown` without one, `keys_unavailable` without a set. */
  readonly find: (issuer: Issuer, algorithm: string, keyId?: string) => Promise<FoundKey>
  /** Loads the sets of these issuers and forgets all others; failures are logged, never thrown. */
  readonly prepare: (issuers: readonly Issuer[]) => Promise<void>
}

export interface KeySetsOptions {
  /** The folder of `issuers.yaml`; a key file lies in it. */
  readonly directory: string
  /** The setting FETCH_PRIVATE. */
  readonly fetchPrivate: boolean
  readonly clock: Pick<Clock, 'elapsed'>
  readonly log: Pick<Log, 'warn'>
}

/** Keeps a set for each distinct source and list of algorithms. */
export function createKeySets(options: KeySetsOptions): KeySets {
  const kept = new Map<string, KeptKeySet>()

  const keptFor = (issuer: Issuer): KeptKeySet => {
    const name = nameOf(issuer)
    const known = kept.get(name) ?? keep(issuer, options)
    kept.set(name, known)
    return known
  }

  return {
    find: async (issuer, algorithm, keyId) => {
      const source = keptFor(issuer)
      const set = await source.current()
      const key = set && selectKey(set, algorithm, keyId)
      if (key !== undefined) return { kind: 'found', key }
      // A key we have not seen may be a new one (hazard 6), so ask once a cool-down.
      const newer = await source.refreshed()
      if (newer === undefined) return { kind: 'refused', reason: 'keys_unavailable' }
      const newKey = selectKey(newer, algorithm, keyId)
      if (newKey !== undefined) return { kind: 'found', key: newKey }
      return { kind: 'refused', reason: 'token_key_unknown' }
    },
    prepare: async (issuers) => {
      const names = new Set(issuers.map(nameOf))
      for (const name of kept.keys()) if (!names.has(name)) kept.delete(name)
      await Promise.all(issuers.map((issuer) => keptFor(issuer).current()))
    },
  }
}

/** Injective: two issuers share a set only if everything that makes it is the same. */
function nameOf({ keys, algorithms }: Issuer): string {
  return JSON.stringify(['url' in keys ? ['url', keys.url] : ['file', keys.file], algorithms])
}

function keep(issuer: Issuer, options: KeySetsOptions): KeptKeySet {
  const { clock, log } = options
  const { keys, algorithms } = issuer
  const told = async (bytes: Uint8Array) => {
    const set = await parseKeySet(bytes, algorithms)
    if (set.problems.length > 0) {
      log.warn({ issuer: issuer.issuer, problems: set.problems }, 'keys of an issuer are left out')
    }
    return set
  }
  const onFailure = (error: unknown) =>
    log.warn({ issuer: issuer.issuer, error: String(error) }, 'the key set was not loaded')
  const common = { clock, onFailure, graceMs: limits.jwksGraceMs }
  if ('file' in keys) {
    const load = fileLoader(inside(options.directory, keys.file), told)
    const pollMs = limits.policyPollMs
    return new KeptKeySet({ ...common, load, maxAgeMs: pollMs, cooldownMs: pollMs, waits: true })
  }
  return new KeptKeySet({
    ...common,
    load: async () => told(await fetchDocument(keys.url, fetchLimits(options))),
    maxAgeMs: limits.jwksMaxAgeMs,
    cooldownMs: limits.jwksCooldownMs,
    waits: false,
  })
}

function fetchLimits({ fetchPrivate }: KeySetsOptions) {
  return { fetchPrivate, mostBytes: limits.jwksBytes, timeoutMs: limits.jwksTimeoutMs }
}

/** Reads the file again only when it has changed. */
function fileLoader(file: string | undefined, parse: (bytes: Uint8Array) => Promise<KeySet>) {
  let last: { readonly signature: string; readonly set: KeySet } | undefined
  return async () => {
    if (file === undefined) throw new Error('The key file must lie beside issuers.yaml.')
    const signature = signatureOf([file])
    if (last?.signature !== signature) {
      last = { signature, set: await parse(Buffer.from(readText(file, limits.jwksBytes))) }
    }
    return last.set
  }
}

function inside(directory: string, file: string): string | undefined {
  const root = resolve(directory)
  const path = resolve(root, file)
  return path.startsWith(root + sep) ? path : undefined
}
