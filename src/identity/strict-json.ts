/**
 * JSON in which every object names a member once. JSON.parse keeps the last of two, other readers
 * the first, so two parties would read two identities from one signed text (A4 81).
 */
import { limits } from '../lib/limits.ts'
import { finish, type Steps } from '../lib/turns.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export type JsonObject = Readonly<Record<string, unknown>>

const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i

/** Whether a body says of itself that it is JSON; a form of another site's never does (A4 86). */
export function isJsonType(contentType: string | undefined): boolean {
  return JSON_TYPE.test(contentType ?? '')
}

/**
 * The object in `bytes`, or `undefined` when they are not UTF-8, not JSON, not an object at the top
 * or hold an object with a repeated member at any depth. Members are own properties: never read one
 * whose name `Object.prototype` has.
 */
export function parseStrictObject(bytes: Uint8Array): JsonObject | undefined {
  return finish(readStrictObject(bytes))
}

/** The same for megabytes, in small steps but for the parsing itself. */
export function* readStrictObject(bytes: Uint8Array): Steps<JsonObject | undefined> {
  try {
    const text = utf8.decode(bytes)
    const value: unknown = JSON.parse(text)
    return isObject(value) && !(yield* repeatsMember(text)) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g

/** Looks only at text that JSON.parse has accepted: a string before a colon is a member's name. */
function* repeatsMember(text: string): Steps<boolean> {
  const open: Set<string>[] = []
  let read = 0
  for (const [token, quoted, colon] of text.matchAll(TOKEN)) {
    read += 1
    if (read % limits.turnRules === 0) yield
    if (token === '{') open.push(new Set())
    else if (token === '}') open.pop()
    else if (quoted !== undefined && colon !== undefined) {
      // Compared as read: `"s\u0075b"` is `sub` as well.
      const name = String(JSON.parse(quoted))
      const names = open.at(-1)
      if (names?.has(name)) return true
      names?.add(name)
    }
  }
  return false
}
