/**
 * The conditions of a matcher: the texts that it compares `p.when` with, and the attributes that it
 * reads. What is not known equals nothing, so attributes stand only where an equality can do no more
 * than allow: never below a negation, never beside anything but "==" and "in".
 */
import { isAttributeName } from './attributes.ts'
import type { PolicyModel } from './model/model.ts'
import { conjuncts, type Expression, parseExpression, partsOf } from './model/syntax.ts'
import type { Rule } from './rule.ts'

/** The rules of organisations and built-in ones hold under this condition, which always holds. */
export const always = 'always'
export const requestWithAttributes = ['sub', 'dom', 'obj', 'act', 'who', 'res']
export const policyWithCondition = ['sub', 'dom', 'obj', 'act', 'eft', 'when']

const WHEN = 'p_when'
const WHO = 'r_who'
const RES = 'r_res'

/** The names of the attributes that a matcher reads. */
export interface AttributesRead {
  readonly who: readonly string[]
  readonly res: readonly string[]
}

/** What a matcher reads of subject and resource; `undefined` for a model without attributes. */
export function attributesRead(model: PolicyModel): AttributesRead | undefined {
  if (!hasConditions(model)) return undefined
  const found = { [WHO]: new Set<string>(), [RES]: new Set<string>() }
  for (const part of allParts(parseExpression(model.matcher))) {
    const read = readAttribute(part)
    if (read !== undefined) found[read.of].add(read.name)
  }
  return { who: [...found[WHO]], res: [...found[RES]] }
}

/** Whether rules of a model have a condition and its requests attributes. */
export function hasConditions({ requestColumns, policyColumns }: PolicyModel): boolean {
  const columns = policyColumns['p'] ?? []
  // Asked for each rule, and a model without conditions tells by its length.
  if (columns.length !== policyWithCondition.length) return false
  return (
    requestColumns.join() === requestWithAttributes.join() &&
    columns.join() === policyWithCondition.join()
  )
}

const completed = new WeakMap<Rule, Rule>()

/**
 * A rule with its condition: the table has no column for one and code has none either, so that such
 * rules hold always. The same rule is completed to the same one, by which it is known again.
 */
export function completeRule(rule: Rule, model: PolicyModel): Rule {
  const { ptype, values, source } = rule
  if (ptype !== 'p' || values.length !== 5 || !hasConditions(model)) return rule
  const known = completed.get(rule)
  if (known !== undefined) return known
  const whole = Object.freeze({ ptype, values: Object.freeze([...values, always]), source })
  completed.set(rule, whole)
  return whole
}

const conditionsRead = new WeakMap<PolicyModel, readonly string[]>()

/** The texts that may stand in the column `when`. */
export function conditionsOf(model: PolicyModel): readonly string[] {
  const conditions = conditionsRead.get(model) ?? readConditions(model)
  conditionsRead.set(model, conditions)
  return conditions
}

function readConditions(model: PolicyModel): readonly string[] {
  const found = new Set<string>()
  for (const part of allParts(parseExpression(model.matcher))) {
    if (part.kind !== 'binary') continue
    const sides =
      part.right.kind === 'list' ? [part.left, ...part.right.items] : [part.left, part.right]
    if (!sides.some((side) => isName(side, WHEN))) continue
    for (const side of sides) if (isText(side)) found.add(String(side.value))
  }
  return [...found]
}

/** What is wrong with the conditions of a model that has some. */
export function checkConditions(model: PolicyModel): string[] {
  const problems: string[] = []
  for (const clause of conjuncts(parseExpression(model.matcher))) {
    if (allParts(clause).some(isMention) && !isCondition(clause)) {
      problems.push(
        'Write conditions as clauses of their own, joined by "&&" to the others: p.when == "text", and attributes by "==" with a text, an attribute or r.sub, or by "in" with a list of texts. What is not known then equals nothing.',
      )
    }
    for (const part of allParts(clause)) {
      const read = readAttribute(part)
      if (read === undefined || isAttributeName(read.name)) continue
      problems.push(`"${read.name}" cannot be the name of an attribute.`)
    }
  }
  if (problems.length === 0 && !conditionsOf(model).includes(always)) {
    problems.push(
      `The rules of organisations hold when "${always}": write p.when == "${always}" || … into the matcher.`,
    )
  }
  return [...new Set(problems)]
}

function allParts(expression: Expression): Expression[] {
  return [expression, ...partsOf(expression).flatMap(allParts)]
}

function isMention(part: Expression): boolean {
  return [WHEN, WHO, RES].some((name) => isName(part, name))
}

/** Equalities, and "&&" and "||" between them: true for less where less is known. */
function isCondition(expression: Expression): boolean {
  if (expression.kind !== 'binary') return false
  const { operator, left, right } = expression
  if (operator === '&&' || operator === '||') return isCondition(left) && isCondition(right)
  if (operator === '==') return isEquality(left, right) || isEquality(right, left)
  // Not with attributes in the list: there an unknown one would equal another.
  const texts = right.kind === 'list' && right.items.every(isText)
  return operator === 'in' && texts && (isName(left, WHEN) || readAttribute(left) !== undefined)
}

function isEquality(one: Expression, other: Expression): boolean {
  if (isName(one, WHEN)) return isText(other)
  if (readAttribute(one) === undefined) return false
  return isText(other) || isName(other, 'r_sub') || readAttribute(other) !== undefined
}

/** `r.res.owner`: the member of one of the two, by a name that is written out. */
function readAttribute(part: Expression) {
  if (part.kind !== 'member' || !isText(part.property)) return undefined
  const of = [WHO, RES].find((name) => isName(part.object, name)) as typeof WHO | typeof RES
  return of === undefined ? undefined : { of, name: String(part.property.value) }
}

function isName(part: Expression, name: string): boolean {
  return part.kind === 'name' && part.name === name
}

function isText(part: Expression): part is Expression & { readonly kind: 'literal' } {
  return part.kind === 'literal' && typeof part.value === 'string'
}
