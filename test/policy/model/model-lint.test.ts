import { describe, expect, test } from 'vitest'
import { parseModel } from '../../../src/policy/model/model.ts'
import { lintModel } from '../../../src/policy/model/model-lint.ts'
import { describeProblem } from '../../../src/policy/problem.ts'
import { modelText } from '../support.ts'

/** Our model without its comments and with one thing exchanged; the matcher is on line 10. */
const plain = [
  ...['[request_definition]', 'r = sub, dom, obj, act', '[policy_definition]'],
  ...['p = sub, dom, obj, act, eft', '[role_definition]', 'g = _, _, _', '[policy_effect]'],
  'e = some(where (p.eft == allow)) && !some(where (p.eft == deny))',
  '[matchers]',
  'm = (p.sub == "*" || g(r.sub, p.sub, r.dom)) && (p.dom == "*" || r.dom == p.dom) && keyMatch2(r.obj, p.obj) && (p.act == "*" || r.act == p.act)',
].join('\n')

const lint = (text: string) => lintModel(parseModel(text, 'model.conf')).map(describeProblem)
const exchange = (from: string, to: string) => {
  expect(plain).toContain(from)
  return lint(plain.replace(from, to))
}

test('our model is accepted, with its comments and without', () => {
  expect(lint(modelText)).toEqual([])
  expect(lint(plain)).toEqual([])
})

test('a model with expressions of methods is accepted', () => {
  expect(exchange('r.act == p.act', 'regexMatch(r.act, p.act)')).toEqual([])
})

test('H6: an expression in the model says where its value begins and ends', () => {
  const limited = (text: string) => `r.act == p.act && regexMatch(r.act, "${text}")`
  expect(exchange('r.act == p.act', limited('^[A-Z]+$'))).toEqual([])
  expect(exchange('r.act == p.act', limited('GET'))).toEqual([
    'model.conf:10:1: "GET" matches parts of a value, too: write ^(?:GET)$.',
  ])
})

const RULE = 'p, role:a, org:a, /a/:x/*, GET, allow'
const differs = (field: string, request: string) =>
  `10:1: The matcher does not compare the ${field}: ${RULE} allows ${request}.`

describe('a model that casbin accepts and Gatehouse does not serve', () => {
  test.each([
    [
      'H5: without effect column',
      ', act, eft',
      ', act',
      '4:1: A rule is: p = sub, dom, obj, act, eft. Without eft no rule could deny.',
    ],
    [
      'other columns',
      'p = sub, dom, obj, act, eft',
      'p = sub, obj, dom, act, eft',
      '4:1: A rule is: p = sub, dom, obj, act, eft. Without eft no rule could deny.',
    ],
    [
      'another request',
      'r = sub, dom, obj, act',
      'r = sub, dom, obj, act, ip',
      '2:1: A request is: r = sub, dom, obj, act; with attributes it ends in who, res.',
    ],
    [
      'I4: an effect in which an allow is enough',
      ' && !some(where (p.eft == deny))',
      '',
      '8:1: A deny is absolute: e = some(where (p.eft == allow)) && !some(where (p.eft == deny)).',
    ],
    [
      'I3: an effect that allows by default',
      'some(where (p.eft == allow)) && ',
      '',
      '8:1: A deny is absolute: e = some(where (p.eft == allow)) && !some(where (p.eft == deny)).',
    ],
    [
      'I4: an effect by order',
      'some(where (p.eft == allow)) && !some(where (p.eft == deny))',
      'priority(p.eft) || deny',
      '8:1: A deny is absolute: e = some(where (p.eft == allow)) && !some(where (p.eft == deny)).',
    ],
    [
      'section 2, 5: keyMatch',
      'keyMatch2(',
      'keyMatch(',
      '10:1: keyMatch ignores what follows its first star; use keyMatch2.',
    ],
    [
      'globMatch',
      'keyMatch2(',
      'globMatch(',
      '10:1: Objects have one form of pattern; use keyMatch2.',
    ],
    [
      'keyMatch3',
      'keyMatch2(',
      'keyMatch3(',
      '10:1: Objects have one form of pattern; use keyMatch2 with ":name".',
    ],
    [
      'section 2, 3: text that counts as allow',
      'keyMatch2(r.obj, p.obj)',
      'keyGet(r.obj, p.obj)',
      '10:1: keyGet answers with text, and any text counts as allow; use keyMatch2.',
    ],
    [
      'A6 120: eval',
      '(p.act ==',
      'eval(p.sub) && (p.act ==',
      '10:112: eval runs policy text as code; write the condition into the matcher.',
    ],
    [
      'a second definition',
      'g = _, _, _',
      'g = _, _, _\ng2 = _, _',
      '7:1: "g2" is never asked; Gatehouse has one r, p, g, e and m.',
    ],
    [
      'H8: a matcher without the subject',
      '(p.sub == "*" || g(r.sub, p.sub, r.dom)) && ',
      '',
      differs('subject', 'role:b, org:a, /a/b/c, GET'),
    ],
    [
      'I10: a matcher without the domain',
      '(p.dom == "*" || r.dom == p.dom) && ',
      '',
      differs('domain', 'role:a, org:b, /a/b/c, GET'),
    ],
    [
      'a matcher without the object',
      'keyMatch2(r.obj, p.obj) && ',
      '',
      differs('object', 'role:a, org:a, /a/b, GET'),
    ],
    [
      'a matcher without the action',
      ' && (p.act == "*" || r.act == p.act)',
      '',
      differs('action', 'role:a, org:a, /a/b/c, POST'),
    ],
    [
      'a matcher that compares objects as text',
      'keyMatch2(r.obj, p.obj)',
      'r.obj == p.obj',
      `10:1: The matcher does not allow role:a, org:a, /a/b/c, GET by the rule ${RULE}.`,
    ],
    [
      'I4: a matcher that passes over denies',
      ' && keyMatch2(',
      ' && p.eft == "allow" && keyMatch2(',
      '10:1: The matcher allows what a rule denies.',
    ],
    [
      'a back door',
      'm = ',
      'm = r.sub == "role:b" || ',
      differs('subject', 'role:b, org:a, /a/b/c, GET'),
    ],
  ])('%s', (_, from, to, problem) => {
    expect(exchange(from, to)).toEqual([`model.conf:${problem}`])
  })

  test('a model without roles', () => {
    const text = plain
      .replace('[role_definition]\ng = _, _, _\n', '')
      .replace('g(r.sub, p.sub, r.dom)', 'r.sub == p.sub')
    expect(lint(text)).toEqual(['model.conf:1:1: Roles are held in an organisation: g = _, _, _.'])
  })

  test('H4: a matcher that never looks at the policy', () => {
    expect(lint(plain.replace(/^m = .*$/m, 'm = r.sub == "root"'))).not.toEqual([])
    expect(lint(plain.replace(/^m = .*$/m, 'm = r.sub == r.sub'))).not.toEqual([])
  })
})
