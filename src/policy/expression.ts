/**
 * The expressions that `regexMatch` accepts: small enough to be decided in linear time by the
 * JavaScript engine, which backtracks (hazard 2.5). Alternatives, whole groups of them,
 * literals, `.`, classes, and at most one `?`, `*` or `+` an alternative. An expression matches the
 * whole value; the library's matches any part of it, so that `GET|POST` allowed `XGETX` (H6).
 */
import { limits } from '../lib/limits.ts'
import type { PatternProblem } from './pattern.ts'

const LITERAL = /[A-Za-z0-9_/:@%~=&,"'! -]/
const ESCAPED = /[.*+?()[\]|/\\-]/
const CLASS = /^\[\^?[A-Za-z0-9_.~:@%-]+\]/

interface Reader {
  readonly text: string
  place: number
}

/** What is wrong with an expression, or `undefined`. Only a checked one may be compiled. */
export function checkExpression(text: string): PatternProblem | undefined {
  if (text === '') return { column: 1, message: 'An expression is not empty.' }
  if (Buffer.byteLength(text) > limits.patternBytes) {
    return { column: 1, message: `An expression has at most ${limits.patternBytes} bytes.` }
  }
  const reader: Reader = { text, place: 0 }
  const message = readAlternatives(reader) ?? readEnd(reader)
  return message === undefined ? undefined : { column: reader.place + 1, message }
}

/** Compiles a checked expression, anchored at both ends; throws on one that is refused. */
export function compileExpression(text: string): RegExp {
  const problem = checkExpression(text)
  if (problem !== undefined) throw new Error(`${text}: ${problem.message}`)
  return new RegExp(`^(?:${text})$`, 's')
}

function readEnd({ text, place }: Reader): string | undefined {
  if (place === text.length) return undefined
  if (text[place] === ')') return 'A ")" closes nothing.'
  return 'A group is a whole alternative: nothing stands before or behind it.'
}

function readAlternatives(reader: Reader): string | undefined {
  for (;;) {
    const message = reader.text[reader.place] === '(' ? readGroup(reader) : readSequence(reader)
    if (message !== undefined) return message
    if (reader.text[reader.place] !== '|') return undefined
    reader.place += 1
  }
}

function readGroup(reader: Reader): string | undefined {
  reader.place += 1
  if (reader.text[reader.place] === '?') return 'A group has no "?": look-around is not offered.'
  const message = readAlternatives(reader)
  if (message !== undefined) return message
  if (reader.text[reader.place] !== ')') return 'A "(" is not closed.'
  reader.place += 1
  return undefined
}

function readSequence(reader: Reader): string | undefined {
  let quantifiers = 0
  const start = reader.place
  for (;;) {
    const length = atomLength(reader)
    if (length === 0) break
    const atom = reader.text.slice(reader.place, reader.place + length)
    if (!compiles(atom)) return `The class "${atom}" cannot be read.`
    reader.place += length
    if (!/[*+?]/.test(reader.text[reader.place] ?? '')) continue
    quantifiers += 1
    if (quantifiers > 1) return 'An alternative has at most one "?", "*" or "+".'
    reader.place += 1
  }
  if (reader.place === start) return explainStop(reader)
  const next = reader.text[reader.place]
  if (next === undefined || next === '|' || next === ')') return undefined
  return explainStop(reader)
}

/** The length of the literal, class or escape at the reader's place; 0 where there is none. */
function atomLength({ text, place }: Reader): number {
  const character = text[place] ?? ''
  if (character === '.' || LITERAL.test(character)) return 1
  if (character === '\\') return ESCAPED.test(text[place + 1] ?? '') ? 2 : 0
  return CLASS.exec(text.slice(place))?.[0].length ?? 0
}

/** A range in the wrong order, as in `[z-a]`, is the one atom that does not. */
function compiles(atom: string): boolean {
  try {
    return new RegExp(atom) instanceof RegExp
  } catch {
    return false
  }
}

function explainStop({ text, place }: Reader): string {
  const character = text[place]
  if (character === '^' || character === '$') {
    return `An expression matches the whole value: take the "${character}" away.`
  }
  if (character === '\\')
    return 'A backslash escapes punctuation only; back-references are not offered.'
  if (character === '(')
    return 'A group is a whole alternative: nothing stands before or behind it.'
  if (character === '{') return 'A count is not offered: use "?", "*" or "+".'
  if (character === undefined || character === '|' || character === ')') {
    return 'An alternative is empty.'
  }
  return `"${character}" cannot stand here.`
}
