import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRules } from '../../../src/policy/files/csv.ts'
import { newCasbinModel, readPolicyLine } from '../../../src/policy/model/casbin.ts'
import { parseModel } from '../../../src/policy/model/model.ts'
import { describeProblem } from '../../../src/policy/problem.ts'
import { ourModel } from '../support.ts'

const model = ourModel()
const read = (text: string) => {
  const { rules, problems } = parseRules(text, 'a.csv', model)
  return { rules, problems: problems.map(describeProblem) }
}
const good = 'p, role:a, *, /docs/:id, GET, allow'
const P = 'p, sub, dom, obj, act, eft'

describe('a rule', () => {
  test('is read with its file, line and the column of each field', () => {
    const { rules, problems } = read(`# first\n\n${good}\n  g,user:ann ,role:a,\torg:acme\n`)
    expect(problems).toEqual([])
    expect(rules).toEqual([
      {
        ptype: 'p',
        values: ['role:a', '*', '/docs/:id', 'GET', 'allow'],
        source: { kind: 'file', file: 'a.csv', line: 3, columns: [1, 4, 12, 15, 26, 31] },
      },
      {
        ptype: 'g',
        values: ['user:ann', 'role:a', 'org:acme'],
        source: { kind: 'file', file: 'a.csv', line: 4, columns: [3, 5, 15, 23] },
      },
    ])
  })

  test('may be quoted where that changes nothing', () => {
    const { rules, problems } = read('p, "role:a", *, "/docs/:id", GET, "allow"')
    expect(problems).toEqual([])
    expect(rules[0]?.values).toEqual(['role:a', '*', '/docs/:id', 'GET', 'allow'])
  })

  test('may end as Windows ends lines', () => {
    expect(read(`${good}\r\n# comment\r\n\r\n`)).toMatchObject({
      rules: [{ ptype: 'p' }],
      problems: [],
    })
  })

  test('keeps its place in the order of the file', () => {
    const { rules } = read(`${good}\ng, user:a, role:a, *\n${good.replace('GET', 'PUT')}`)
    expect(rules.map(({ ptype, values }) => [ptype, values[3]])).toEqual([
      ['p', 'GET'],
      ['g', undefined],
      ['p', 'PUT'],
    ])
  })
})

describe('H5: nothing is dropped and nothing is changed without a word', () => {
  test.each([
    [
      'an unknown type',
      'q, role:a, *, /a, GET, allow',
      '1: There is no type "q" in the model; possible are "p", "g".',
    ],
    [
      'a type in capitals',
      'P, role:a, *, /a, GET, allow',
      '1: There is no type "P" in the model; did you mean "p"?',
    ],
    [
      'a type of another model',
      'p2, role:a, *, /a, GET, allow',
      '1: There is no type "p2" in the model; did you mean "p"?',
    ],
    [
      'garbage',
      'hello world',
      '1: There is no type "hello world" in the model; possible are "p", "g".',
    ],
    ['a lone comma', ',', '1: There is no type "" in the model; possible are "p", "g".'],
    [
      'a semicolon for a comma',
      'p; role:a; *; /a; GET; deny',
      '1: There is no type "p; role:a; *; /a; GET; deny" in the model; possible are "p", "g".',
    ],
    ['a type alone', 'p', `1: A p rule has 5 values, not 0: ${P}.`],
    [
      'a missing effect, which casbin reads as allow',
      'p, role:a, *, /a, GET',
      `19: The effect is missing: write ${P}, where eft is allow or deny.`,
    ],
    ['a column too few', 'p, role:a, *, /a', `15: A p rule has 5 values, not 3: ${P}.`],
    [
      'a column too many',
      'p, role:a, *, /a, GET, deny, x',
      `30: A p rule has 5 values, not 6: ${P}.`,
    ],
    [
      'a comma at the end',
      'p, role:a, *, /a, GET, deny,',
      `29: A p rule has 5 values, not 6: ${P}.`,
    ],
    [
      'an assignment without a domain',
      'g, user:ann, role:a',
      '14: A g rule has 3 values, not 2: g, member, role, domain.',
    ],
    [
      'an assignment with a column too many',
      'g, user:ann, role:a, *, x',
      '25: A g rule has 3 values, not 4: g, member, role, domain.',
    ],
    ['a blank column', 'p, role:a, , /a, GET, deny', '12: The dom is blank.'],
    ['a blank member', 'g, , role:a, *', '4: The member is blank.'],
    [
      'a mistyped deny',
      'p, role:a, *, /a, GET, Deny',
      '24: "Deny" is not an effect; write allow or deny.',
    ],
    [
      'another word for deny',
      'p, role:a, *, /a, GET, block',
      '24: "block" is not an effect; write allow or deny.',
    ],
    [
      'spaces inside quotes, which casbin takes away',
      'p, " role:a ", *, /a, GET, deny',
      '4: " role:a " would be read as "role:a": write it without quotes, spaces around it and brackets.',
    ],
    [
      'spaces inside the quotes of the effect',
      'p, role:a, *, /a, GET, "deny "',
      '24: "deny " is not an effect; write allow or deny.',
    ],
    [
      'a doubled quote without quotes',
      'p, role:a, *, /a""b, GET, deny',
      '15: "/a""b" would be read as "/a"b": write it without quotes, spaces around it and brackets.',
    ],
    ['an open quote', 'p, "role:a, *, /a, GET, deny', '4: The quote is not closed.'],
    ['an open bracket', 'p, role:a, *, /a(b, GET, deny', '17: The bracket "(" is not closed.'],
    [
      'a bracket that closes nothing',
      'p, role:a, *, /a)b, GET, deny',
      '17: The bracket ")" closes nothing.',
    ],
    [
      'a comma in brackets, which loses its space',
      'p, role:a, *, /a, (GET, POST), deny',
      '19: "(GET, POST)" would be read as "(GET,POST)": write it without quotes, spaces around it and brackets.',
    ],
    [
      'a comment behind a rule, which becomes part of its effect',
      `${good} # why`,
      '37: A comment stands on a line of its own; here it would be part of the value.',
    ],
    ['a byte order mark', `\uFEFF${good}`, '1: The invisible character U+FEFF cannot stand here.'],
    [
      'a NUL',
      'p, role:a\u0000, *, /a, GET, deny',
      '10: The invisible character U+0000 cannot stand here.',
    ],
    [
      'a zero-width space',
      'p, role:\u200Ba, *, /a, GET, deny',
      '9: The invisible character U+200B cannot stand here.',
    ],
    [
      'a line separator',
      'p, role:a, *, /a, GET, deny\u2028p, *, *, /a, GET, allow',
      '28: The invisible character U+2028 cannot stand here.',
    ],
    [
      'a bare carriage return',
      'p, role:a, *, /a, GET, deny\rp',
      '28: The invisible character U+000D cannot stand here.',
    ],
  ])('%s', (_, line, problem) => {
    expect(read(`${line}\n${good}`)).toMatchObject({
      rules: [{ source: { line: 2 } }],
      problems: [`a.csv:1:${problem}`],
    })
  })

  test('every problem of a file is named, each on its line', () => {
    const { problems } = read(`${good}\nx\n\n${good}\ny, a\n`)
    expect(problems.map((problem) => problem.split(': ', 1)[0])).toEqual(['a.csv:2:1', 'a.csv:5:1'])
  })
})

