/** The rules that a caller sends in the place of an organisation's own: CSV as in the files, or JSON. */
import { z } from 'zod'
import type { Steps } from '../lib/turns.ts'
import { readRules } from '../policy/files/csv.ts'
import type { PolicyModel } from '../policy/model/model.ts'
import { PolicyError } from '../policy/problem.ts'
import type { Rule } from '../policy/rule.ts'

/** What stands in the place of a file's name. */
const LIST = 'rules'

/** Each rule as its columns, the type first. */
const listed = z.strictObject({
  rules: z.array(z.array(z.string()).min(1)),
})

/** The text in `bytes`, or `undefined` when they are not UTF-8. */
export function readText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

export type Candidate =
  | { readonly kind: 'read'; readonly rules: readonly Rule[] }
  | { readonly kind: 'refused'; readonly mistake: string }

/** Reads rules by the type of the body; throws a `PolicyError` for lines that are no rules. */
export function* readCandidate(text: string, type: string, model: PolicyModel): Steps<Candidate> {
  const [essence = ''] = type.toLowerCase().split(';')
  if (essence.trim() === 'text/csv') {
    const { rules, problems } = yield* readRules(text, LIST, model)
    if (problems.length > 0) throw new PolicyError(problems)
    return { kind: 'read', rules }
  }
  if (essence.trim() === 'application/json') return readList(text)
  return { kind: 'refused', mistake: 'Content-Type is text/csv or application/json.' }
}

function readList(text: string): Candidate {
  const parsed = listed.safeParse(parseJson(text))
  if (!parsed.success) {
    const mistake = 'The body is {"rules": [["p", "role:editor", …], …]}, each rule its columns.'
    return { kind: 'refused', mistake }
  }
  const rules = parsed.data.rules.map(([ptype = '', ...values]): Rule => {
    return { ptype, values, source: { kind: 'built-in' } }
  })
  return { kind: 'read', rules }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
