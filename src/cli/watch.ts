/** Does something again whenever a policy file changes, until somebody ends it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { limits } from '../lib/limits.ts'
import { type PolicyPlace, policySignature } from '../lib/policy-folder.ts'
import type { Terminal } from './terminal.ts'

/** Runs now and after every change that has rested; resolves on SIGINT or SIGTERM, after a run. */
export async function watchPolicy(
  place: PolicyPlace,
  run: () => Promise<void>,
  { note }: Pick<Terminal, 'note'>,
): Promise<void> {
  const end = new AbortController()
  const stop = () => end.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    while (!end.signal.aborted) {
      // Taken before the files are read, so that no edit falls between.
      const since = policySignature(place)
      await run()
      note('Waiting for a change; Ctrl+C ends.\n')
      await nextChange(place, since, end.signal)
    }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

/** An editor empties a file before it fills it, so only what has rested from look to look is read. */
async function nextChange(place: PolicyPlace, since: string, signal: AbortSignal): Promise<void> {
  let last = since
  while (!signal.aborted) {
    await sleep(limits.policyPollMs, undefined, { signal }).catch(() => undefined)
    const now = policySignature(place)
    if (now === last && now !== since) return
    last = now
  }
}
