/**
 * Random worlds of the class that is compiled: a model whose matcher is a tree of clauses, its
 * rules, and requests. Clauses that throw on some requests or rules are among them, for an order of
 * evaluation that differs from casbin's shows there first.
 */
import fc from 'fast-check'
import { type PolicyModel, parseModel } from '../../src/policy/model/model.ts'
import { checkArgument } from '../../src/policy/patterns/functions.ts'
import { PolicyError } from '../../src/policy/problem.ts'
import type { Rule } from '../../src/policy/rule.ts'

export interface World {
  readonly model: PolicyModel
  readonly rules: readonly Rule[]
  readonly requests: readonly (readonly unknown[])[]
}

export const effects = [
  'some(where (p.eft == allow)) && !some(where (p.eft == deny))',
  'some(where (p.eft == allow))',
  '!some(where (p.eft == deny))',
  'priority(p.eft) || deny',
  'subjectPriority(p.eft) || deny',
] as const

const members = ['ann', 'ben', 'team', 'lead', 'root']
const domains = ['d1', 'd2', '*']
const objects = [
  ...['/a', '/a/b', '/a/b/c', '/b', '/a/', 'a', '/a/b?x=/c', '/x/y/x'],
  ...['10.0.0.1', 'GET'],
]
const patterns = [
  ...['/a', '/a/*', '/a/:id', '/a/{id}', '/:x/:y', '/{x}/{y}/{x}', '/*/c', '/a/b', '/*'],
  ...['/a*', '*', '/a/[a-z]', '/a/.*', '/a|/b', '/a/**', '/**/c', '/a/b?', 'a', '10.0.0.0/8'],
]
const actions = ['GET', 'POST', '10.0.0.1']
const wanted = ['GET', 'POST', '*', 'GET|POST', '[A-Z]+']
/** What is no text: looser comparisons, members, and one that throws wherever it is compared. */
const odd: readonly unknown[] = [
  1,
  true,
  { age: 20 },
  { age: 3, deep: { x: 1 } },
  { toString: 1, valueOf: 1 },
  ['ann'],
]

interface Columns {
  readonly domain: boolean
  readonly priority: boolean
}

const call = (name: string, ...args: readonly string[]) => `${name}(${args.join(',')})`
const or = (left: string, right: string) => `(${left}||${right})`

/** One clause about one field, of every kind that the planner knows or must leave alone. */
function clauses({ domain }: Columns): fc.Arbitrary<string> {
  const where = domain ? ['r.dom'] : []
  const role = call('g', 'r.sub', 'p.sub', ...where)
  const paths = ['keyMatch', 'keyMatch2', 'keyMatch3', 'keyMatch4', 'keyMatch5', 'globMatch']
  const path = fc.constantFrom(...paths, 'regexMatch').map((name) => call(name, 'r.obj', 'p.obj'))
  const field = fc.constantFrom('sub', 'obj', 'act', ...(domain ? ['dom'] : []))
  const equal = field.chain((name) =>
    fc.constantFrom(`r.${name}==p.${name}`, `p.${name}==r.${name}`, `p.${name}===r.${name}`),
  )
  const wildcard = field.chain((name) =>
    fc.constantFrom(
      `(p.${name}=="*"||r.${name}==p.${name})`,
      `(r.${name}==p.${name}||p.${name}=="*"||p.${name}=="GET")`,
      `(p.${name} in [ r.${name},"*"])`,
      `(r.${name} in [ p.${name}])`,
    ),
  )
  const rare = fc.constantFrom(
    ...['(r.act in ["GET","POST"])', '(p.act in ["GET","*"])', 'p.act=="GET"', 'r.sub!="ben"'],
    ...['r.sub.age>18', 'r.sub.deep.x==1', 'ipMatch(r.act,"10.0.0.0/8")', 'r.sub<p.sub'],
    ...[
      'keyGet(r.obj,p.obj)!=""',
      'keyGet2(r.obj,p.obj,"id")=="b"',
      'r.obj==p.sub',
      'r.sub=="root"',
    ],
    ...[`!${role}`, call('g', 'r.sub', '"lead"', ...where), 'true', 'p.obj!=r.obj', 'r.act=="GET"'],
    ...(domain
      ? ['g(r.sub,p.sub,p.dom)', 'g(r.obj,p.obj,r.dom)', 'g(r.sub,p.sub,r.obj.where)']
      : ['g(p.sub,r.sub)']),
  )
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(role) },
    { weight: 1, arbitrary: fc.constantFrom(or('p.sub=="*"', role), or(role, 'p.sub=="*"')) },
    { weight: 1, arbitrary: fc.constant(or(role, 'r.sub==p.sub')) },
    { weight: 4, arbitrary: path },
    { weight: 1, arbitrary: fc.tuple(path, path).map(([one, two]) => or(one, two)) },
    { weight: 1, arbitrary: path.map((one) => or('r.obj==p.obj', one)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('g2(r.obj,p.obj)', or('g2(r.obj,p.obj)', 'r.obj==p.obj')),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        'regexMatch(r.act,p.act)',
        or('p.act=="*"', 'regexMatch(r.act,p.act)'),
      ),
    },
    { weight: 4, arbitrary: equal },
    { weight: 4, arbitrary: wildcard },
    { weight: 3, arbitrary: rare },
  )
}

