/**
 * The expressions that JavaScript and RE2 read alike, written for RE2. casbin's regexMatch is
 * JavaScript's, which backtracks (hazard 2.5); RE2 is linear in the text, but has other classes,
 * other escapes and whole code points. So each part is read here, by JavaScript's grammar, and written
 * as the numbers of the UTF-16 units that it stands for. What only one of the two has is refused.
 */
import { limits } from '../../lib/limits.ts'
import { type Ranges, readClass, readEscape, writeRanges } from './expression-class.ts'
import { type Reader, RefusedError, readPlain } from './expression-reader.ts'
import type { PatternProblem } from './pattern.ts'

export interface Translation {
  readonly kind: 'translated'
  /** For RE2, over a text in which each half of a surrogate pair stands for itself. */
  readonly source: string
  /** Whether it matches a whole value or nothing: `^` and `$` around every alternative. */
  readonly anchored: boolean
}

export interface Refusal extends PatternProblem {
  readonly kind: 'refused'
}

/** A part, written for RE2, with the steps of the machine that it takes, counts multiplied out. */
interface Part {
  readonly source: string
  readonly states: number
}

/** Translates an expression, or says where it is refused and what would be right. */
export function translateExpression(text: string): Translation | Refusal {
  if (Buffer.byteLength(text) > limits.expressionBytes) {
    const message = `An expression has at most ${limits.expressionBytes} bytes.`
    return { kind: 'refused', column: 1, message }
  }
  const reader: Reader = { text, place: 0 }
  try {
    if (text === '') throw new RefusedError(reader, 'An expression is not empty.')
    const { source, anchored } = readAlternatives(reader)
    if (reader.place < text.length) throw new RefusedError(reader, 'A ")" closes nothing.')
    return { kind: 'translated', source, anchored }
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    return { kind: 'refused', column: error.column, message: error.message }
  }
}

function readAlternatives(reader: Reader): Part & { readonly anchored: boolean } {
  const sources: string[] = []
  let states = 0
  let anchored = true
  do {
    if (sources.length > 0) reader.place += 1
    const start = reader.place
    const sequence = readSequence(reader)
    sources.push(sequence.source)
    states = bounded(reader, states + sequence.states)
    anchored &&= isAnchored(reader.text.slice(start, reader.place))
  } while (reader.text[reader.place] === '|')
  return { source: sources.join('|'), states, anchored }
}

/** The `$` of `^a\$` is a dollar. */
function isAnchored(alternative: string): boolean {
  return /^\^(?:[^\\]|\\.)*\$$/s.test(alternative)
}

function readSequence(reader: Reader): Part {
  let source = ''
  let states = 0
  for (;;) {
    const next = reader.text[reader.place]
    if (next === undefined || next === '|' || next === ')') break
    const part = readPart(reader)
    source += part.source
    states = bounded(reader, states + part.states)
  }
  if (source !== '') return { source, states }
  throw new RefusedError(reader, 'An alternative is empty: it would match any value.')
}

function readPart(reader: Reader): Part {
  const place = readPlace(reader)
  if (place !== undefined) {
    if (!QUANTIFIER.test(reader.text[reader.place] ?? '')) return { source: place, states: 1 }
    throw new RefusedError(reader, 'A place in the text is not repeated.')
  }
  const part = readAtom(reader)
  const { source, times } = readQuantifier(reader)
  const states = bounded(reader, part.states * times)
  return { source: part.source + source, states }
}

/** What matches a place and no character. RE2's own signs for the ends know no lines. */
function readPlace(reader: Reader): string | undefined {
  const { text, place } = reader
  const places: Readonly<Record<string, string>> = {
    '^': '\\A',
    $: '\\z',
    '\\b': '\\b',
    '\\B': '\\B',
  }
  const length = text[place] === '\\' ? 2 : 1
  const found = places[text.slice(place, place + length)]
  if (found !== undefined) reader.place += length
  return found
}

/** JavaScript's dot is any character but those that end a line. */
const LINE_ENDS: Ranges = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]

function readAtom(reader: Reader): Part {
  switch (reader.text[reader.place]) {
    case '(':
      return readGroup(reader)
    case '[':
      return { source: readClass(reader), states: 1 }
    case '\\':
      return { source: `[${writeRanges(readEscape(reader))}]`, states: 1 }
    case '.':
      reader.place += 1
      return { source: `[^${writeRanges(LINE_ENDS)}]`, states: 1 }
    default: {
      const unit = readPlain(reader)
      return { source: `[${writeRanges([[unit, unit]])}]`, states: 1 }
    }
  }
}

/** What a group has matched is never asked, so none is kept. */
function readGroup(reader: Reader): Part {
  const open = reader.place
  const after = reader.text.slice(open + 1)
  if (/^\?<?[=!]/.test(after)) {
    throw new RefusedError(reader, 'Look-around is not offered: write what the value itself holds.')
  }
  if (after.startsWith('?') && !after.startsWith('?:')) {
    throw new RefusedError(reader, 'A group has no name and no flags: write "(" or "(?:".')
  }
  reader.place += after.startsWith('?:') ? 3 : 1
  const { source, states } = readAlternatives(reader)
  if (reader.text[reader.place] !== ')') {
    throw new RefusedError({ ...reader, place: open }, 'A "(" is not closed.')
  }
  reader.place += 1
  return { source: `(?:${source})`, states }
}

const QUANTIFIER = /[*+?{]/
const COUNT = /^\{(\d{1,3})(?:(,)(\d{0,3}))?\}/

/** A repetition, and how often it writes out what it repeats. A lazy one matches the same values. */
function readQuantifier(reader: Reader): { readonly source: string; readonly times: number } {
  const { text, place } = reader
  if (!QUANTIFIER.test(text[place] ?? '')) return { source: '', times: 1 }
  const count = COUNT.exec(text.slice(place))
  if (text[place] === '{' && count === null) {
    throw new RefusedError(reader, 'A count is {2}, {2,} or {2,5}; write "\\{" for the character.')
  }
  const source = count?.[0] ?? text.charAt(place)
  const [least, most] = [Number(count?.[1] ?? 1), Number(count?.[3] || 1)]
  if (count?.[3] && most < least) {
    throw new RefusedError(reader, 'A count begins with the smaller number.')
  }
  reader.place += source.length
  if (text[reader.place] === '?') reader.place += 1
  if (QUANTIFIER.test(text[reader.place] ?? '')) {
    throw new RefusedError(reader, 'What is repeated already is repeated again as a group.')
  }
  return { source, times: Math.max(least, most, 1) }
}

function bounded(reader: Reader, states: number): number {
  if (states <= limits.expressionStates) return states
  const message = `An expression has at most ${limits.expressionStates} steps, counts multiplied out.`
  throw new RefusedError(reader, message)
}
