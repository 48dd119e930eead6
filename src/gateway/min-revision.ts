/** `Gatehouse-Min-Revision`: a caller who changed a rule is decided by that change, on every replica. */
import { readRevision } from '../lib/revision.ts'
import type { Found, Snapshots } from './snapshots.ts'

const NAME = 'gatehouse-min-revision'

/**
 * The organisation by which a known caller is decided: at the revision that the request names, for
 * which it waits a moment, or as it is. A revision of another organisation says nothing about this one.
 */
export function findFor(
  snapshots: Pick<Snapshots, 'find' | 'atLeast'>,
  organisation: string,
  rawHeaders: readonly string[],
): Found | Promise<Found> {
  const values = valuesIn(rawHeaders)
  if (values === undefined) return snapshots.find(organisation)
  const asked = values.length === 1 ? readRevision(values[0] ?? '') : undefined
  if (asked === undefined) return { kind: 'refused', reason: 'header_malformed' }
  if (asked.organisation !== organisation) return snapshots.find(organisation)
  return snapshots.atLeast(organisation, asked.revision)
}

/** Every request comes here and hardly one has it: lengths differ long before letters do. */
function valuesIn(rawHeaders: readonly string[]): readonly string[] | undefined {
  let values: string[] | undefined
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length !== NAME.length || name.toLowerCase() !== NAME) continue
    values ??= []
    values.push(rawHeaders[at + 1] ?? '')
  }
  return values
}
