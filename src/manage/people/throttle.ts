/** Slows guessing down, by what is guessed at and by who guesses (I24). */
import { limits } from '../../lib/limits.ts'
import { beginAttempt, forgetAttempts, takeBackAttempt } from '../../store/attempts.ts'
import type { Call } from '../runner/operation.ts'
import { Refusal } from '../runner/refusal.ts'

type Guess = Pick<Call<unknown, unknown>, 'tools' | 'actor'>

/** What is counted for the account whose address is compared as `key`. */
export const guesses = {
  password: (key: string) => `account:${key}`,
  reset: (key: string) => `reset:${key}`,
}

const addressOf = ({ actor }: Guess) => `address:${actor.address ?? ''}`

/**
 * Counts an attempt `about` an account, whether or not there is one, and by a client's address. Throws
 * a `Refusal`, a 429, where it comes too early. Counted outside of any transaction: what fails afterwards
 * stays counted.
 */
export async function countAttempt(call: Guess, about: string): Promise<void> {
  const { query } = call.tools.db
  const byAddress = { about: addressOf(call), free: limits.attemptsFreeOfAddress }
  const byAccount = { about, free: limits.attemptsFree }
  // The client first: its further guesses must not lock the account's own person out.
  for (const attempt of [byAddress, byAccount]) {
    const pauseMs = await beginAttempt(query, attempt)
    if (pauseMs === 0) continue
    const seconds = Math.ceil(pauseMs / 1_000)
    const detail = `Too many attempts. Try again in ${seconds} seconds.`
    throw new Refusal('too_many_requests', detail, seconds)
  }
}

/** Notes that the attempt succeeded. */
export async function forgiveAttempt(call: Guess, about: string): Promise<void> {
  const { query } = call.tools.db
  await takeBackAttempt(query, addressOf(call))
  await forgetAttempts(query, about)
}
