import { describe, expect, test } from 'vitest'
import { parseModel } from '../../../src/policy/model/model.ts'
import { modelText, problemsOf } from '../support.ts'

/** A small model with one part exchanged; the numbers are its lines. */
function modelWith(parts: Readonly<Record<string, string>>): string {
  const { r, p, g, e, m } = {
    r: 'r = sub, obj, act', //                              2
    p: 'p = sub, obj, act, eft', //                         4
    g: 'g = _, _', //                                       6
    e: 'e = some(where (p.eft == allow))', //               8
    m: 'm = g(r.sub, p.sub) && r.obj == p.obj', //         10
    ...parts,
  }
  return [
    ...['[request_definition]', r, '[policy_definition]', p, '[role_definition]', g],
    ...['[policy_effect]', e, '[matchers]', m],
  ].join('\n')
}

const problems = (text: string) => problemsOf(() => parseModel(text, 'model.conf'))

describe('a model that casbin understands is accepted', () => {
  test('ours, and its columns and functions are known', () => {
    const model = parseModel(modelText, 'model.conf')
    expect(model.requestColumns).toEqual(['sub', 'dom', 'obj', 'act'])
    expect(model.policyColumns).toEqual({ p: ['sub', 'dom', 'obj', 'act', 'eft'] })
    expect(model.roleColumns).toEqual({ g: 3 })
    expect(model.functions).toMatchObject([
      { name: 'keyMatch2', from: { ptype: 'p', column: 'obj' }, literal: undefined },
    ])
    expect(model.evaluations).toEqual([])
    expect(model.readsPolicy).toBe(true)
  })

  test.each([
    ['an effect without eft column', { p: 'p = sub, obj, act' }],
    ['a second role definition', { g: 'g = _, _\ng2 = _, _, _' }],
    ['a bracketed in term', { m: 'm = r.sub == p.sub &&(r.obj in ["a", "b"])' }],
    ['an in term with a list in round brackets', { m: 'm = r.sub in ("a", "b")' }],
    ['an in term alone', { m: 'm = r.obj in ["a", "b"]' }],
    [
      'an in term as an argument',
      { m: 'm = g(r.sub, p.sub) && (r.act in ["x"]) || r.sub == "root"' },
    ],
    ['members of a field', { m: 'm = r.sub.Age > 18 && r.obj == p.obj' }],
    ['single quotes', { m: "m = r.sub == 'root' || r.sub == p.sub" }],
    ['a comment behind a definition', { m: 'm = r.sub == p.sub # everybody is equal' }],
    ['a continued line', { m: 'm = r.sub == p.sub && \\\n  r.obj == p.obj' }],
    ['a written-out pattern', { m: 'm = keyMatch2(r.obj, "/docs/:id") && r.sub == p.sub' }],
    ['an address', { m: 'm = ipMatch(r.sub, p.sub)' }],
    ['windows line ends', { m: 'm = r.sub == p.sub\r' }],
    ['priority', { p: 'p = priority, sub, obj, act, eft', e: 'e = priority(p.eft) || deny' }],
    ['a deny-only effect', { e: 'e = !some(where (p.eft == deny))' }],
    ['a number', { m: 'm = r.sub == p.sub && 1 == 1' }],
  ])('%s', (_, parts) => {
    expect(problems(modelWith(parts))).toEqual([])
  })

  test('eval is accepted here, and reported with its place for whoever refuses it', () => {
    const model = parseModel(modelWith({ m: 'm = r.obj == p.obj && eval(p.sub)' }), 'model.conf')
    expect(model.evaluations).toEqual([{ line: 10, column: 23 }])
  })

  test('a matcher that does not look at the policy is known as such', () => {
    const model = parseModel(modelWith({ m: 'm = r.sub == "root"' }), 'model.conf')
    expect(model.readsPolicy).toBe(false)
  })
})

const FORMS =
  'some(where (p.eft == allow)); !some(where (p.eft == deny)); some(where (p.eft == allow)) && !some(where (p.eft == deny)); priority(p.eft) || deny; subjectPriority(p.eft) || deny.'
const SECTIONS =
  '"request_definition", "policy_definition", "role_definition", "policy_effect", "matchers"'
const FUNCTIONS =
  'g, keyMatch, keyGet, keyMatch2, keyGet2, keyMatch3, keyMatch4, keyMatch5, regexMatch, ipMatch, globMatch'

