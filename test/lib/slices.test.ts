import { describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { inSlices, type Sliced, wholly } from '../../src/lib/slices.ts'

function* counting(to: number, seen: number[] = []): Sliced<string> {
  for (let at = 0; at < to; at += 1) {
    seen.push(at)
    yield
  }
  return `counted to ${to}`
}

/** Each of its steps takes a slice. */
function* slow(steps: number, seen: string[]): Sliced<void> {
  for (let at = 0; at < steps; at += 1) {
    const until = performance.now() + limits.sliceMs
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
    expect(wholly(counting(steps))).toBe(`counted to ${steps}`)
    expect(await inSlices(counting(steps))).toBe(`counted to ${steps}`)
  })

  test('lets others have their turn between slices', async () => {
    const seen: string[] = []
    const other = turns(seen)
    await inSlices(slow(4, seen))
    other.stop()
    expect(seen.join(' ')).not.toContain('step step')
  })

  test('takes turns with other computations, so that many hold up nobody longer than one', async () => {
    const seen: string[] = []
    const other = turns(seen)
    await Promise.all([1, 2, 3].map(() => inSlices(slow(3, seen))))
    other.stop()
    expect(seen.filter((what) => what === 'step')).toHaveLength(9)
    expect(seen.join(' ')).not.toContain('step step')
  })

  test('fails as it fails, and no further step is taken', async () => {
    const seen: number[] = []
    function* failing(): Sliced<void> {
      yield* counting(2, seen)
      throw new Error('no further')
    }
    await expect(inSlices(failing())).rejects.toThrow('no further')
    expect(() => wholly(failing())).toThrow('no further')
    expect(seen).toEqual([0, 1, 0, 1])
  })
})