describe('a model of another shape', () => {
  const plain = parseModel(
    '[request_definition]\nr = sub, act\n[policy_definition]\np = sub, act\np2 = sub\n[role_definition]\ng = _, _\n[policy_effect]\ne = some(where (p.eft == allow))\n[matchers]\nm = g(r.sub, p.sub) && r.act == p.act',
    'plain.conf',
  )

  test('without an effect column needs none', () => {
    const { rules, problems } = parseRules('p, ann, read\ng, ann, admins\np2, ann', 'a.csv', plain)
    expect(problems).toEqual([])
    expect(rules.map(({ ptype }) => ptype)).toEqual(['p', 'g', 'p2'])
  })

  test('still has its number of columns', () => {
    const { problems } = parseRules('g, ann, admins, acme', 'a.csv', plain)
    expect(problems.map(describeProblem)).toEqual([
      'a.csv:1:17: A g rule has 2 values, not 3: g, member, role.',
    ])
  })
})

describe('for any text', () => {
  const character = fc.constantFrom(...'pg,,,  "()#\\:/*ab\tq', '\u00e4', '\u{1F600}')
  const line = fc.string({ unit: character, maxLength: 40 })

  test('a line is a rule, a comment, blank or a problem', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const { rules, problems } = parseRules(lines.join('\n'), 'a.csv', model)
        const written = lines.filter((text) => text.trim() !== '' && !text.trim().startsWith('#'))
        expect(rules.length + problems.length).toBe(written.length)
      }),
      { numRuns: 1_000 },
    )
  })

  test('a rule is read back as it was written', () => {
    const value = fc.stringMatching(/^[a-z*/:][a-z0-9/:.-]{0,12}$/)
    fc.assert(
      fc.property(value, value, value, value, (...values) => {
        const { rules } = parseRules(`p, ${values.join(' ,')}, deny`, 'a.csv', model)
        expect(rules[0]?.values).toEqual([...values, 'deny'])
      }),
    )
  })
})

test('a line in which only commas mean something is read as casbin reads it', () => {
  const letter = fc.constantFrom(...'azAZ09:*/._-')
  const field = fc.string({ unit: letter, minLength: 1, maxLength: 12 })
  const fields = fc.array(field, { minLength: 4, maxLength: 4 })
  const gap = fc.constantFrom(',', ', ')
  fc.assert(
    fc.property(fields, gap, (four, comma) => {
      const values = [...four, 'allow']
      const line = ['p', ...values].join(comma)
      const row = readPolicyLine(line, newCasbinModel(model.text))
      expect(row?.values).toEqual(values)
      expect(read(line).rules[0]?.values).toEqual(values)
    }),
    { numRuns: 500 },
  )
})
