/** Waiting for what must come, without a guess how long it takes. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves when `condition` holds; throws its last word when it does not within `longestMs`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  longestMs = 8_000,
): Promise<void> {
  const deadline = performance.now() + longestMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Still not so after ${longestMs} ms.`)
    await sleep(20)
  }
}
