/** What a `*.test.yaml` gives to its organisation: who holds what, rules of its own, attributes. */
import { type Attributes, checkAttributes } from '../attributes.ts'
import { attributesRead } from '../conditions.ts'
import type { Known } from '../facts.ts'
import { parseRules } from '../files/csv.ts'
import type { PolicyFiles } from '../files/files.ts'
import type { PlaceAt, ReportAt } from '../files/yaml-file.ts'
import type { PolicyProblem } from '../problem.ts'
import type { Rule } from '../rule.ts'
import { nearest } from '../rules/nearest.ts'
import type { CaseForm } from './case-form.ts'

/** That somebody holds a team or a role. */
export interface Grant {
  readonly rule: Rule
  /** Milliseconds since 1970, from which on it is gone. */
  readonly until: number | undefined
}

export interface Fixtures {
  readonly grants: readonly Grant[]
  /** The rules that the file writes out. */
  readonly rules: readonly Rule[]
  readonly known: Known
}

export interface FixtureContext {
  readonly file: string
  readonly files: PolicyFiles
  readonly report: ReportAt
  readonly placeAt: PlaceAt
  readonly problems: PolicyProblem[]
}

/** Reads what is given; every rule bears the place where it is written in the file. */
export function readFixtures(form: CaseForm, context: FixtureContext): Fixtures {
  return {
    grants: readGrants(form, context),
    rules: readOwnRules(form, context),
    known: readKnown(form, context),
  }
}

function readGrants({ given, organisation }: CaseForm, { file, placeAt }: FixtureContext): Grant[] {
  return Object.entries(given).flatMap(([member, held]) =>
    held.map((one, at): Grant => {
      const { holds, until } = typeof one === 'string' ? { holds: one, until: undefined } : one
      const { line, column } = placeAt(['given', member, at])
      const columns = [column, column, column, column]
      const source = { kind: 'file', file, line, columns } as const
      return { rule: { ptype: 'g', values: [member, holds, `org:${organisation}`], source }, until }
    }),
  )
}

/** All lines are read at once, then moved to where they stand in the file. */
function readOwnRules({ rules: lines }: CaseForm, context: FixtureContext): Rule[] {
  const { file, files, placeAt, problems, report } = context
  const { rules, problems: found } = parseRules(lines.join('\n'), file, files.model)
  for (const { line, column, message } of found) {
    const place = placeAt(['rules', line - 1])
    problems.push({ file, line: place.line, column: place.column + column - 1, message })
  }
  const read = new Set(found.map(({ line }) => line))
  const moved = rules.map((rule): Rule => {
    if (rule.source.kind !== 'file') return rule
    const { line: number, columns = [] } = rule.source
    read.add(number)
    const { line, column } = placeAt(['rules', number - 1])
    const shifted = columns.map((one) => one + column - 1)
    return { ...rule, source: { ...rule.source, line, columns: shifted } }
  })
  for (const at of lines.keys()) {
    if (!read.has(at + 1)) report(['rules', at], 'This is no rule: write one, or take it away.')
  }
  return moved
}

function readKnown({ attributes }: CaseForm, { files, report }: FixtureContext): Known {
  const read = attributesRead(files.model)
  const members = new Map<string, { email: string | null; name: string | null }>()
  const stored = new Map<string, Attributes>()
  for (const [of, values] of Object.entries(attributes)) {
    const path = ['attributes', of]
    const kind = of.startsWith('/') ? 'res' : 'who'
    const { email, name, ...others } = values
    const rest = kind === 'who' ? others : values
    const wrong = checkAttributes(rest, kind)
    if (wrong !== undefined) report(path, `${wrong}.`, 'key')
    for (const used of Object.keys(values)) {
      if (read === undefined) {
        report([...path, used], 'The matcher of the model reads no attributes.', 'key')
      } else if (!read[kind].includes(used)) {
        const possible = nearest(used, read[kind])
        report([...path, used], `The matcher reads no r.${kind}.${used}; ${possible}`, 'key')
      }
    }
    stored.set(of, rest)
    const text = (value: unknown) => (value === undefined ? null : String(value))
    if (kind === 'who') members.set(of, { email: text(email), name: text(name) })
  }
  return { members, attributes: stored }
}
