import { expect, test } from 'vitest'
import { createOutcomes, type Outcome } from '../../src/identity/outcomes.ts'
import type { Identified } from '../../src/identity/principal.ts'
import { limits } from '../../src/lib/limits.ts'
import { movableClock, START } from './issuing.ts'

const principal = (
  subject: string | undefined,
  expiresAt = Number.POSITIVE_INFINITY,
): Identified => ({
  kind: 'principal',
  principal: {
    subject,
    credential: { kind: 'token', id: 'x' },
    organisation: undefined,
    expiresAt,
  },
})
const refusal: Identified = { kind: 'refused', reason: 'token_signature' }
const of =
  (identified: Identified, stillHolds = () => true) =>
  async (): Promise<Outcome> => ({
    identified,
    stillHolds,
  })

test('a flood of refusals drops no good credential', async () => {
  const outcomes = createOutcomes(movableClock())
  const ann = principal('user:ann')
  await outcomes.find('good', of(ann))
  for (let n = 0; n < limits.refusalsCached + 10; n += 1)
    await outcomes.find(`bad-${n}`, of(refusal))
  expect(outcomes.known('good')).toBe(ann)
  expect(outcomes.known('bad-0')).toBeUndefined()
  expect(outcomes.known(`bad-${limits.refusalsCached}`)).toBe(refusal)
})

test('good credentials are bounded as well, and the one used longest ago goes first', async () => {
  const outcomes = createOutcomes(movableClock())
  for (let n = 0; n <= limits.credentialsCached; n += 1)
    await outcomes.find(`${n}`, of(principal('user:a')))
  expect(outcomes.known('0')).toBeUndefined()
  expect(outcomes.known('1')).toBeDefined()
})

test('an outcome whose ground has moved is not relied on, but remembered as the last', async () => {
  const outcomes = createOutcomes(movableClock())
  let holds = true
  const ann = principal('user:ann')
  await outcomes.find(
    'a',
    of(ann, () => holds),
  )
  expect(outcomes.known('a')).toBe(ann)
  holds = false
  expect(outcomes.known('a')).toBeUndefined()
  expect(outcomes.last('a')).toBe(ann)
})

test('a refusal takes the place of an acceptance, and the other way round', async () => {
  const clock = movableClock()
  const outcomes = createOutcomes(clock)
  const ann = principal('user:ann')
  await outcomes.find('a', of(ann))
  await outcomes.find('a', of(refusal))
  expect(outcomes.known('a')).toBe(refusal)
  clock.move(limits.refusalCacheMs)
  expect(outcomes.known('a')).toBeUndefined()
  await outcomes.find('a', of(ann))
  expect(outcomes.known('a')).toBe(ann)
})

test('a principal is not outlived, and one without subject is asked for again soon', async () => {
  const clock = movableClock()
  const outcomes = createOutcomes(clock)
  await outcomes.find('short', of(principal('user:ann', START + 10)))
  await outcomes.find('unknown', of(principal(undefined)))
  clock.move(9)
  expect(outcomes.known('short')).toBeDefined()
  clock.move(1)
  expect(outcomes.known('short')).toBeUndefined()
  clock.move(limits.refusalCacheMs - 11)
  expect(outcomes.known('unknown')).toBeDefined()
  clock.move(1)
  expect(outcomes.known('unknown')).toBeUndefined()
})

test('what is unavailable is not kept, and what failed can be tried again', async () => {
  const outcomes = createOutcomes(movableClock())
  await outcomes.find('a', of({ kind: 'refused', reason: 'keys_unavailable' }))
  expect(outcomes.known('a')).toBeUndefined()
  const failing = outcomes.find('b', async () => {
    throw new Error('broken')
  })
  await expect(failing).rejects.toThrow('broken')
  expect(await outcomes.find('b', of(refusal))).toBe(refusal)
})
