/** The allows that nearly matched a request, and what kept each of them from it. */
import { limits } from '../../lib/limits.ts'
import type { DecisionRequest } from '../decide.ts'
import type { Rule } from '../rule.ts'
import type { Snapshot } from '../snapshot.ts'
import { type Clause, failingClauses, isGroup } from './permissions.ts'

/** A rule that allows the subject something, and which fields of this request it does not cover. */
export interface Candidate {
  readonly rule: Rule
  readonly unmatched: readonly Exclude<Clause, 'subject'>[]
  /** The first clause that fails, in the matcher's order. */
  readonly failing: Clause
}

/** The rule that came closest: the subject's own, or one that somebody else holds. */
export interface NearMiss {
  readonly rule: Rule
  /** The clauses that fail, in the matcher's order. */
  readonly failing: readonly Clause[]
}

/** Allows that name one of `names` and do not match, the nearest first, and not too many. */
export function findCandidates(
  { rules }: Snapshot,
  request: DecisionRequest,
  names: ReadonlySet<string>,
): Candidate[] {
  const found = rules
    .filter(
      ({ ptype, values }) => ptype === 'p' && names.has(values[0] ?? '') && values[4] === 'allow',
    )
    .map((rule) => {
      const unmatched = failingClauses(rule, request, names).filter(
        (clause) => clause !== 'subject',
      )
      const alike = sharedSegments(rule.values[2] ?? '', request.obj)
      return { rule, unmatched, alike }
    })
  return found
    .toSorted((left, right) => {
      const fewer = left.unmatched.length - right.unmatched.length
      const nearer =
        Number(left.unmatched[0] !== 'action') - Number(right.unmatched[0] !== 'action')
      return fewer || nearer || right.alike - left.alike
    })
    .slice(0, limits.explainedCandidates)
    .flatMap(({ rule, unmatched }) => {
      const [failing] = unmatched
      return failing === undefined ? [] : [{ rule, unmatched, failing }]
    })
}

/** How many segments at the beginning a pattern and a path have in common. */
function sharedSegments(pattern: string, path: string): number {
  const [left, right] = [pattern.split('/'), path.split('/')]
  const differs = left.findIndex((segment, at) => segment !== right[at])
  return differs < 0 ? left.length : differs
}

/**
 * The nearest rule of all, of those `about` a request: one of the subject's own for this path and another method, else one that is
 * about exactly this and that somebody else holds, else the nearest of the subject's own.
 */
export function findNearMiss(
  about: readonly Rule[],
  candidates: readonly Candidate[],
): NearMiss | undefined {
  const [own] = candidates
  if (own?.failing === 'action') return { rule: own.rule, failing: own.unmatched }
  // The owner's rule is about everything, which says nothing about this request.
  const others = about.filter(({ values }) => values[4] === 'allow' && values[0] !== 'role:owner')
  // What a team or role holds can be given to somebody; what one subject holds cannot.
  const other = others.find(({ values }) => isGroup(values[0] ?? '')) ?? others[0]
  if (other !== undefined) return { rule: other, failing: ['subject'] }
  return own === undefined ? undefined : { rule: own.rule, failing: own.unmatched }
}
