/** Answers that are sent while they are made: as fast as they are taken, and never a part for the whole. */
import type { Context } from 'hono'
import { limits } from '../../lib/limits.ts'
import type { Env } from './answers.ts'
import type { Streamed } from './operation.ts'

/** `whole`: all of it was made; `left`: the client took no more; `broken`: making it failed. */
export type StreamEnd = 'whole' | 'left' | 'broken'

/**
 * The answer, of which the first piece is made already: what throws before it throws here. What throws
 * later resets the connection, and `onEnd` learns of it.
 */
export async function sendPieces(
  context: Context<Env>,
  { type, filename, pieces }: Streamed,
  onEnd: (end: StreamEnd, error?: unknown) => void,
): Promise<Response> {
  const first = await pieces.next()
  const headers = {
    'Content-Type': type,
    'Content-Disposition': `attachment; filename="${filename}"`,
  }
  if (context.req.method === 'HEAD') {
    await pieces.return()
    return new Response(null, { headers })
  }
  const { socket } = context.env.incoming
  // To a client of HTTP/1.0, such as some proxies are, an answer is whole when its connection ends in
  // order; a reset is an error to all.
  const cut = () => void socket.resetAndDestroy()
  // Whoever takes nothing of it holds a piece in memory for nothing.
  context.env.outgoing.setTimeout(limits.answerIdleTimeoutMs, cut)
  return new Response(bodyOf(first, pieces, cut, onEnd), { headers })
}

function bodyOf(
  first: IteratorResult<string, void>,
  pieces: Streamed['pieces'],
  cut: () => void,
  onEnd: (end: StreamEnd, error?: unknown) => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let ahead: IteratorResult<string, void> | undefined = first
  let left = false
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    try {
      const { done, value } = ahead ?? (await pieces.next())
      ahead = undefined
      if (left) return
      if (done === true) {
        controller.close()
        onEnd('whole')
      } else controller.enqueue(encoder.encode(value))
    } catch (error) {
      // Were the stream to fail instead, what serves it would write the message into the answer.
      cut()
      if (!left) onEnd('broken', error)
      left = true
    }
  }
  const cancel = async () => {
    if (!left) onEnd('left')
    left = true
    await pieces.return()
  }
  // Nothing is made before it is asked for.
  return new ReadableStream({ pull, cancel }, { highWaterMark: 0 })
}
