/**
 * Where WebSocket frames begin (RFC 6455 section 5.2), and nothing else of them: so that a tunnel
 * can be closed with a Close frame of ours and not in the middle of somebody's message.
 */
export interface FrameBoundary {
  readonly push: (chunk: Buffer) => void
  /** Whether all frames seen so far are whole. */
  readonly atBoundary: () => boolean
}

/** The longest head: two bytes, a 64-bit length, a mask. */
const HEAD_BYTES = 14

/** Follows the frames of one direction. Keeps a head's bytes at most. */
export function createFrameBoundary(): FrameBoundary {
  const head = Buffer.alloc(HEAD_BYTES)
  let filled = 0
  let payload = 0
  return {
    push: (chunk) => {
      let at = 0
      while (at < chunk.length) {
        if (payload > 0) {
          const step = Math.min(payload, chunk.length - at)
          payload -= step
          at += step
          continue
        }
        head[filled] = chunk[at] ?? 0
        filled += 1
        at += 1
        if (filled < 2 || filled < headLength(head)) continue
        payload = payloadLength(head)
        filled = 0
      }
    },
    atBoundary: () => payload === 0 && filled === 0,
  }
}

/** An unmasked Close frame, as a server sends it, with a status of RFC 6455 section 7.4.1. */
export function closeFrame(status: number): Buffer {
  return Buffer.from([0x88, 2, status >> 8, status & 0xff])
}

function headLength(head: Buffer): number {
  const second = head[1] ?? 0
  const length = second & 0x7f
  const extended = length === 127 ? 8 : length === 126 ? 2 : 0
  return 2 + extended + (second & 0x80 ? 4 : 0)
}

function payloadLength(head: Buffer): number {
  const length = (head[1] ?? 0) & 0x7f
  if (length === 127) return Number(head.readBigUInt64BE(2))
  return length === 126 ? head.readUInt16BE(2) : length
}
