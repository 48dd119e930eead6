import { describe, expect, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import { parseApplications } from '../../../src/policy/files/applications-file.ts'
import { parseRules } from '../../../src/policy/files/csv.ts'
import { parseModel } from '../../../src/policy/model/model.ts'
import { describeProblem } from '../../../src/policy/problem.ts'
import { lintRules } from '../../../src/policy/rules/lint.ts'
import { appsText, modelText, ourModel, ruleOf } from '../support.ts'

const { applications } = parseApplications(appsText, 'apps.yaml')
const model = ourModel()

function lintFile(...lines: readonly string[]): string[] {
  const { rules, problems } = parseRules(lines.join('\n'), 'a.csv', model)
  expect(problems).toEqual([])
  return lintRules(rules, { model, applications, scope: 'files' }).map(describeProblem)
}

function lintOwn(...lines: readonly string[]): string[] {
  const rules = lines.map((line) => ruleOf(line))
  return lintRules(rules, { model, applications, scope: { organisation: 'acme' } }).map(
    describeProblem,
  )
}

const SUBJECT =
  'is no subject: write user:, service:, team: or role: and an id of a-z, 0-9 and "-", or anonymous, or *.'
const DOMAIN = 'is no domain: write * for every organisation, or org: and its id.'
const MEMBER = 'cannot be a member: write user:, service:, team: or role: and an id.'
const GROUP = 'cannot have members: write team: or role: and an id.'
const METHODS = '"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "*".'

describe('rules of the files', () => {
  test.each([
    ['p, *, *, /*, *, deny'],
    ['p, anonymous, *, /docs/health, GET, allow'],
    ['p, user:ann, org:acme, /docs/a, POST, allow'],
    ['p, service:backup, *, /docs/*, GET, allow'],
    ['p, team:writers, *, /:app/health, OPTIONS, allow'],
    ['p, role:editor, *, /docs/documents/:id, PATCH, allow'],
    ['p, role:owner, *, /gatehouse/billing/*, *, deny'],
    ['p, *, *, /docs/, GET, allow'],
    ['g, user:ann, team:writers, org:acme'],
    ['g, service:backup, role:reader, *'],
    ['g, team:writers, role:editor, *'],
    ['g, role:editor, role:reader, *'],
    ['g, user:ann, role:owner, org:acme'],
    ['g, role:admin, role:editor, *'],
  ])('%s is accepted', (line) => expect(lintFile(line)).toEqual([]))

  test.each([
    ['H8: a bare name', 'p, ann, *, /docs/a, GET, allow', `1:4: "ann" ${SUBJECT}`],
    ['H8: a bare role', 'p, admin, *, /docs/a, GET, allow', `1:4: "admin" ${SUBJECT}`],
    ['H1: capitals', 'p, user:Ann, *, /docs/a, GET, allow', `1:4: "user:Ann" ${SUBJECT}`],
    ['H1: a space inside', 'p, user:an n, *, /docs/a, GET, allow', `1:4: "user:an n" ${SUBJECT}`],
    ['an empty id', 'p, user:, *, /docs/a, GET, allow', `1:4: "user:" ${SUBJECT}`],
    ['another prefix', 'p, group:a, *, /docs/a, GET, allow', `1:4: "group:a" ${SUBJECT}`],
    [
      'an organisation as subject',
      'p, org:acme, *, /docs/a, GET, allow',
      '1:4: An organisation is no subject; name its team or role.',
    ],
    ['a pattern of subjects', 'p, user:*, *, /docs/a, GET, allow', `1:4: "user:*" ${SUBJECT}`],
    [
      'section 6: an operator of the adapter',
      'p, like:%, *, /docs/a, GET, allow',
      `1:4: "like:%" ${SUBJECT}`,
    ],
    ['a bare domain', 'p, *, acme, /docs/a, GET, allow', `1:7: "acme" ${DOMAIN}`],
    ['a pattern of domains', 'p, *, org:*, /docs/a, GET, allow', `1:7: "org:*" ${DOMAIN}`],
    ['a user as domain', 'p, *, user:ann, /docs/a, GET, allow', `1:7: "user:ann" ${DOMAIN}`],
    [
      'an object without a slash',
      'p, *, *, docs/a, GET, allow',
      '1:10: A path pattern begins with "/".',
    ],
    ['a star for every object', 'p, *, *, *, GET, allow', '1:10: A path pattern begins with "/".'],
    [
      'an application that is misspelt',
      'p, *, *, /dosc/a, GET, allow',
      '1:11: "dosc" is no declared application; did you mean "docs"?',
    ],
    [
      'an application that is nowhere',
      'p, *, *, /wiki/a, GET, allow',
      '1:11: "wiki" is no declared application; possible are "docs", "gatehouse".',
    ],
    [
      'an application alone, which matches nothing',
      'p, *, *, /docs, GET, deny',
      '1:11: "/docs" matches nothing: an object is "/<application id>/…", as in "/docs/*".',
    ],
    [
      'every application alone, which matches nothing',
      'p, *, *, /:app, GET, deny',
      '1:11: "/:app" matches nothing: an object is "/<application id>/…", as in "/:app/*".',
    ],
    [
      'section 3: a pattern on which casbin hangs',
      'p, *, *, /docs/:/all, GET, deny',
      '1:16: ":" is no parameter: write ":" and a name of letters, digits and "_".',
    ],
    [
      'section 6: the other one',
      'p, *, *, /docs/x/:, GET, deny',
      '1:18: ":" is no parameter: write ":" and a name of letters, digits and "_".',
    ],
    [
      'section 2, 5: a star that is no segment',
      'p, *, *, /docs/a*, GET, deny',
      '1:17: A star is a whole segment, as in "/docs/*".',
    ],
    [
      'section 2, 5: six stars',
      'p, *, *, /docs/*/*/*/*/*/*, GET, deny',
      '1:24: A path pattern has at most 4 stars.',
    ],
    [
      'H7: dot segments',
      'p, *, *, /docs/../admin, GET, deny',
      '1:16: The segment ".." is never sent: paths are decided in canonical form.',
    ],
    [
      'H7: an encoded letter',
      'p, *, *, /docs/%61dmin, GET, deny',
      '1:16: "%61" is never sent: write the character, if a path can hold it.',
    ],
    ['HEAD', 'p, *, *, /docs/a, HEAD, deny', '1:19: HEAD is decided as GET: write GET.'],
    [
      'a method in lower case',
      'p, *, *, /docs/a, get, deny',
      '1:19: "get" is no method; did you mean "GET"?',
    ],
    [
      'H6: an expression of methods',
      'p, *, *, /docs/a, GET|POST, deny',
      `1:19: "GET|POST" is no method; possible are ${METHODS}`,
    ],
    [
      'a method that is refused anyway',
      'p, *, *, /docs/a, TRACE, deny',
      `1:19: "TRACE" is no method; possible are ${METHODS}`,
    ],
    ['everybody as member', 'g, *, role:a, *', `1:4: "*" ${MEMBER}`],
    ['anonymous as member', 'g, anonymous, role:a, *', `1:4: "anonymous" ${MEMBER}`],
    ['a bare member', 'g, ann, role:a, *', `1:4: "ann" ${MEMBER}`],
    ['a user as role', 'g, user:ann, user:ben, *', `1:14: "user:ben" ${GROUP}`],
    ['an organisation as role', 'g, user:ann, org:acme, *', `1:14: "org:acme" ${GROUP}`],
    [
      'a team in a team',
      'g, team:a, team:b, *',
      '1:4: A team has users and services as members, no team and no role.',
    ],
    [
      'a role in a team',
      'g, role:a, team:b, *',
      '1:4: A team has users and services as members, no team and no role.',
    ],
    [
      'a role that owns',
      'g, role:a, role:owner, org:acme',
      '1:4: No role is made a member of role:owner; name the user, service or team.',
    ],
    [
      'an owner of every organisation',
      'g, user:ann, role:owner, *',
      '1:26: Nobody owns every organisation: name one, as in org:acme.',
    ],
    ['a bare domain of an assignment', 'g, user:ann, role:a, acme', `1:22: "acme" ${DOMAIN}`],
    [
      'H1: the row that shifted columns',
      'g, "mallory, admin, org1", role:viewer, org:acme',
      `1:4: "mallory, admin, org1" ${MEMBER}`,
    ],
  ])('%s', (_, line, problem) => expect(lintFile(line)).toEqual([`a.csv:${problem}`]))

  test('every problem of a rule is named', () => {
    expect(lintFile('p, ann, acme, docs, get, allow')).toHaveLength(4)
  })

  test('the second of two equal rules, with the place of the first', () => {
    const line = 'p, *, *, /docs/a, GET, deny'
    expect(lintFile(line, '# between', `${line} `, 'p,*,*,/docs/a,GET,deny')).toEqual([
      'a.csv:3:1: This rule stands already at a.csv:1; take one away.',
      'a.csv:4:1: This rule stands already at a.csv:1; take one away.',
    ])
  })
})

describe('roles', () => {
  test('a circle is refused where it closes', () => {
    expect(
      lintFile('g, role:a, role:b, *', 'g, role:b, role:c, *', 'g, role:c, role:a, *'),
    ).toEqual(['a.csv:3:12: This makes a circle: role:a -> role:b -> role:c -> role:a.'])
  })

  test('a role that is its own member is a circle', () => {
    expect(lintFile('g, role:a, role:a, *')).toEqual([
      'a.csv:1:12: This makes a circle: role:a -> role:a.',
    ])
  })

  test('a circle of one organisation, through a line of every organisation', () => {
    expect(lintFile('g, role:a, role:b, *', 'g, role:b, role:a, org:acme')).toEqual([
      'a.csv:2:12: This makes a circle: role:a -> role:b -> role:a.',
    ])
  })

  test('lines of two organisations make no circle', () => {
    expect(lintFile('g, role:a, role:b, org:beta', 'g, role:b, role:a, org:acme')).toEqual([])
  })

  const chain = (steps: number) =>
    Array.from({ length: steps }, (_, at) => `g, role:r${at}, role:r${at + 1}, *`)

  test('section 2, 6: inheritance deeper than casbin follows is refused where it is one too many', () => {
    expect(lintFile(...chain(limits.roleDepth))).toEqual([])
    expect(lintFile(...chain(limits.roleDepth + 1))).toEqual([
      'a.csv:1:13: Roles are inherited over at most 10 steps; this is one more.',
    ])
  })

  test('a very long chain is refused without exhausting the stack', () => {
    expect(lintFile(...chain(20_000)).length).toBeGreaterThan(0)
  })

  test('roles whose ways multiply are refused, as each way is walked at a decision', () => {
    const layers = Array.from({ length: 6 }, (_, layer) => layer)
    const lines = layers.flatMap((layer) =>
      ['a', 'b', 'c', 'd'].flatMap((from) =>
        ['a', 'b', 'c', 'd'].map((to) => `g, role:${from}${layer}, role:${to}${layer + 1}, *`),
      ),
    )
    const [first] = lintFile(...lines)
    expect(first).toMatch(/: A member reaches its roles in at most 1000 ways\.$/)
  })
})

describe('rules of an organisation', () => {
  test.each([
    ['p, user:ann, org:acme, /docs/a, GET, allow'],
    ['p, *, org:acme, /docs/*, DELETE, deny'],
    ['p, anonymous, org:acme, /docs/a, GET, allow'],
    ['g, user:ann, role:owner, org:acme'],
    ['g, team:a, role:editor, org:acme'],
  ])('%s is accepted', (line) => expect(lintOwn(line)).toEqual([]))

  test.each([
    [
      'I10: every organisation',
      'p, *, *, /docs/a, GET, allow',
      '3: The rule of an organisation holds there only: the domain is org:acme.',
    ],
    [
      'I10: another organisation',
      'p, *, org:beta, /docs/a, GET, allow',
      '3: The rule of an organisation holds there only: the domain is org:acme.',
    ],
    [
      'I10: an assignment elsewhere',
      'g, user:ann, role:owner, org:beta',
      '4: The rule of an organisation holds there only: the domain is org:acme.',
    ],
    [
      'the management API',
      'p, role:a, org:acme, /gatehouse/members, *, allow',
      '4: An organisation\'s rules name no "/gatehouse/" object: management permissions come from the built-in roles and from custom roles.',
    ],
    [
      'every application',
      'p, role:a, org:acme, /*, *, allow',
      '4: An object begins with the id of one application, as in "/docs/*".',
    ],
    [
      'every application by a parameter',
      'p, role:a, org:acme, /:app/a, *, allow',
      '4: An object begins with the id of one application, as in "/docs/*".',
    ],
    [
      'an application that is not declared',
      'p, role:a, org:acme, /wiki/a, *, allow',
      '4: "wiki" is no declared application; possible are "docs".',
    ],
    [
      'section 2, 5: an expression',
      'p, role:a, org:acme, /docs/a, (a+)+, allow',
      `5: "(a+)+" is no method; possible are ${METHODS}`,
    ],
    [
      'H5: a mistyped deny',
      'p, role:a, org:acme, /docs/a, GET, Deny',
      '6: "Deny" is not an effect; write allow or deny.',
    ],
    [
      'H5: a missing effect',
      'p, role:a, org:acme, /docs/a, GET',
      '5: The effect is missing: write p, sub, dom, obj, act, eft, where eft is allow or deny.',
    ],
    [
      'H5: a column too many',
      'p, role:a, org:acme, /docs/a, GET, allow, x',
      '7: A p rule has 5 values, not 6: p, sub, dom, obj, act, eft.',
    ],
    [
      'H5: an unknown type',
      'q, role:a',
      '1: There is no type "q" in the model; possible are "p", "g".',
    ],
  ])('%s', (_, line, problem) => {
    expect(lintOwn('g, user:first, role:a, org:acme', line)).toEqual([
      `organisation acme:2:${problem}`,
    ])
  })

  test.each([
    ['H1: a comma', 'user:ann, role:owner'],
    ['H1: surrounding spaces', ' user:ann '],
    ['section 2, 3: a line break', 'user:ann\np, *, *, /*, *, allow'],
    ['section 6: an operator of the adapter', 'regex:.*'],
    ['a path of the prototype', '__proto__'],
  ])('%s in a value that came as an array', (_, member) => {
    const rule = { ...ruleOf('g, x, role:a, org:acme'), values: [member, 'role:a', 'org:acme'] }
    const found = lintRules([rule], { model, applications, scope: { organisation: 'acme' } })
    expect(found.map(describeProblem)).toEqual([`organisation acme:1:2: "${member}" ${MEMBER}`])
  })

  test('a rule twice is refused by its position', () => {
    const line = 'g, user:ann, role:a, org:acme'
    expect(lintOwn(line, line)).toEqual([
      'organisation acme:2:1: This rule stands already at position 1; take one away.',
    ])
  })

  test('more rules than an organisation may have', () => {
    const rules = new Array(limits.rulesPerOrganisation + 1).fill(
      ruleOf('g, user:a, role:a, org:acme'),
    )
    const [first] = lintRules(rules, { model, applications, scope: { organisation: 'acme' } })
    expect(first?.message).toBe('An organisation has at most 100000 rules.')
  })
})

describe('a model whose methods are expressions', () => {
  const text = modelText.replace('r.act == p.act', 'regexMatch(r.act, p.act)')
  const expressive = parseModel(text, 'model.conf')
  const lint = (line: string, scope: 'files' | { organisation: string }) =>
    lintRules([ruleOf(line)], { model: expressive, applications, scope }).map(
      ({ message }) => message,
    )

  test('H6: a file may hold one', () => {
    expect(lint('p, role:a, *, /docs/a, ^(?:GET|P.*)$, allow', 'files')).toEqual([])
    expect(lint('p, role:a, *, /docs/a, GET, allow', 'files')).toEqual([])
    expect(lint('p, role:a, *, /docs/a, *, allow', 'files')).toEqual([])
  })

  test('H6: it says where a method begins and ends', () => {
    expect(lint('p, role:a, *, /docs/a, GET|POST, allow', 'files')).toEqual([
      '"GET|POST" matches parts of a value, too: write ^(?:GET|POST)$.',
    ])
  })

  test('2.5: what is not linear in the text is refused at its place', () => {
    const { rules } = parseRules('p, role:a, *, /docs/a, ^(a)\\1$, allow', 'a.csv', expressive)
    const found = lintRules(rules, { model: expressive, applications, scope: 'files' })
    expect(found.map(describeProblem)).toEqual([
      'a.csv:1:28: A back-reference is not offered: write out what is repeated.',
    ])
  })

  test('H6: one that does not compile is refused when it is loaded', () => {
    expect(lint('p, role:a, *, /docs/a, (GET, allow', 'files')).toEqual(['A "(" is not closed.'])
  })

  test('section 2, 5: an organisation may not', () => {
    const scope = { organisation: 'acme' }
    expect(lint('p, role:a, org:acme, /docs/a, GET, allow', scope)).toEqual([])
    expect(lint('p, role:a, org:acme, /docs/a, ^GET$, allow', scope)).toEqual([
      '"^GET$" is no method; did you mean "GET"?',
    ])
  })
})
