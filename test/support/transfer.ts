/** Large bodies that are made as they are sent, and checked as they arrive. */
import { existsSync } from 'node:fs'
import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { residentMiB } from './process.ts'

export const MIB = 1_048_576

const CHUNK_BYTES = 65_536
/** Sixty-four chunks of different content: one that is lost, doubled or moved changes the sum. */
const chunks = Array.from({ length: 64 }, (_, at) => {
  const chunk = Buffer.alloc(CHUNK_BYTES, `part ${at} of `)
  chunk.writeUInt32BE((at * 2_654_435_761) % 2 ** 32)
  return chunk
})

/** A body of `bytes` bytes, of which only a few chunks exist at any time. */
export function generate(bytes: number): Readable {
  let left = bytes
  let at = 0
  return new Readable({
    highWaterMark: 4 * CHUNK_BYTES,
    read() {
      const chunk = (chunks[at++ % chunks.length] as Buffer).subarray(0, left)
      left -= chunk.length
      this.push(chunk.length === 0 ? null : chunk)
    },
  })
}

export interface Sum {
  readonly bytes: number
  readonly crc: number
}

/** Reads a body to its end without keeping it. */
export async function sumOf(body: AsyncIterable<Buffer>): Promise<Sum> {
  let bytes = 0
  let crc = 0
  for await (const chunk of body) {
    bytes += chunk.length
    crc = crc32(chunk, crc)
  }
  return { bytes, crc }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** The head of the answer; its body is still to come. Rejects when the connection breaks. */
export function answerTo(options: RequestOptions, body?: Readable): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', agent: false, ...options }, resolve)
    req.on('error', reject)
    if (body === undefined) req.end()
    else body.pipe(req)
  })
}

/** The whole answer. */
export async function fetchAnswer(options: RequestOptions, body?: Readable): Promise<Answer> {
  const answer = await answerTo(options, body)
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  return { status: answer.statusCode ?? 0, headers: answer.headers, text }
}

export interface MemoryWatch {
  /** MiB between the start and the highest moment since. */
  readonly growth: () => number
  readonly stop: () => void
}

/** Follows the resident memory of a process; where the kernel does not tell, nothing grows. */
export function watchMemory(pid: number | undefined): MemoryWatch {
  const now = () => (pid !== undefined && existsSync(`/proc/${pid}`) ? residentMiB(pid) : 0)
  const before = now()
  let most = before
  const look = () => {
    most = Math.max(most, now())
  }
  const timer = setInterval(look, 25).unref()
  return {
    growth: () => {
      look()
      return most - before
    },
    stop: () => clearInterval(timer),
  }
}
