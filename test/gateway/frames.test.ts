import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { closeFrame, createFrameBoundary } from '../../src/gateway/frames.ts'

/** A frame of RFC 6455 section 5.2, with or without a mask. */
function frame(length: number, masked: boolean, opcode = 2): Buffer {
  const mask = masked ? 0x80 : 0
  const first = 0x80 | opcode
  let head: Buffer
  if (length < 126) {
    head = Buffer.from([first, mask | length])
  } else if (length < 65_536) {
    head = Buffer.from([first, mask | 126, 0, 0])
    head.writeUInt16BE(length, 2)
  } else {
    head = Buffer.from([first, mask | 127, 0, 0, 0, 0, 0, 0, 0, 0])
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0, 0xff), Buffer.alloc(length, 0x81)])
}

describe('the boundary of frames', () => {
  test.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])(
    'is after a frame of %i bytes and nowhere inside',
    (length) => {
      for (const masked of [false, true]) {
        const bytes = frame(length, masked)
        const boundary = createFrameBoundary()
        expect(boundary.atBoundary()).toBe(true)
        const cuts = [1, 2, 3, 5, 9, 13, bytes.length - 1].filter((cut) => cut < bytes.length)
        for (const cut of cuts) {
          const partial = createFrameBoundary()
          partial.push(bytes.subarray(0, cut))
          expect(partial.atBoundary()).toBe(false)
        }
        boundary.push(bytes)
        expect(boundary.atBoundary()).toBe(true)
      }
    },
  )

  test('does not depend on how the bytes are cut', () => {
    const frames = fc.array(
      fc.tuple(fc.constantFrom(0, 1, 5, 125, 126, 300, 66_000), fc.boolean()),
      { minLength: 1, maxLength: 5 },
    )
    const cuts = fc.array(fc.nat(400), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(frames, cuts, (list, steps) => {
        const bytes = Buffer.concat(list.map(([length, masked]) => frame(length, masked)))
        const ends = new Set<number>([0])
        for (const [at] of list.entries()) {
          const sizes = list
            .slice(0, at + 1)
            .map(([length, masked]) => frame(length, masked).length)
          ends.add(sizes.reduce((sum, size) => sum + size, 0))
        }
        const boundary = createFrameBoundary()
        let at = 0
        for (const step of [...steps, bytes.length]) {
          const next = Math.min(at + step, bytes.length)
          boundary.push(bytes.subarray(at, next))
          at = next
          if (boundary.atBoundary() !== ends.has(at)) return false
        }
        return true
      }),
      { numRuns: 200 },
    )
  })

  test('a length beyond all memory is followed without keeping anything', () => {
    const boundary = createFrameBoundary()
    boundary.push(Buffer.from([0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
    boundary.push(Buffer.alloc(100_000))
    expect(boundary.atBoundary()).toBe(false)
  })
})

test('a Close frame carries its status, without a mask', () => {
  expect(closeFrame(1001)).toEqual(Buffer.from([0x88, 0x02, 0x03, 0xe9]))
  const boundary = createFrameBoundary()
  boundary.push(closeFrame(1008))
  expect(boundary.atBoundary()).toBe(true)
})
