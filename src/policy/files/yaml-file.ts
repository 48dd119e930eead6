/**
 * A YAML file against a schema, every problem with its line and column. Strict YAML 1.2: one
 * document, unique keys, and neither anchors nor aliases nor tags, whose expansion can be endless.
 */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { z } from 'zod'
import type { PolicyProblem } from '../problem.ts'
import { nearest } from '../rules/nearest.ts'

type Path = readonly PropertyKey[]

/** Reports a problem at a path of the value, such as `['applications', 0, 'id']`. */
export type ReportAt = (path: Path, message: string) => void

export type YamlFile<T> =
  | { readonly value: T; readonly report: ReportAt; readonly problems: PolicyProblem[] }
  | { readonly value: undefined; readonly problems: PolicyProblem[] }

/** Parses `text`; `value` is present where the file has the form of `schema`. */
export function readYaml<T>(text: string, file: string, schema: z.ZodType<T>): YamlFile<T> {
  const lines = new LineCounter()
  const problems: PolicyProblem[] = []
  const add = (offset: number, message: string) => {
    const { line, col } = lines.linePos(offset)
    problems.push({ file, line: Math.max(line, 1), column: Math.max(col, 1), message })
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
    logLevel: 'error',
  })
  for (const { pos, code, message } of [...document.errors, ...document.warnings]) {
    add(pos[0], code === 'MULTIPLE_DOCS' ? 'A file holds one document; take "---" away.' : message)
  }
  refuseReferences(document, add)
  if (problems.length > 0) return { value: undefined, problems }
  const report: ReportAt = (path, message) => add(offsetOf(document, path), message)
  const result = schema.safeParse(document.toJS({ maxAliasCount: 0 }))
  if (result.success) return { value: result.data, report, problems }
  for (const issue of result.error.issues) reportIssue(document, schema, issue, add)
  return { value: undefined, problems }
}

/** Where the value at a path of a file begins that was read without a problem. */
export function createPlaces(text: string): (path: Path) => { line: number; column: number } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, version: '1.2' })
  return (path) => {
    const { line, col } = lines.linePos(offsetOf(document, path))
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
  })
}

type Issue = z.core.$ZodIssue

function reportIssue(
  document: Document,
  schema: z.ZodType,
  issue: Issue,
  add: (offset: number, message: string) => void,
): void {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const message = `"${key}" is not known here; ${nearest(key, keysAt(schema, path))}`
      add(offsetOf(document, [...path, key], 'key'), message)
    }
  } else if (path.length > 0 && !document.hasIn(path)) {
    add(offsetOf(document, path.slice(0, -1)), `"${String(path.at(-1))}" is missing.`)
  } else {
    const within = issue.code === 'custom' ? Number(issue.params?.['offset'] ?? 0) : 0
    add(offsetOf(document, path) + within, messageOf(issue))
  }
}

function messageOf(issue: Issue): string {
  if (issue.code !== 'invalid_type') return issue.message
  const kinds: Readonly<Record<string, string>> = {
    array: 'a list',
    object: 'keys with values',
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
  }
  return `Write ${kinds[issue.expected] ?? issue.expected} here.`
}

/** Where the value at `path` begins, or its key; the nearest parent where there is none. */
function offsetOf(document: Document, path: Path, part: 'key' | 'value' = 'value'): number {
  if (part === 'key') {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
    const name = String(path.at(-1))
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === name)
      : undefined
    if (isNode(pair?.key)) return pair.key.range?.[0] ?? 0
  }
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node))
      return (node.range?.[0] ?? 0) + (isScalar(node) && /^QUOTE/.test(node.type ?? '') ? 1 : 0)
  }
  return document.contents?.range?.[0] ?? 0
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
