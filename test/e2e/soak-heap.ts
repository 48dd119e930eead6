/** Whether memory grows over a long run. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Fewer samples than this are all warm-up. */
const SAMPLES_LEAST = 9
/** What code, caches and the collector's own mood may add. */
const GROWTH_SHARE = 0.1
const GROWTH_BYTES = 4 * 1024 * 1024

/** Bytes of the JavaScript heap after everything that nobody holds is gone. */
export function heapKept(): number {
  collect()
  return process.memoryUsage().heapUsed
}

/** Why the samples, taken at equal distances, are a leak. The first third is warm-up. */
export function growthProblem(samples: readonly number[]): string | undefined {
  if (samples.length < SAMPLES_LEAST) return undefined
  const third = Math.floor(samples.length / 3)
  const middle = lowest(samples.slice(third, 2 * third))
  const last = lowest(samples.slice(-third))
  if (last <= middle * (1 + GROWTH_SHARE) + GROWTH_BYTES) return undefined
  return `the heap grew from ${megabytes(middle)} to ${megabytes(last)}`
}

function lowest(samples: readonly number[]): number {
  return Math.min(...samples)
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
