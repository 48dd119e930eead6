import { describe, expect, test } from 'vitest'
import { attributesRead, conditionsOf } from '../../src/policy/conditions.ts'
import { parseModel } from '../../src/policy/model/model.ts'
import { lintModel } from '../../src/policy/model/model-lint.ts'
import { describeProblem } from '../../src/policy/problem.ts'
import { attributeFiles, attributesModel } from './attribute-world.ts'
import { ourModel, problemsOf } from './support.ts'

const lint = (text: string) => lintModel(parseModel(text, 'model.conf')).map(describeProblem)
const model = parseModel(attributesModel, 'model.conf')

/** The model with another condition beside "always". */
const withCondition = (condition: string) =>
  attributesModel.replace(/\(p\.when == "always".*$/, `(p.when == "always" || ${condition})`)

const CLAUSES =
  'Write conditions as clauses of their own, joined by "&&" to the others: p.when == "text", and attributes by "==" with a text, an attribute or r.sub, or by "in" with a list of texts. What is not known then equals nothing.'

test('a model with attributes and conditions is accepted', () => {
  expect(lint(attributesModel)).toEqual([])
})

test('the conditions and attributes that a matcher reads are known by name', () => {
  expect(conditionsOf(model)).toEqual(['always', 'own', 'department', 'mail', 'self', 'open'])
  expect(attributesRead(model)).toEqual({
    who: ['id', 'department', 'email'],
    res: ['owner', 'department', 'subject', 'state'],
  })
  expect(attributesRead(ourModel())).toBeUndefined()
})

describe('a condition', () => {
  test.each([
    'p.when == "a"',
    '"a" == p.when && r.res.owner == r.who.id',
    'p.when == "a" && ("ann" == r.res.owner || r.sub == r.res.owner)',
    'p.when == "a" && r.res["owner"] == r.who.id',
    'r.res.public == "true"',
  ])('%s is accepted', (condition) => expect(lint(withCondition(condition))).toEqual([]))

  /** Beside an "in" casbin takes a bracket behind a space for a list (hazard 3). */
  const listing = (condition: string) =>
    withCondition(condition).replace(/^m = .*$/m, (line) => line.replaceAll(' (', '('))

  test('may list its texts with "in"', () => {
    const text = listing('(r.res.state in ["open", "shared"])')
    expect(lint(text)).toEqual([])
    expect(conditionsOf(parseModel(text.replace('r.res.state in', 'p.when in'), 'm'))).toEqual([
      'always',
      'open',
      'shared',
    ])
  })

  test.each([
    ['a negation', 'p.when == "a" && !(r.res.owner == r.who.id)'],
    ['an inequality', 'p.when == "a" && r.res.owner != r.who.id'],
    ['an inequality of conditions', 'p.when != "a"'],
    ['an order', 'p.when == "a" && r.res.level < "3"'],
    ['a number, beside which a text is read as one', 'p.when == "a" && r.res.level == 3'],
    ['true, beside which "1" is', 'p.when == "a" && r.res.active == true'],
    ['null', 'p.when == "a" && r.res.owner == null'],
    ['another field of the rule', 'p.when == "a" && r.res.owner == p.sub'],
    ['an attribute as a truth', 'p.when == "a" && r.res.active'],
    ['a sum', 'p.when == "a" && r.res.a + r.res.b == "ab"'],
    ['a function', 'p.when == "a" && keyMatch2(r.obj, p.when)'],
    ['the whole object', 'p.when == "a" && r.who == r.res'],
    ['an attribute of an attribute', 'p.when == "a" && r.res.owner.name == "ann"'],
    ['a name that is computed', 'p.when == "a" && r.res[ r.sub] == "ann"'],
  ])('never stands beside %s', (_title, condition) => {
    expect(lint(withCondition(condition))).toEqual([`model.conf:10:1: ${CLAUSES}`])
  })

  test('never stands in a list, where one unknown value would equal another', () => {
    const text = listing('(r.res.owner in [ r.who.id])')
    expect(lint(text)).toEqual([`model.conf:10:1: ${CLAUSES}`])
  })

  test('never widens another clause', () => {
    const text = attributesModel.replace(
      'r.act == p.act)',
      'r.act == p.act || r.who.department == "IT")',
    )
    expect(lint(text)).toEqual([`model.conf:10:1: ${CLAUSES}`])
  })

  test.each(['constructor', 'prototype', '__proto__', '_x'])(
    'never reads what casbin does not: %s',
    (name) => {
      const problems = lint(withCondition(`p.when == "a" && r.res.${name} == "x"`))
      expect(problems).toContain(`model.conf:10:1: "${name}" cannot be the name of an attribute.`)
    },
  )

  test('"always" is one of them, for the rules of organisations', () => {
    expect(lint(attributesModel.replace('"always"', '"ever"'))).toEqual([
      'model.conf:10:1: The rules of organisations hold when "always": write p.when == "always" || … into the matcher.',
    ])
  })

  test('of "always" needs nothing to be known', () => {
    const text = attributesModel.replace(
      'p.when == "always"',
      'p.when == "always" && r.who.department == "IT"',
    )
    expect(lint(text)).toEqual([
      'model.conf:10:1: The matcher does not allow role:a, org:a, /a/b/c, GET by the rule p, role:a, org:a, /a/:x/*, GET, allow.',
    ])
  })
})

describe('columns', () => {
  test.each([
    [
      'attributes without conditions',
      'p = sub, dom, obj, act, eft, when',
      'p = sub, dom, obj, act, eft',
      'model.conf:4:1: Beside attributes a rule has a condition: p = sub, dom, obj, act, eft, when.',
    ],
    [
      'conditions without attributes',
      'r = sub, dom, obj, act, who, res',
      'r = sub, dom, obj, act',
      'model.conf:2:1: Beside conditions a request has attributes: r = sub, dom, obj, act, who, res.',
    ],
    [
      'attributes in another order',
      'r = sub, dom, obj, act, who, res',
      'r = sub, dom, obj, act, res, who',
      'model.conf:2:1: A request is: r = sub, dom, obj, act; with attributes it ends in who, res.',
    ],
  ])('%s are refused', (_title, from, to, problem) => {
    const conditions = / && \(p\.when.*$/
    const plain = attributesModel.replace(from, to).replace(conditions, '')
    expect(lint(plain)).toContain(problem)
  })
})

describe('the condition of a rule', () => {
  const problems = (...rules: string[]) => problemsOf(() => attributeFiles(rules))

  test('is one that the matcher compares', () => {
    expect(problems('p, role:a, *, /docs/*, GET, allow, own')).toEqual([])
    expect(problems('p, role:a, *, /docs/*, GET, allow, owm')).toEqual([
      'policies/rules.csv:1:36: "owm" is no condition of the matcher; did you mean "own"?',
    ])
    expect(problems('p, role:a, *, /docs/*, GET, allow, never')[0]).toContain(
      'possible are "always", "own"',
    )
  })

  test('is written out', () => {
    expect(problems('p, role:a, *, /docs/*, GET, allow')[0]).toContain(
      'p, sub, dom, obj, act, eft, when',
    )
    expect(problems('p, role:a, *, /docs/*, GET, allow, ')).toEqual([
      'policies/rules.csv:1:36: The when is blank.',
    ])
  })

  test('of a deny is "always": what is not known would lift it', () => {
    expect(problems('p, *, *, /docs/*, GET, deny, always')).toEqual([])
    expect(problems('p, *, *, /docs/*, GET, deny, open')).toEqual([
      'policies/rules.csv:1:30: A deny holds always: write "always".',
    ])
  })
})
