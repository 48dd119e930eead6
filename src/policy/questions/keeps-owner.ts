/** An organisation that nobody can run any more is not made: a publish that would is refused. */
import type { Steps } from '../../lib/turns.ts'
import { decide } from '../decide.ts'
import type { Snapshot } from '../snapshot.ts'

/** What an owner needs to undo whatever was done. */
const needed = ['/gatehouse/policies/publish', '/gatehouse/assignments']

/** Whether one of `subjects`, who are active members, owns it in `after` and may publish and assign. */
export function* keepsOwner(after: Snapshot, subjects: Iterable<string>): Steps<boolean> {
  for (const sub of subjects) {
    yield
    if (!after.rolesOf(sub).includes('role:owner')) continue
    const able = needed.every((obj) => {
      return decide(after, { sub, dom: after.domain, obj, act: 'POST' }).allow
    })
    if (able) return true
  }
  return false
}
