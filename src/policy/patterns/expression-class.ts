/** The characters that a part of an expression stands for: classes and escapes, as JavaScript reads them. */
import { type Reader, RefusedError } from './expression-reader.ts'

/** UTF-16 units from the first to the last of each pair, in order. */
export type Ranges = readonly (readonly [first: number, last: number])[]

const DIGIT: Ranges = [[0x30, 0x39]]
const WORD: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
/** RE2 has the five of ASCII alone. */
const SPACE: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]
const LAST_UNIT = 0xffff

function allBut(ranges: Ranges): Ranges {
  const starts = [0, ...ranges.map(([, last]) => last + 1)]
  const ends = [...ranges.map(([first]) => first - 1), LAST_UNIT]
  return starts.map((start, at) => [start, ends[at] ?? LAST_UNIT] as const)
}

const sets: Readonly<Record<string, Ranges>> = {
  d: DIGIT,
  D: allBut(DIGIT),
  w: WORD,
  W: allBut(WORD),
  s: SPACE,
  S: allBut(SPACE),
}
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 }

/** What `\d`, `\n`, `\x2f`, `\u00e4` or `\.` stands for. */
export function readEscape(reader: Reader): Ranges {
  const { text, place } = reader
  const letter = text.charAt(place + 1)
  const [numbered] = /^\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4})/.exec(text.slice(place)) ?? []
  if (numbered !== undefined) {
    reader.place += numbered.length
    return one(Number.parseInt(numbered.slice(2), 16))
  }
  const set = sets[letter] ?? one(controls[letter])
  if (set.length === 0 && !/[!-/:-@[-^`{-~ ]/.test(letter)) {
    throw new RefusedError(reader, whyRefused(letter))
  }
  reader.place += 2
  return set.length === 0 ? one(letter.charCodeAt(0)) : set
}

function one(unit: number | undefined): Ranges {
  return unit === undefined ? [] : [[unit, unit]]
}

function whyRefused(letter: string): string {
  if (letter === '') return 'A backslash stands before a character.'
  if (/[1-9k]/.test(letter)) return 'A back-reference is not offered: write out what is repeated.'
  return `"\\${letter}" means something else elsewhere: write the character, \\xHH or \\uHHHH.`
}

/** A class such as `[^a-z\d]`, written for RE2. */
export function readClass(reader: Reader): string {
  const open = { ...reader }
  reader.place += 1
  const negated = reader.text[reader.place] === '^'
  if (negated) reader.place += 1
  const ranges: (readonly [number, number])[] = []
  while (reader.text[reader.place] !== ']') {
    if (reader.place >= reader.text.length) throw new RefusedError(open, 'A "[" is not closed.')
    ranges.push(...readMember(reader))
  }
  if (ranges.length === 0) throw new RefusedError(open, 'A class is not empty.')
  reader.place += 1
  return `[${negated ? '^' : ''}${writeRanges(ranges)}]`
}

/** One character, one set, or a range of characters. */
function readMember(reader: Reader): Ranges {
  const start = { ...reader }
  const first = readUnit(reader)
  const after = reader.text[reader.place + 1]
  if (reader.text[reader.place] !== '-' || after === ']' || after === undefined) return first
  reader.place += 1
  const last = readUnit(reader)
  const [from, to] = [single(first), single(last)]
  if (from === undefined || to === undefined) {
    throw new RefusedError(start, 'A range goes from one character to another, not to a set.')
  }
  if (from > to) throw new RefusedError(start, 'A range begins with the smaller character.')
  return [[from, to]]
}

function readUnit(reader: Reader): Ranges {
  const character = reader.text.charAt(reader.place)
  if (character === '\\') return readEscape(reader)
  if (character === '[') {
    throw new RefusedError(reader, 'A class holds no other: write "\\[" for the character.')
  }
  reader.place += 1
  return one(character.charCodeAt(0))
}

function single(ranges: Ranges): number | undefined {
  const [[first, last] = [0, 1], ...more] = ranges
  return first === last && more.length === 0 ? first : undefined
}

const HIGH_SURROGATE = 0xd800
const LAST_SURROGATE = 0xdfff
/** Where the halves of surrogate pairs stand, which RE2 would take together. */
const BEYOND = 0x10_0000

/** The members of a class for RE2: numbers alone, so that no sign of its own can be meant. */
export function writeRanges(ranges: Ranges): string {
  return ranges
    .flatMap(([first, last]) => [
      [first, Math.min(last, HIGH_SURROGATE - 1)] as const,
      [Math.max(first, HIGH_SURROGATE) + BEYOND, Math.min(last, LAST_SURROGATE) + BEYOND] as const,
      [Math.max(first, LAST_SURROGATE + 1), last] as const,
    ])
    .filter(([first, last]) => first <= last)
    .map(([first, last]) => `\\x{${first.toString(16)}}-\\x{${last.toString(16)}}`)
    .join('')
}

/** A text as `writeRanges` writes it: every UTF-16 unit is a character of its own. */
export function withSingleUnits(text: string): string {
  return text.replace(/[\uD800-\uDFFF]/g, (unit) =>
    String.fromCodePoint(unit.charCodeAt(0) + BEYOND),
  )
}
