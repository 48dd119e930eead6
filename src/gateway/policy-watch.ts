/**
 * The policy files on disk: read at start, then looked at several times a second. A broken edit
 * changes nothing but raises a log line and a metric; the last good policy serves on.
 */
import { listFiles, readText, shownName, signatureOf } from '../lib/folder.ts'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import type { Metrics } from '../lib/metrics.ts'
import { type PolicyFiles, parsePolicyFiles } from '../policy/files.ts'
import { PolicyError } from '../policy/problem.ts'

export interface PolicyPlace {
  readonly policyDir: string
  readonly modelFile: string
}

export interface PolicyWatch {
  /** The problems of the files on disk while they are broken, one a line; otherwise `undefined`. */
  readonly failure: () => string | undefined
  readonly stop: () => void
}

function namesOf({ policyDir, modelFile }: PolicyPlace): string[] {
  return [modelFile, ...listFiles(policyDir, ['.csv', '.yaml'])]
}

/** Reads and parses everything; throws `PolicyError`, or the file system's error. */
export function readPolicyFiles(place: PolicyPlace): PolicyFiles {
  const [modelFile = place.modelFile, ...names] = namesOf(place)
  const read = (file: string) => readText(file, limits.policyFileBytes)
  return parsePolicyFiles({
    model: { name: shownName(modelFile), text: read(modelFile) },
    files: new Map(names.map((file) => [shownName(file), read(file)])),
  })
}

export interface WatchOptions {
  readonly place: PolicyPlace
  /** The signature taken before the files in force were read, so that no edit falls between. */
  readonly since: string
  /** Puts new files in force, all or nothing. */
  readonly use: (files: PolicyFiles) => Promise<void>
  readonly log: Log
  readonly metrics: Metrics
}

/** Starts looking for edits every `limits.policyPollMs`. */
export function watchPolicyFiles({ place, since, use, log, metrics }: WatchOptions): PolicyWatch {
  let seen = since
  let failure: string | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const reload = async () => {
    try {
      const files = readPolicyFiles(place)
      await use(files)
      failure = undefined
      metrics.policyReloads.inc({ result: 'ok' })
      metrics.policyReloadFailed.set(0)
      log.info({ files: files.hash, guardrails: files.guardrails.length }, 'policy files reloaded')
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
      metrics.policyReloads.inc({ result: 'failed' })
      metrics.policyReloadFailed.set(1)
      const problems = error instanceof PolicyError ? error.problems : undefined
      log.error({ problems }, `policy files refused, the last good policy serves: ${failure}`)
    }
  }

  const look = async () => {
    const now = policySignature(place)
    if (now !== seen) {
      seen = now
      await reload()
    }
    if (!stopped) timer = setTimeout(look, limits.policyPollMs).unref()
  }

  timer = setTimeout(look, limits.policyPollMs).unref()
  return {
    failure: () => failure,
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/** Changes with every edit; a file that vanishes between listing and asking is a change as well. */
export function policySignature(place: PolicyPlace): string {
  try {
    return signatureOf(namesOf(place))
  } catch (error) {
    return String(error)
  }
}
