/** What a request brings to an operation: headers, path, query and body, each checked by its shape. */
import type { Context } from 'hono'
import { z } from 'zod'
import { isJsonType, readStrictObject } from '../../identity/strict-json.ts'
import { limits } from '../../lib/limits.ts'
import { type Revision, readRevision } from '../../lib/revision.ts'
import { inTurns } from '../../lib/turns.ts'
import type { Env } from './answers.ts'
import { readBytes } from './body.ts'
import type { textBody } from './fields.ts'
import { sayWhatIsRight } from './mistakes.ts'
import type { Operation } from './operation.ts'
import { parts, partsOf } from './paths.ts'
import { readQuery } from './query.ts'
import { Refusal } from './refusal.ts'

/** The parts of the path by their names, or `undefined` where one cannot be what it is called. */
export function readParams(
  context: Context<Env>,
  { path }: Pick<Operation, 'path'>,
): Readonly<Record<string, string>> | undefined {
  const params: Record<string, string> = {}
  for (const name of partsOf(path)) {
    const text = context.req.param(name) ?? ''
    if (!parts[name].accepts(text)) return undefined
    params[name] = text
  }
  return params
}

/** The query as the operation wants it; throws a `Refusal` that names every mistake. */
export function readQueryOf(context: Context<Env>, { query = {} }: Operation): unknown {
  const read = readQuery(context.req.url, query)
  if (read.kind === 'refused') throw new Refusal('invalid_input', read.mistakes)
  return read.value
}

/** The body as the operation wants it; throws a `Refusal` that names every mistake. */
export async function readBodyOf(context: Context<Env>, operation: Operation): Promise<unknown> {
  const { body, bodyText, bodyBytes = bodyText?.bytes ?? limits.operationBodyBytes } = operation
  const bytes = await readBytes(context.req.raw, body === undefined ? 0 : bodyBytes)
  if (bytes === undefined) {
    const most =
      body === undefined ? 'This operation takes no body.' : `At most ${bodyBytes} bytes.`
    throw new Refusal('body_too_large', most)
  }
  if (body === undefined) return undefined
  if (bodyText !== undefined) {
    return readTextOf(bytes, context.req.header('content-type'), Object.keys(bodyText.types))
  }
  // A form of another site is never JSON, and is not read as such (A4 86).
  if (!isJsonType(context.req.header('content-type'))) {
    throw new Refusal('invalid_input', 'Content-Type is application/json.')
  }
  const parsed = await inTurns(readStrictObject(bytes))
  if (parsed === undefined) {
    throw new Refusal('invalid_input', 'The body is a JSON object that names no member twice.')
  }
  const checked = body.safeParse(parsed, { error: sayWhatIsRight })
  if (checked.success) return checked.data
  throw new Refusal('invalid_input', describeIssues(checked.error))
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function readTextOf(
  bytes: Uint8Array,
  contentType: string | undefined,
  types: readonly string[],
): z.output<typeof textBody> {
  const [essence = ''] = (contentType ?? '').toLowerCase().split(';')
  const type = essence.trim()
  if (!types.includes(type)) {
    throw new Refusal('invalid_input', `Content-Type is ${types.join(' or ')}.`)
  }
  try {
    return { type, text: utf8.decode(bytes) }
  } catch {
    throw new Refusal('invalid_input', 'The body is text in UTF-8.')
  }
}

/** Every mistake with its place, as in `name: is too long; teams[0]: is no team.` */
function describeIssues({ issues }: z.ZodError): string {
  const shown = issues.slice(0, limits.problemsShown).map(({ path, message }) => {
    const place = z.core.toDotPath(path)
    return place === '' ? message : `${place}: ${message}`
  })
  return `${shown.join('; ')}.`
}

/**
 * The revision that `Gatehouse-Min-Revision` asks for, as in `acme:7`; throws a `Refusal` for a
 * header of another form.
 */
export function readMinRevision(header: string | undefined): Revision | undefined {
  if (header === undefined) return undefined
  const read = readRevision(header)
  if (read !== undefined) return read
  throw new Refusal('bad_request', 'Gatehouse-Min-Revision is <organisation>:<n>, as in acme:7.')
}

const KEY = /^[\x21-\x7e]+$/

/** The `Idempotency-Key`, if there is one; throws a `Refusal` for one that cannot be kept. */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  if (KEY.test(header) && header.length <= limits.idempotencyKeyChars) return header
  const most = limits.idempotencyKeyChars
  throw new Refusal('bad_request', `Idempotency-Key has 1 to ${most} visible ASCII characters.`)
}
