/**
 * What Gatehouse demands of `model.conf` beyond casbin: its request, its columns, an effect in which
 * a deny is absolute, and a matcher that is proved to compare every field.
 */

import {
  always,
  checkConditions,
  hasConditions,
  policyWithCondition,
  requestWithAttributes,
} from '../conditions.ts'
import { createFacts } from '../facts.ts'
import { checkWholeValue } from '../patterns/expression.ts'
import { buildFunctions } from '../patterns/functions.ts'
import type { PolicyProblem } from '../problem.ts'
import { askOnce, newCasbinModel } from './casbin.ts'
import type { PolicyModel } from './model.ts'
import { denyOverrides } from './model-definitions.ts'

const request = ['sub', 'dom', 'obj', 'act']
const policy = [...request, 'eft']

/** Functions of casbin that a served model does not use, and why. */
const refused: Readonly<Record<string, string>> = {
  keyMatch: 'keyMatch ignores what follows its first star; use keyMatch2.',
  keyMatch3: 'Objects have one form of pattern; use keyMatch2 with ":name".',
  keyMatch4: 'Objects have one form of pattern; use keyMatch2 with ":name".',
  keyMatch5: 'Objects have one form of pattern; use keyMatch2 with ":name".',
  keyGet: 'keyGet answers with text, and any text counts as allow; use keyMatch2.',
  keyGet2: 'keyGet2 answers with text, and any text counts as allow; use keyMatch2.',
  globMatch: 'Objects have one form of pattern; use keyMatch2.',
  ipMatch: 'No field of a request is an address.',
}

/** Every problem of a model that casbin accepts and Gatehouse does not serve. */
export function lintModel(model: PolicyModel): PolicyProblem[] {
  const problems: PolicyProblem[] = []
  const report = (key: string, message: string, place = model.places[key]) => {
    const { line, column } = place ?? { line: 1, column: 1 }
    problems.push({ file: model.file, line, column, message })
  }
  for (const { key, message } of checkColumns(model)) report(key, message)
  if (model.roleColumns['g'] !== 3) report('g', 'Roles are held in an organisation: g = _, _, _.')
  if (model.effect !== denyOverrides) {
    report(
      'e',
      'A deny is absolute: e = some(where (p.eft == allow)) && !some(where (p.eft == deny)).',
    )
  }
  for (const key of Object.keys(model.places)) {
    if (/\d/.test(key)) report(key, `"${key}" is never asked; Gatehouse has one r, p, g, e and m.`)
  }
  for (const place of model.evaluations) {
    report('m', 'eval runs policy text as code; write the condition into the matcher.', place)
  }
  for (const { name, literal } of model.functions) {
    const message = refused[name] ?? (name === 'regexMatch' ? whyPartial(literal) : undefined)
    if (message !== undefined) report('m', message)
  }
  if (problems.length === 0 && hasConditions(model)) {
    for (const message of checkConditions(model)) report('m', message)
  }
  if (problems.length === 0) for (const message of proveMatcher(model)) report('m', message)
  return problems
}

/** The columns are the four with the effect or, both together, those with attributes. */
function* checkColumns(model: PolicyModel): Generator<{ key: string; message: string }> {
  const { requestColumns, policyColumns } = model
  const rule = policyColumns['p'] ?? []
  if (hasConditions(model)) return
  if (!same(requestColumns, request) && !same(requestColumns, requestWithAttributes)) {
    const message = 'A request is: r = sub, dom, obj, act; with attributes it ends in who, res.'
    yield { key: 'r', message }
  } else if (same(requestColumns, requestWithAttributes) && same(rule, policy)) {
    const form = policyWithCondition.join(', ')
    yield { key: 'p', message: `Beside attributes a rule has a condition: p = ${form}.` }
  } else if (same(requestColumns, request) && same(rule, policyWithCondition)) {
    const form = requestWithAttributes.join(', ')
    yield { key: 'r', message: `Beside conditions a request has attributes: r = ${form}.` }
  }
  if (!same(rule, policy) && !same(rule, policyWithCondition)) {
    const message = 'A rule is: p = sub, dom, obj, act, eft. Without eft no rule could deny.'
    yield { key: 'p', message }
  }
}

/** H6: a written-out expression says where its value begins and ends. */
function whyPartial(literal: string | undefined): string | undefined {
  return literal === undefined ? undefined : checkWholeValue(literal)?.message
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return left.join() === right.join()
}

const allow = ['role:a', 'org:a', '/a/:x/*', 'GET', 'allow']
const deny = [...allow.slice(0, -1), 'deny']
const right = ['role:a', 'org:a', '/a/b/c', 'GET']

/** Requests that differ from the rule in one field, which the rule must not cover. */
const wrong = [
  { field: 'subject', request: right.with(0, 'role:b') },
  { field: 'domain', request: right.with(1, 'org:b') },
  { field: 'object', request: right.with(2, '/a/b') },
  { field: 'action', request: right.with(3, 'POST') },
] as const

/** Decides over one rule whether the matcher looks at every field and whether a deny denies. */
function* proveMatcher(model: PolicyModel): Generator<string> {
  const nothingKnown = createFacts(model, new Map(), { members: new Map(), attributes: new Map() })
  const written = model.functions.flatMap(({ literal }) => literal ?? [])
  const decide = (rows: readonly string[][], values: readonly string[]) => {
    const patterns = new Map([
      ['keyMatch2', ['/a/:x/*']],
      ['regexMatch', ['GET', ...written]],
    ])
    const condition = hasConditions(model) ? [always] : []
    const sent = rows.map((row) => ({ ptype: 'p', values: [...row, ...condition] }))
    const [sub = '', , obj = ''] = values
    const asked = [...values, ...nothingKnown({ sub, obj })]
    return askOnce(newCasbinModel(model.text), buildFunctions(patterns), sent, asked)
  }
  const allowed = (answer: unknown) => Array.isArray(answer) && answer[0] === true
  if (!allowed(decide([allow], right))) {
    yield `The matcher does not allow ${right.join(', ')} by the rule p, ${allow.join(', ')}.`
  }
  for (const { field, request: values } of wrong) {
    if (!allowed(decide([allow], values))) continue
    yield `The matcher does not compare the ${field}: p, ${allow.join(', ')} allows ${values.join(', ')}.`
  }
  if (allowed(decide([allow, deny], right))) yield 'The matcher allows what a rule denies.'
}
