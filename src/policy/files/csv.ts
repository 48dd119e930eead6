/**
 * Rules from a CSV file, through casbin's own loader a line at a time. casbin drops what it does not
 * understand and trims what it does; here every line is a rule, a comment, blank, or a problem (H5).
 */
import { finish, type Steps } from '../../lib/turns.ts'
import { type CasbinModel, newCasbinModel, type Row, readPolicyLine } from '../model/casbin.ts'
import type { PolicyModel } from '../model/model.ts'
import { checkShape } from '../model/shape.ts'
import type { PolicyProblem } from '../problem.ts'
import type { Rule } from '../rule.ts'
import { ruleProblem } from '../rules/rule-problem.ts'

interface Field {
  /** One-based column of its first character. */
  readonly column: number
  /** The value as a reader of the file would take it. */
  readonly value: string
}

/** Reads every line of `text`; a line with a problem gives no rule. */
export function parseRules(text: string, file: string, model: PolicyModel): Parsed {
  return finish(readRules(text, file, model))
}

export interface Parsed {
  readonly rules: Rule[]
  readonly problems: PolicyProblem[]
}

/** The same, a line at a time. */
export function* readRules(text: string, file: string, model: PolicyModel): Steps<Parsed> {
  const rules: Rule[] = []
  const problems: PolicyProblem[] = []
  const scratch = newCasbinModel(model.text)
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    yield
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const found = readRule(line, file, index + 1, model, scratch)
    if ('rule' in found) rules.push(found.rule)
    else problems.push({ kind: 'rule-syntax', file, line: index + 1, ...found })
  }
  return { rules, problems }
}

type Found =
  | { readonly rule: Rule }
  | { readonly column: number; readonly message: string; readonly kind?: string }

function readRule(
  line: string,
  file: string,
  number: number,
  model: PolicyModel,
  scratch: CasbinModel,
): Found {
  const stray = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.exec(line.replaceAll('\t', ' '))
  if (stray !== null)
    return { column: stray.index + 1, message: `${nameOf(stray[0])} cannot stand here.` }
  const fields = readFields(line)
  if ('message' in fields) return fields
  const [type, ...values] = fields
  const columns = fields.map(({ column }) => column)
  const rule: Rule = {
    ptype: type?.value ?? '',
    values: values.map(({ value }) => value),
    source: { kind: 'file', file, line: number, columns },
  }
  const shape = checkShape(rule.ptype, rule.values, model)
  if (shape !== undefined) {
    const { kind, index, message } = shape
    return { ...ruleProblem(rule, { name: file, position: number }, index, message), kind }
  }
  return checkReading(line, fields, rule, scratch) ?? { rule }
}

/**
 * Nothing in such a line has a meaning to casbin's reader but the commas, so it is not asked, which
 * costs more than all else.
 */
const PLAIN = /^[a-z0-9]+(?:, ?[\w:*/.-]+)+$/

/** casbin must read what the line says, value for value. */
function checkReading(
  line: string,
  fields: readonly Field[],
  rule: Rule,
  scratch: CasbinModel,
): Found | undefined {
  if (PLAIN.test(line)) return undefined
  let row: Row | undefined
  try {
    row = readPolicyLine(line, scratch)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { column: 1, message: `casbin cannot read this line: ${reason}` }
  }
  const read = row === undefined ? [] : [row.ptype, ...row.values]
  const written = [rule.ptype, ...rule.values]
  const wrong = written.findIndex((value, index) => value !== read[index])
  if (wrong < 0 && read.length === written.length) return undefined
  const change = `"${written[wrong] ?? ''}" would be read as "${read[wrong] ?? ''}"`
  return {
    column: fields[wrong]?.column ?? 1,
    message: `${change}: write it without quotes, spaces around it and brackets.`,
  }
}

/** Cuts a line at its commas, outside of quotes and round brackets. */
function readFields(line: string): Field[] | { column: number; message: string } {
  const fields: Field[] = []
  let start = 0
  let depth = 0
  let quoted = -1
  for (let index = 0; index <= line.length; index += 1) {
    const character = line[index]
    if (character === '"' && (quoted >= 0 || line.slice(start, index).trim() === '')) {
      quoted = quoted >= 0 ? -1 : index
    } else if (quoted >= 0 && character !== undefined) continue
    if (quoted < 0 && character === '(') depth += 1
    if (quoted < 0 && character === ')') depth -= 1
    if (depth < 0) return { column: index + 1, message: 'The bracket ")" closes nothing.' }
    if (character !== undefined && (character !== ',' || depth > 0)) continue
    const field = readField(line, start, index)
    if ('message' in field) return field
    fields.push(field)
    start = index + 1
  }
  if (quoted >= 0) return { column: quoted + 1, message: 'The quote is not closed.' }
  if (depth > 0) return { column: line.indexOf('(') + 1, message: 'The bracket "(" is not closed.' }
  return fields
}

function readField(
  line: string,
  start: number,
  end: number,
): Field | { column: number; message: string } {
  const raw = line.slice(start, end)
  const value = raw.trim()
  const column = start + raw.length - raw.trimStart().length + 1
  if (value.length > 1 && value.startsWith('"') && value.endsWith('"')) {
    return { column, value: value.slice(1, -1).replaceAll('""', '"') }
  }
  const comment = value.search(/\s#/)
  if (comment < 0) return { column, value }
  return {
    column: column + comment + 1,
    message: 'A comment stands on a line of its own; here it would be part of the value.',
  }
}

function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return `The invisible character U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}
