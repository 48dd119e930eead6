import { describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { createTurns, finish, inTurns, type Steps } from '../../src/lib/turns.ts'

function* counting(to: number, seen: number[] = []): Steps<string> {
  for (let at = 0; at < to; at += 1) {
    seen.push(at)
    yield
  }
  return `counted to ${to}`
}

/** Each of its steps takes a whole turn. */
function* slow(steps: number, seen: string[]): Steps<void> {
  for (let at = 0; at < steps; at += 1) {
    const until = performance.now() + limits.turnMs
    while (performance.now() < until);
    seen.push('step')
    yield
  }
}

/** Notes every turn of the event loop. */
function turns(seen: string[]): { stop: () => void } {
  let going = true
  const note = () => {
    seen.push('turn')
    if (going) setImmediate(note)
  }
  setImmediate(note)
  return {
    stop: () => {
      going = false
    },
  }
}

describe('a computation that may be put aside', () => {
  test.each([[0], [1], [1_000]])('ends with its result after %i steps', async (steps) => {
    expect(finish(counting(steps))).toBe(`counted to ${steps}`)
    expect(await inTurns(counting(steps))).toBe(`counted to ${steps}`)
  })

  test('lets others come between its turns', async () => {
    const seen: string[] = []
    const other = turns(seen)
    await inTurns(slow(4, seen))
    other.stop()
    expect(seen.join(' ')).not.toContain('step step')
  })

  test('takes turns with other computations, so that many hold up nobody longer than one', async () => {
    const seen: string[] = []
    const other = turns(seen)
    await Promise.all([1, 2, 3].map(() => inTurns(slow(3, seen))))
    other.stop()
    expect(seen.filter((what) => what === 'step')).toHaveLength(9)
    expect(seen.join(' ')).not.toContain('step step')
  })

  test('fails as it fails, and no further step is taken', async () => {
    const seen: number[] = []
    function* failing(): Steps<void> {
      yield* counting(2, seen)
      throw new Error('no further')
    }
    await expect(inTurns(failing())).rejects.toThrow('no further')
    expect(() => finish(failing())).toThrow('no further')
    expect(seen).toEqual([0, 1, 0, 1])
  })
})

describe('a turn', () => {
  test('is over when it has lasted, and the next one begins anew', async () => {
    let elapsed = 100
    const turn = createTurns(() => elapsed)
    expect(turn.over()).toBe(false)
    elapsed += limits.turnMs - 1
    expect(turn.over()).toBe(false)
    elapsed += 1
    expect(turn.over()).toBe(true)
    await turn.next()
    expect(turn.over()).toBe(false)
    elapsed += limits.turnMs
    expect(turn.over()).toBe(true)
  })

  test('is followed by whatever waits', async () => {
    const seen: string[] = []
    setImmediate(() => seen.push('another'))
    await createTurns().next()
    expect(seen).toEqual(['another'])
  })

  test('is not given away by work that is done at once', () => {
    const seen: string[] = []
    setImmediate(() => seen.push('another'))
    finish(slow(2, seen))
    expect(seen).toEqual(['step', 'step'])
  })
})
