/** Answers that are pages of a search: bounded, made in turns, and never a guess. */
import { inTurns, type Steps } from '../../lib/turns.ts'
import { EntangledPatternsError } from '../../policy/patterns/pattern-algebra.ts'
import type { Page, PageRequest, Unsupported } from '../../policy/questions/page.ts'
import { cursorInQuery, limitInQuery } from './query.ts'
import { Refusal } from './refusal.ts'

export const pageQuery = { limit: limitInQuery, cursor: cursorInQuery }

export function pageIn(query: {
  readonly limit: number
  readonly cursor?: string | undefined
}): PageRequest {
  const { limit, cursor } = query
  return { limit, ...(cursor !== undefined && { cursor }) }
}

/** A page as callers see it; throws a `Refusal` where nothing can be told. */
export async function readPage<T, S>(
  work: Steps<Page<T> | Unsupported>,
  show: (result: T) => S,
): Promise<{ items: S[]; next?: string }> {
  const found = await inTurns(work).catch((error: unknown): Unsupported => {
    if (!(error instanceof EntangledPatternsError)) throw error
    const because = 'The patterns of these rules are too entangled to be told apart.'
    return { kind: 'unsupported', because }
  })
  if (found.kind === 'unsupported') throw new Refusal('invalid_input', found.because)
  const { results, next } = found
  return { items: results.map(show), ...(next !== undefined && { next }) }
}