describe('a mistake is refused at its line and column', () => {
  test.each([
    [
      'H4/H5: an effect that casbin would refuse at the first decision',
      { e: 'e = some(where(p.eft==allow))' },
      `8:5: This effect is not supported; possible are, to the letter: ${FORMS}`,
    ],
    [
      'section 3: "in" beside &&',
      { m: 'm = r.sub == p.sub && r.obj in ["a", "b"]' },
      '10:29: Put brackets around the "in" term, as in &&(r.obj in ["a"]): it binds as loosely as "||".',
    ],
    [
      'section 3: "in" beside ||',
      { m: 'm = r.sub == p.sub || (r.act == "x" || r.obj in ["a"])' },
      '10:46: Put brackets around the "in" term, as in &&(r.obj in ["a"]): it binds as loosely as "||".',
    ],
    [
      'section 3: a bracketed "in" that casbin turns into a list',
      { m: 'm = r.sub == p.sub || (r.obj in ["a", "b"])' },
      '10:23: Take the space before this bracket away: beside an "in" it is read as a list.',
    ],
    [
      'section 3: "in" before &&',
      { m: 'm = r.obj in ["a", "b"] && r.sub == p.sub' },
      '10:11: Put brackets around the "in" term, as in &&(r.obj in ["a"]): it binds as loosely as "||".',
    ],
    [
      'section 3: a definition that is only numbered',
      { p: 'p2 = sub, obj, act' },
      '4:1: "p2" would not be read: the next definition of [policy_definition] is "p".',
    ],
    [
      'a gap in the numbers',
      { g: 'g = _, _\ng3 = _, _' },
      '7:1: "g3" would not be read: the next definition of [role_definition] is "g2".',
    ],
    [
      'section 3: keyGet3, which is absent',
      { m: 'm = keyGet3(r.obj, p.obj, "id")' },
      `10:5: There is no function "keyGet3"; possible are ${FUNCTIONS}.`,
    ],
    [
      'section 6: an unknown function, which casbin takes for nothing',
      { m: 'm = r.sub == p.sub && isOwner(r.sub)' },
      `10:23: There is no function "isOwner"; possible are ${FUNCTIONS}.`,
    ],
    [
      'an unknown function behind a negation, which casbin takes for true',
      { m: 'm = r.sub == p.sub && !blocked(r.sub)' },
      `10:24: There is no function "blocked"; possible are ${FUNCTIONS}.`,
    ],
    [
      'a method of a value',
      { m: 'm = r.sub == p.sub && r.obj.startsWith("/a")' },
      '10:29: "startsWith" is not a function of matchers.',
    ],
    [
      'section 6: an unclosed bracket',
      { m: 'm = g(r.sub, p.sub && r.obj == p.obj' },
      '10:6: "(" is not closed.',
    ],
    ['a bracket too many', { m: 'm = (r.sub == p.sub))' }, '10:21: ")" closes nothing.'],
    ['a bracket of the other kind', { m: 'm = r.obj in ["a")' }, '10:18: ")" closes nothing.'],
    [
      'a field that is misspelt',
      { m: 'm = r.sub == p.sub && r.ojb == p.obj' },
      '10:23: "r.ojb" is not a field of the request or the policy.',
    ],
    [
      'a bare word',
      { m: 'm = r.sub == admin' },
      '10:14: "admin" is not a field of the request or the policy.',
    ],
    [
      'a quote that is not closed',
      { m: 'm = r.sub == "root' },
      '10:14: A quote is not closed (a "#" or ";" begins a comment, in quotes too).',
    ],
    [
      'a semicolon in quotes, where casbin begins a comment',
      { m: 'm = r.sub == "a;b" || r.sub == p.sub' },
      '10:14: A quote is not closed (a "#" or ";" begins a comment, in quotes too).',
    ],
    [
      'a single &',
      { m: 'm = r.sub == p.sub & r.obj == p.obj' },
      '10:5: casbin refuses the model: Invalid operator in matcher.',
    ],
    [
      'a sign that is none',
      { m: 'm = r.sub == p.sub ? r.obj : p.obj' },
      '10:20: "?" is no operator of a matcher.',
    ],
    [
      'a role function with too few arguments',
      { g: 'g = _, _, _' },
      '10:5: "g" takes 3 arguments, as its definition says, not 2.',
    ],
    [
      'a role definition of four',
      { g: 'g = _, _, _, _', m: 'm = r.sub == p.sub' },
      '6:5: "g" is "_, _" or, with a domain, "_, _, _".',
    ],
    [
      'a role definition of names',
      { g: 'g = user, role', m: 'm = r.sub == p.sub' },
      '6:5: "g" is "_, _" or, with a domain, "_, _, _".',
    ],
    [
      'a pattern from the request',
      { m: 'm = keyMatch2(p.obj, r.obj)' },
      '10:5: The pattern of keyMatch2 is its second argument: a column of the policy, or text.',
    ],
    [
      'section 3: a written-out pattern on which the library hangs',
      { m: 'm = r.sub == p.sub && keyMatch2(r.obj, "/:/all")' },
      '10:42: ":" is no parameter: write ":" and a name of letters, digits and "_".',
    ],
    [
      'H6: a written-out expression that does not compile',
      { m: 'm = r.sub == p.sub && regexMatch(r.obj, "(GET")' },
      '10:42: A "(" is not closed.',
    ],
    [
      'a column named twice',
      { p: 'p = sub, obj, sub, eft' },
      '4:1: The column "sub" stands here twice.',
    ],
    [
      'a column without a name',
      { r: 'r = sub, obj, , act' },
      '2:1: "" cannot be a column\'s name.',
    ],
    [
      'a definition twice',
      { m: 'm = r.sub == p.sub\nm = r.obj == p.obj' },
      '11:1: "m" is defined twice; only the last would count.',
    ],
    [
      'a definition without "="',
      { r: 'r sub, obj, act' },
      '2:1: A definition has the form "key = value".',
    ],
    ['a definition without a value', { r: 'r =' }, '2:1: "r" has no value.'],
    [
      'a line that goes on into a section',
      { r: 'r = sub, obj, act \\' },
      '2:1: This line goes on, with "\\", but nothing follows.',
    ],
    [
      'an unknown key',
      { e: 'effect = some(where (p.eft == allow))' },
      '8:1: "effect" would not be read: the next definition of [policy_effect] is "e".',
    ],
    [
      'a matcher that answers nothing',
      { m: 'm = r.obj == p.obj && r.sub.Name' },
      '10:5: The matcher fails at its first decision: matcher result should only be of type boolean, number, or string.',
    ],
    [
      'an operator without its right side',
      { m: 'm = r.sub == p.sub &&' },
      '10:5: The matcher fails at its first decision: Expected expression after && at character 17.',
    ],
  ])('%s', (_, parts, expected) => {
    expect(problems(modelWith(parts))).toEqual([`model.conf:${expected}`])
  })

  test('the place is right behind blank lines, which casbin does not count', () => {
    const text = `\n\n# ours\n\n${modelWith({ m: 'm = r.sub == p.sbu' })}`
    expect(problems(text)).toEqual([
      'model.conf:14:14: "p.sbu" is not a field of the request or the policy.',
    ])
  })

  test('the place is right in a continued line', () => {
    const text = modelWith({ m: 'm = r.sub == p.sub && \\\n   \n    r.obj == p.ojb' })
    expect(problems(text)).toEqual([
      'model.conf:12:14: "p.ojb" is not a field of the request or the policy.',
    ])
  })

  test('a continued line at the end of the file, which casbin drops', () => {
    expect(problems(`${modelWith({})} && \\\n# nothing more`)).toEqual([
      'model.conf:10:1: This line goes on, with "\\", but nothing follows.',
    ])
  })

  test('a section that casbin would ignore', () => {
    const text = modelWith({}).replace('[matchers]', '[matcher]')
    expect(problems(text)).toEqual([
      'model.conf:9:1: There is no section [matcher]; did you mean "matchers"?',
    ])
  })

  test('a section that is nothing like ours', () => {
    expect(problems(`${modelWith({})}\n[x]`)).toEqual([
      `model.conf:11:1: There is no section [x]; possible are ${SECTIONS}.`,
    ])
  })

  test('a section that stands there twice', () => {
    expect(problems(`${modelWith({})}\n  [matchers]\nm2 = r.sub == p.sub`)).toEqual([
      'model.conf:11:3: The section [matchers] stands here twice.',
    ])
  })

  test('a definition before any section', () => {
    expect(problems(`r = sub\n${modelWith({})}`)).toEqual([
      'model.conf:1:1: A definition stands in a [section].',
    ])
  })

  test.each([
    ['request_definition', 'r'],
    ['policy_definition', 'p'],
    ['policy_effect', 'e'],
    ['matchers', 'm'],
  ])('a missing section [%s]', (name, key) => {
    const lines = modelWith({}).split('\n')
    const at = lines.indexOf(`[${name}]`)
    expect(problems(lines.toSpliced(at, 2).join('\n'))).toEqual([
      `model.conf:1:1: The section [${name}] is missing, with a definition of "${key}".`,
    ])
  })

  test('an empty file names all four', () => {
    expect(problems('')).toHaveLength(4)
  })
})