/** Mostly a chain of clauses, sometimes any tree of them. */
function matchers(columns: Columns): fc.Arbitrary<string> {
  const clause = clauses(columns)
  const chain = fc.array(clause, { minLength: 1, maxLength: 4 }).map((all) => all.join('&&'))
  const alternatives = fc.array(chain, { minLength: 2, maxLength: 3 }).map((all) => all.join('||'))
  const { tree } = fc.letrec<{ tree: string; node: string }>((tie) => ({
    tree: fc.oneof({ depthSize: 'small' }, clause, tie('node')),
    node: fc
      .tuple(
        tie('tree'),
        fc.constantFrom('&&', '&&', '||'),
        tie('tree'),
        fc.constantFrom('', '', '', '!'),
      )
      .map(([left, operator, right, not]) => `${not}(${left}${operator}${right})`),
  }))
  return fc.oneof(
    { weight: 4, arbitrary: chain },
    { weight: 2, arbitrary: alternatives },
    { weight: 2, arbitrary: tree },
  )
}

function modelText(columns: Columns, effect: string, matcher: string): string {
  const fields = ['sub', ...(columns.domain ? ['dom'] : []), 'obj', 'act']
  const all = [...(columns.priority ? ['priority'] : []), ...fields, 'eft']
  return [
    ...['[request_definition]', `r = ${fields.join(', ')}`],
    ...['[policy_definition]', `p = ${all.join(', ')}`],
    ...['[role_definition]', `g = _, _${columns.domain ? ', _' : ''}`, 'g2 = _, _'],
    ...['[policy_effect]', `e = ${effect}`, '[matchers]', `m = ${matcher}`],
  ].join('\n')
}

function rulesOf({ domain, priority }: Columns): fc.Arbitrary<Rule[]> {
  const pick = (values: readonly string[]) => fc.constantFrom(...values)
  const where = domain ? [pick(domains)] : []
  const permission = fc.tuple(
    ...(priority ? [pick(['1', '2', '10', 'x'])] : []),
    pick([...members, ...members, '*']),
    ...where,
    fc.oneof({ weight: 3, arbitrary: pick(patterns) }, pick(objects)),
    pick(wanted),
    fc.constantFrom('allow', 'allow', 'deny'),
  )
  const rule = (ptype: string) => (values: readonly string[]) => ({
    ptype,
    values,
    source: { kind: 'built-in' as const },
  })
  return fc
    .tuple(
      fc.array(permission.map(rule('p')), { minLength: 1, maxLength: 14 }),
      fc.array(fc.tuple(pick(members), pick(members), ...where).map(rule('g')), { maxLength: 6 }),
      fc.array(fc.tuple(pick(objects), pick([...objects, ...patterns])).map(rule('g2')), {
        maxLength: 3,
      }),
    )
    .map((all) => all.flat())
}

function requestsOf({ domain }: Columns, count: number): fc.Arbitrary<unknown[][]> {
  const rarely = (values: readonly string[]) =>
    fc.oneof(
      { weight: 60, arbitrary: fc.constantFrom<unknown>(...values) },
      { weight: 1, arbitrary: fc.constantFrom<unknown>(...odd) },
    )
  const where = domain ? [rarely(domains)] : []
  const request = fc.tuple(rarely([...members, 'eve']), ...where, rarely(objects), rarely(actions))
  return fc.array(request, { minLength: count, maxLength: count })
}

/** Whether every pattern of a rule may be given to the functions that read it. */
function isSound({ functions, policyColumns }: PolicyModel, { ptype, values }: Rule): boolean {
  return functions.every(({ name, from }) => {
    if (from?.ptype !== ptype) return true
    const pattern = values[policyColumns[ptype]?.indexOf(from.column) ?? -1]
    return pattern === undefined || checkArgument(name, pattern) === undefined
  })
}

/** Worlds with `count` requests each; rules with patterns that are refused are left out. */
export function worlds(count: number): fc.Arbitrary<World> {
  const columns = fc.record({ domain: fc.boolean(), priority: fc.boolean() })
  return columns.chain((chosen) => {
    const model = fc
      .tuple(fc.constantFrom(...effects), matchers(chosen))
      .map(([effect, matcher]) => readModel(modelText(chosen, effect, matcher)))
      .filter((read) => read !== undefined)
    return fc
      .tuple(model, rulesOf(chosen), requestsOf(chosen, count))
      .map(([read, all, requests]) => {
        return { model: read, rules: all.filter((rule) => isSound(read, rule)), requests }
      })
  })
}

/** Some trees are refused, as one that uses a field both as text and for its members. */
function readModel(text: string): PolicyModel | undefined {
  try {
    return parseModel(text, 'm.conf')
  } catch (error) {
    if (error instanceof PolicyError) return undefined
    throw error
  }
}
