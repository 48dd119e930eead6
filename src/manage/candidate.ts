/** The rules that a caller sends in the place of an organisation's own: CSV as in the files, or JSON. */
import { z } from 'zod'
import { readStrictObject } from '../identity/strict-json.ts'
import { limits } from '../lib/limits.ts'
import type { Steps } from '../lib/turns.ts'
import { type Parsed, readRules } from '../policy/files/csv.ts'
import type { PolicyModel } from '../policy/model/model.ts'
import type { Rule } from '../policy/rule.ts'
import type { textBody } from './runner/fields.ts'
import { Refusal } from './runner/refusal.ts'

/** What stands in the place of a file's name. */
const LIST = 'rules'

const PERMISSION = ['p', 'role:editor', 'org:acme', '/docs/documents/:id', 'PUT', 'allow']

/** A rule as its columns, the type first. */
export const columns = z
  .array(z.string('is a text'), 'is a list of columns, the type first')
  .min(1, 'is empty')
  .max(8, 'has at most 8 columns')
  .meta({ id: 'RuleColumns', example: PERMISSION })

/** The columns as a rule that stands nowhere yet. */
export function ruleOf([ptype = '', ...values]: readonly string[]): Rule {
  return { ptype, values, source: { kind: 'built-in' } }
}

const listed = z.strictObject({ rules: z.array(z.array(z.string()).min(1)) })

/** How a candidate may be sent. */
export const candidateText = {
  types: {
    'text/csv': z.string().meta({ example: `${PERMISSION.join(', ')}\n` }),
    'application/json': z.strictObject({ rules: z.array(columns) }),
  },
  bytes: limits.policyFileBytes,
} as const

/** Reads rules by the type of the body; lines that are no rules are problems. */
export function* readCandidate(
  { type, text }: z.output<typeof textBody>,
  model: PolicyModel,
): Steps<Parsed> {
  if (type === 'application/json') return { rules: yield* readList(text), problems: [] }
  return yield* readRules(text, LIST, model)
}

function* readList(text: string): Steps<Rule[]> {
  const parsed = listed.safeParse(yield* readStrictObject(Buffer.from(text)))
  if (parsed.success) return parsed.data.rules.map(ruleOf)
  const right = 'The body is {"rules": [["p", "role:editor", …], …]}, each rule its columns.'
  throw new Refusal('invalid_input', right)
}
