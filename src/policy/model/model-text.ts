/**
 * The lines of a model file with their places. casbin's own reader drops blank lines before it
 * counts, ignores what it does not know and keeps the last of two, all without a word; so the places
 * and those mistakes are found here, and casbin reads the text after that.
 */

import type { PolicyProblem } from '../problem.ts'
import { nearest } from '../rules/nearest.ts'

/** One-based. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** One definition, such as `p = sub, dom, obj, act, eft`. */
export interface Definition {
  readonly section: Section
  /** `r`, `p`, `g`, `e` or `m`, with a number from the second of its section on. */
  readonly key: string
  readonly value: string
  readonly place: Place
  /** The place of a character of `value`, across continued lines. */
  readonly locate: (offset: number) => Place
}

export const sections = {
  request_definition: 'r',
  policy_definition: 'p',
  role_definition: 'g',
  policy_effect: 'e',
  matchers: 'm',
} as const
export type Section = keyof typeof sections

interface Chunk extends Place {
  readonly text: string
}

interface Reader {
  section: Section | undefined
  chunks: Chunk[]
  readonly seen: Set<string>
  readonly definitions: Definition[]
  readonly report: (place: Place, message: string) => void
}

/** Reads every definition and collects every mistake of form. */
export function readModelText(text: string, file: string) {
  const problems: PolicyProblem[] = []
  const reader: Reader = {
    section: undefined,
    chunks: [],
    seen: new Set(),
    definitions: [],
    report: (place, message) => problems.push({ file, ...place, message }),
  }
  for (const [index, line] of text.split('\n').entries()) readLine(reader, line, index + 1)
  refuseUnfinished(reader)
  return { definitions: reader.definitions, problems }
}

function readLine(reader: Reader, line: string, number: number): void {
  // As casbin cuts it: a "#" or ";" begins a comment, inside quotes as well.
  const cut = line.search(/[#;]/)
  const body = (cut < 0 ? line : line.slice(0, cut)).trimEnd()
  const text = body.trimStart()
  if (text === '') return
  const place = { line: number, column: body.length - text.length + 1 }
  if (text.startsWith('[') && text.endsWith(']')) {
    refuseUnfinished(reader)
    openSection(reader, text.slice(1, -1), place)
    return
  }
  const continued = text.endsWith('\\')
  reader.chunks.push({ ...place, text: continued ? text.slice(0, -1).trimEnd() : text })
  if (!continued) define(reader)
}

function refuseUnfinished(reader: Reader): void {
  const last = reader.chunks.at(-1)
  if (last !== undefined) reader.report(last, 'This line goes on, with "\\", but nothing follows.')
  reader.chunks = []
}

function openSection(reader: Reader, name: string, place: Place): void {
  reader.section = undefined
  if (reader.seen.has(name)) reader.report(place, `The section [${name}] stands here twice.`)
  reader.seen.add(name)
  if (Object.hasOwn(sections, name)) {
    reader.section = name as Section
    return
  }
  const right = nearest(name, Object.keys(sections))
  reader.report(place, `There is no section [${name}]; ${right}`)
}

function define(reader: Reader): void {
  const { chunks, section } = reader
  reader.chunks = []
  const [first] = chunks
  if (first === undefined) return
  const read = readDefinition(reader, section, chunks)
  if (typeof read === 'string') reader.report(first, read)
  else if (read !== undefined) reader.definitions.push(read)
}

/** The definition in `chunks`, or what is wrong with it; `undefined` where that was said before. */
function readDefinition(
  reader: Reader,
  section: Section | undefined,
  chunks: readonly Chunk[],
): Definition | string | undefined {
  const whole = chunks.map(({ text }) => text).join('')
  const equals = whole.indexOf('=')
  if (equals < 0) return 'A definition has the form "key = value".'
  if (section === undefined) {
    return reader.seen.size === 0 ? 'A definition stands in a [section].' : undefined
  }
  const key = whole.slice(0, equals).trim()
  const value = whole.slice(equals + 1).trim()
  if (value === '') return `"${key}" has no value.`
  const expected = nextKey(reader, section)
  if (key !== expected) return refuseKey(reader, section, key, expected)
  const start = whole.length - whole.slice(equals + 1).trimStart().length
  const locate = (offset: number) => locateIn(chunks, start + offset)
  return { section, key, value, place: locateIn(chunks, 0), locate }
}

/** casbin looks for `p`, `p2`, `p3` in turn and never sees what comes after a gap. */
function nextKey({ definitions }: Reader, section: Section): string {
  const count = definitions.filter((definition) => definition.section === section).length
  return count === 0 ? sections[section] : `${sections[section]}${count + 1}`
}

function refuseKey(reader: Reader, section: Section, key: string, expected: string): string {
  if (reader.definitions.some((definition) => definition.key === key)) {
    return `"${key}" is defined twice; only the last would count.`
  }
  return `"${key}" would not be read: the next definition of [${section}] is "${expected}".`
}

function locateIn(chunks: readonly Chunk[], offset: number): Place {
  let left = offset
  for (const { text, line, column } of chunks) {
    if (left < text.length) return { line, column: column + left }
    left -= text.length
  }
  const last = chunks.at(-1)
  return { line: last?.line ?? 1, column: (last?.column ?? 1) + (last?.text.length ?? 0) }
}
