/** Whoever hands out or revives somebody's credentials must hold what these are worth (A6 111). */
import { inTurns } from '../lib/turns.ts'
import { findBeyond } from '../policy/questions/may-act-as.ts'
import type { Call } from './runner/operation.ts'
import { Refusal } from './runner/refusal.ts'

/** Throws a `Refusal` unless the actor holds all that `holder` (`user:…` or `service:…`) does. */
export async function refuseBeyond(
  { view, actor }: Pick<Call<unknown, unknown>, 'view' | 'actor'>,
  holder: string,
): Promise<void> {
  const found = await inTurns(findBeyond(view.snapshot, holder, actor.subject))
  if (found.kind === 'none') return
  if (found.kind === 'unsupported') throw new Refusal('denied', found.because)
  const { method, path } = found.excess
  throw new Refusal('denied', `${holder} holds ${method} on ${path}, which you do not yourself.`)
}
