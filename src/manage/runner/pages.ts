/** Answers that are pages of a search: bounded, made in turns, and never a guess. */
import type { Context } from 'hono'
import { inTurns, type Steps } from '../../lib/turns.ts'
import { EntangledPatternsError } from '../../policy/patterns/pattern-algebra.ts'
import type { Page, PageRequest, Unsupported } from '../../policy/questions/page.ts'
import { type Env, refuseInput } from './answers.ts'
import { limitInQuery, textInQuery } from './query.ts'

export const pageQuery = { limit: limitInQuery, cursor: textInQuery }

export function pageIn(query: {
  readonly limit: number
  readonly cursor?: string | undefined
}): PageRequest {
  const { limit, cursor } = query
  return { limit, ...(cursor !== undefined && { cursor }) }
}

/** A page as callers see it, beside what else there is to say. */
export async function answerPage<T>(
  context: Context<Env>,
  work: Steps<Page<T> | Unsupported>,
  show: (result: T) => unknown,
  beside: Readonly<Record<string, unknown>> = {},
): Promise<Response> {
  try {
    const found = await inTurns(work)
    if (found.kind === 'unsupported') return refuseInput(context, found.because)
    const { results, next } = found
    return context.json({
      ...beside,
      items: results.map(show),
      ...(next !== undefined && { next }),
    })
  } catch (error) {
    if (!(error instanceof EntangledPatternsError)) throw error
    return refuseInput(context, 'The patterns of these rules are too entangled to be told apart.')
  }
}
