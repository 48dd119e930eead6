/** A JSON object as a request's body: bounded in bytes, depth and time, and read in one way only. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isJsonType, type JsonObject, parseStrictObject } from '../identity/strict-json.ts'
import { limits } from '../lib/limits.ts'
import type { Reason } from '../lib/reasons.ts'

export type JsonBody =
  | { readonly kind: 'object'; readonly value: JsonObject }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly detail?: string }

/** Reads the body of `req`. A client that asked for `100 Continue` gets it only here (A3 67). */
export async function readJsonBody(
  req: IncomingMessage,
  res: ServerResponse,
  mostBytes: number,
): Promise<JsonBody> {
  const { headers } = req
  if (!isJsonType(headers['content-type'])) return malformed('Content-Type is application/json.')
  if (Number(headers['content-length'] ?? 0) > mostBytes) return refuse('body_too_large')
  // Any other expectation is refused before; HTTP/1.0 has no interim answers (RFC 9110 section 10.1.1).
  if (headers.expect !== undefined && req.httpVersion !== '1.0') res.writeContinue()
  const bytes = await readBytes(req, mostBytes)
  if (typeof bytes === 'string') return refuse(bytes)
  const value = parseStrictObject(bytes)
  if (value === undefined) {
    return malformed('The body is one JSON object in UTF-8 that names no member twice.')
  }
  if (isDeeper(value, limits.jsonDepth)) {
    return malformed(`The body nests at most ${limits.jsonDepth} levels.`)
  }
  return { kind: 'object', value }
}

function readBytes(req: IncomingMessage, most: number): Promise<Buffer | Reason> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let length = 0
    const end = (outcome: Buffer | Reason) => {
      clearTimeout(late)
      req.off('data', take).off('end', whole).off('close', gone).off('error', gone).pause()
      resolve(outcome)
    }
    // For the whole: what is kept meanwhile is ours, and one byte a minute would keep it for months.
    const late = setTimeout(() => end('body_slow'), limits.requestIdleTimeoutMs)
    const take = (chunk: Buffer) => {
      length += chunk.length
      if (length > most) return end('body_too_large')
      chunks.push(chunk)
    }
    const whole = () => end(Buffer.concat(chunks))
    const gone = () => end('client_gone')
    req.on('data', take).on('end', whole).on('close', gone).on('error', gone)
  })
}

/** Never deeper into the value than it says. */
function isDeeper(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return most === 0 || Object.values(value).some((inner) => isDeeper(inner, most - 1))
}

function refuse(reason: Reason): JsonBody {
  return { kind: 'refused', reason }
}

function malformed(detail: string): JsonBody {
  return { kind: 'refused', reason: 'input_malformed', detail }
}
