/**
 * No engine but the floor: a look-up of the request in a `Map` that holds its answer among as many
 * others as there are rules.
 */
import type { DecisionRequest } from '../../../src/policy/decide.ts'
import { rulesIn } from '../world.ts'
import type { Open } from './engine.ts'

const keyOf = ({ sub, dom, obj, act }: DecisionRequest) => `${dom} ${sub} ${act} ${obj}`

export const openMap: Open = async ({ requests, size }, answers) => {
  const known = new Map<string, boolean>()
  for (const [index, request] of requests.entries()) {
    known.set(keyOf(request), answers[index] === true)
  }
  for (let filler = known.size; filler < rulesIn(size); filler += 1) {
    const sub = `user:${filler % size.members}`
    const dom = `org:o${filler % size.organisations}`
    known.set(keyOf({ sub, dom, obj: `/docs/filler-${filler}`, act: 'GET' }), false)
  }
  return { decide: (request) => known.get(keyOf(request)) === true }
}
