/**
 * The policy files on disk: read at start, then looked at several times a second. A broken edit
 * changes nothing but raises a log line and a metric; the last good policy serves on.
 */
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import type { Metrics } from '../lib/metrics.ts'
import { type PolicyPlace, policySignature, readPolicyFolder } from '../lib/policy-folder.ts'
import { type PolicyFiles, parsePolicyFiles } from '../policy/files/files.ts'
import { PolicyError } from '../policy/problem.ts'

export interface PolicyWatch {
  /** The problems of the files on disk while they are broken, one a line; otherwise `undefined`. */
  readonly failure: () => string | undefined
  readonly stop: () => void
}

export interface WatchOptions {
  readonly place: PolicyPlace
  /** The signature taken before the files in force were read, so that no edit falls between. */
  readonly since: string
  /** The files in force at the start. */
  readonly files: PolicyFiles
  /** Puts new files in force, all or nothing. */
  readonly use: (files: PolicyFiles) => Promise<void>
  readonly log: Log
  readonly metrics: Metrics
  readonly pollMs?: number
}

/** Reads and parses everything; throws `PolicyError`, or the file system's error. */
export function readPolicyFiles(place: PolicyPlace): PolicyFiles {
  return parsePolicyFiles(readPolicyFolder(place))
}

/** Starts looking for edits, every `limits.policyPollMs` unless told otherwise. */
export function watchPolicyFiles(options: WatchOptions): PolicyWatch {
  const { place, log, metrics, pollMs = limits.policyPollMs } = options
  let read = options.since
  let last = options.since
  let inForce = options.files.hash
  let failure: string | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const take = async (files: PolicyFiles) => {
    // A touched file, or a broken edit that was taken back, holds what is in force already.
    if (files.hash !== inForce) await options.use(files)
    else if (failure === undefined) return
    inForce = files.hash
    failure = undefined
    metrics.policyReloads.inc({ result: 'ok' })
    metrics.policyReloadFailed.set(0)
    log.info({ files: files.hash, guardrails: files.guardrails.length }, 'policy files reloaded')
  }

  const refuse = (error: unknown) => {
    failure = error instanceof Error ? error.message : String(error)
    metrics.policyReloads.inc({ result: 'failed' })
    metrics.policyReloadFailed.set(1)
    const problems = error instanceof PolicyError ? error.problems : undefined
    log.error({ problems }, `policy files refused, the last good policy serves: ${failure}`)
  }

  /**
   * An editor empties a file before it fills it, and the first half of a file may be a policy
   * without its denies. So only what has rested from one look to the next is read, and only what
   * did not change under the reader is used.
   */
  const look = async () => {
    const now = policySignature(place)
    const rested = now === last
    last = now
    if (!rested || now === read) return
    const outcome = attempt(() => readPolicyFiles(place))
    if (policySignature(place) !== now) return
    read = now
    if (outcome.kind === 'failed') refuse(outcome.error)
    else await take(outcome.value).catch(refuse)
  }

  const schedule = () => {
    if (!stopped) timer = setTimeout(() => void look().finally(schedule), pollMs)
    timer?.unref()
  }
  schedule()
  return {
    failure: () => failure,
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}

type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown }

function attempt<T>(work: () => T): Outcome<T> {
  try {
    return { kind: 'done', value: work() }
  } catch (error) {
    return { kind: 'failed', error }
  }
}
