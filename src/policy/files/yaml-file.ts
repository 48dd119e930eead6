/**
 * A YAML file against a schema, every problem with its line and column. Strict YAML 1.2: one
 * document, unique keys, and neither anchors nor aliases nor tags, whose expansion can be endless.
 */
import { type Document, isNode, LineCounter, parseDocument, visit } from 'yaml'
import { z } from 'zod'
import type { PolicyProblem } from '../problem.ts'
import { nearest } from '../rules/nearest.ts'
import { keyText, type Part, type Path, type Places, placesIn } from './yaml-places.ts'

/** Reports a problem at a path of the value, such as `['applications', 0, 'id']`. */
export type ReportAt = (path: Path, message: string, part?: Part) => void

export interface Place {
  /** One-based, like `column`. */
  readonly line: number
  readonly column: number
}

/** Where the value at a path begins, or its key. */
export type PlaceAt = (path: Path, part?: Part) => Place

export type YamlFile<T> =
  | {
      readonly value: T
      readonly report: ReportAt
      readonly placeAt: PlaceAt
      readonly problems: PolicyProblem[]
    }
  | { readonly value: undefined; readonly problems: PolicyProblem[] }

/** Parses `text`; `value` is present where the file has the form of `schema`. */
export function readYaml<T>(text: string, file: string, schema: z.ZodType<T>): YamlFile<T> {
  const lines = new LineCounter()
  const problems: PolicyProblem[] = []
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const add = (offset: number, message: string) => {
    problems.push({ file, ...placeOf(offset), message })
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
    logLevel: 'error',
    // The parser compares every key with every other, for minutes where there are many.
    uniqueKeys: false,
  })
  for (const { pos, code, message } of [...document.errors, ...document.warnings]) {
    add(pos[0], code === 'MULTIPLE_DOCS' ? 'A file holds one document; take "---" away.' : message)
  }
  refuseReferences(document, add)
  if (problems.length > 0) return { value: undefined, problems }
  const places = placesIn(document)
  const report: ReportAt = (path, message, part) => add(places.offset(path, part), message)
  const placeAt: PlaceAt = (path, part) => placeOf(places.offset(path, part))
  const result = schema.safeParse(document.toJS({ maxAliasCount: 0 }))
  if (result.success) return { value: result.data, report, placeAt, problems }
  for (const issue of result.error.issues) reportIssue(places, schema, issue, add)
  return { value: undefined, problems }
}

/** Where the value at a path of a file begins that was read without a problem. */
export function createPlaces(text: string): (path: Path) => Place {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, version: '1.2', uniqueKeys: false })
  const places = placesIn(document)
  return (path) => {
    const { line, col } = lines.linePos(places.offset(path))
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
}

function refuseReferences(document: Document, add: (offset: number, message: string) => void) {
  visit(document, {
    Alias: (_, { range }) => add(range?.[0] ?? 0, 'Aliases are not read; write the value out.'),
    Node: (_, { range, anchor, tag }) => {
      const offset = range?.[0] ?? 0
      if (anchor)
        add(offset, `The anchor "${anchor}" is not read; write the value where it is needed.`)
      if (tag && !tag.startsWith('tag:yaml.org,2002:')) add(offset, 'Tags are not read.')
    },
    Map: (_, { items }) => {
      const keys = new Set<string>()
      for (const { key } of items) {
        const text = keyText(key)
        const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0
        if (keys.has(text)) add(offset, 'Map keys must be unique')
        // What it would set is no key, and a schema passes over it without a word.
        if (text === '__proto__') add(offset, 'The key "__proto__" is not read.')
        keys.add(text)
      }
    },
  })
}

type Issue = z.core.$ZodIssue

function reportIssue(
  places: Places,
  schema: z.ZodType,
  issue: Issue,
  add: (offset: number, message: string) => void,
): void {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const message = `"${key}" is not known here; ${nearest(key, keysAt(schema, path))}`
      add(places.offset([...path, key], 'key'), message)
    }
  } else if (path.length > 0 && !places.has(path)) {
    add(places.offset(path.slice(0, -1)), `"${String(path.at(-1))}" is missing.`)
  } else {
    const within = issue.code === 'custom' ? Number(issue.params?.['offset'] ?? 0) : 0
    add(places.offset(path) + within, messageOf(issue))
  }
}

function messageOf(issue: Issue): string {
  if (issue.code !== 'invalid_type') return issue.message
  const kinds: Readonly<Record<string, string>> = {
    array: 'a list',
    object: 'keys with values',
    record: 'keys with values',
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
  }
  return `Write ${kinds[issue.expected] ?? issue.expected} here.`
}

/** The keys that the schema knows at `path`, those of every alternative of a union. */
function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return keysAt(schema.unwrap(), path)
  }
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => keysAt(option, path))
  if (schema instanceof z.ZodArray) return keysAt(schema.element, path.slice(1))
  if (!(schema instanceof z.ZodObject)) return []
  const [first, ...rest] = path
  if (first === undefined) return Object.keys(schema.shape)
  const inner: z.core.$ZodType | undefined = schema.shape[String(first)]
  return inner === undefined ? [] : keysAt(inner, rest)
}
