import { describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { finish } from '../../src/lib/turns.ts'
import { Candidates } from '../../src/policy/candidates.ts'
import { buildEngine } from '../../src/policy/engine.ts'
import { parseModel } from '../../src/policy/model/model.ts'
import type { Plan } from '../../src/policy/plan.ts'
import { RoleLinks } from '../../src/policy/role-links.ts'
import type { Rule } from '../../src/policy/rule.ts'
import { RuleIndex } from '../../src/policy/rule-index.ts'
import { RuleList } from '../../src/policy/rule-list.ts'

const allowAndDeny = 'some(where (p.eft == allow)) && !some(where (p.eft == deny))'

function ruleOf(line: string): Rule {
  const [ptype = '', ...values] = line.split(', ')
  return { ptype, values, source: { kind: 'built-in' } }
}

/** An engine that is compiled, for a matcher over `sub, dom, obj, act`. */
async function compiled(matcher: string, lines: readonly string[], effect = allowAndDeny) {
  const text = [
    ...['[request_definition]', 'r = sub, dom, obj, act'],
    ...['[policy_definition]', 'p = sub, dom, obj, act, eft'],
    ...['[role_definition]', 'g = _, _, _', 'g2 = _, _'],
    ...['[policy_effect]', `e = ${effect}`, '[matchers]', `m = ${matcher}`],
  ].join('\n')
  const rules = lines.map(ruleOf)
  const engine = await buildEngine(parseModel(text, 'm.conf'), rules)
  expect(engine.interpreted).toBeUndefined()
  return { rules, ask: (...request: readonly unknown[]) => engine.evaluate(request) }
}

describe('what is remembered for one request is never told to another', () => {
  test('I10: of another domain, where only g looks at it', async () => {
    const { ask } = await compiled('g(r.sub, p.sub, r.dom)', [
      'p, all, x, x, x, allow',
      'g, ann, all, d1',
    ])
    expect(ask('ann', 'd1', '/a', 'GET').allow).toBe(true)
    expect(ask('ann', 'd2', '/a', 'GET').allow).toBe(false)
    expect(ask('ann', 'd1', '/a', 'GET').allow).toBe(true)
  })

  test('whose fields run into each other', async () => {
    const { ask } = await compiled(
      'r.sub == p.sub && keyMatch(r.obj, p.obj) && regexMatch(r.act, p.act)',
      ['p, ann, x, /a*, GET, allow'],
    )
    expect(ask('ann', 'd', '/aG', 'ET').allow).toBe(false)
    expect(ask('ann', 'd', '/a', 'GET').allow).toBe(true)
    expect(ask('ann', 'd', '/a1', ':x').allow).toBe(false)
  })

  test('with other attributes', async () => {
    const { ask } = await compiled('r.obj == p.obj && r.sub.age > 18', ['p, x, x, /a, x, allow'])
    expect(ask({ age: 20 }, 'd', '/a', 'GET').allow).toBe(true)
    expect(ask({ age: 3 }, 'd', '/a', 'GET').allow).toBe(false)
    const changing = { age: 3 }
    expect(ask(changing, 'd', '/a', 'GET').allow).toBe(false)
    changing.age = 30
    expect(ask(changing, 'd', '/a', 'GET').allow).toBe(true)
  })

  test('whose unread fields differ is the same answer', async () => {
    const { ask } = await compiled('r.sub == p.sub', ['p, ann, x, x, x, allow'])
    expect(ask('ann', 'd', '/a', 'GET')).toBe(ask('ann', 'e', '/b', { any: 'thing' }))
  })
})

describe('errors are those of casbin', () => {
  const address = 'ipMatch(r.act, p.act)'

  test('a rule that a key passes over throws nothing', async () => {
    const { ask } = await compiled(`r.sub == p.sub && ${address}`, [
      'p, ben, x, x, 10.0.0.0/8, allow',
      'p, ann, x, x, 10.0.0.0/8, allow',
    ])
    expect(ask('eve', 'd', '/a', 'no address').allow).toBe(false)
    expect(() => ask('ann', 'd', '/a', 'no address')).toThrow('not an IP address')
  })

  test('a clause that throws is not passed over for a key behind it', async () => {
    const { ask } = await compiled(`${address} && r.sub == p.sub`, [
      'p, ben, x, x, 10.0.0.0/8, allow',
    ])
    expect(() => ask('eve', 'd', '/a', 'no address')).toThrow('not an IP address')
  })

  test('behind the rule that settles it nothing is asked', async () => {
    const lines = ['p, ann, x, /a, 10.0.0.0/8, deny', 'p, ann, x, /b, 10.0.0.0/8, allow']
    const { ask, rules } = await compiled(`r.sub == p.sub && (r.obj == p.obj || ${address})`, lines)
    expect(ask('ann', 'd', '/a', 'no address')).toEqual({ allow: false, rule: rules[0] })
    expect(() => ask('ann', 'd', '/c', 'no address')).toThrow('not an IP address')
  })

  test('a domain that is missing throws, as the text of nothing does', async () => {
    const { ask } = await compiled('g(r.sub, p.sub, r.obj.where)', ['p, ann, x, x, x, allow'])
    expect(ask('ann', 'd', { where: 'd1' }, 'x').allow).toBe(true)
    expect(() => ask('ann', 'd', {}, 'x')).toThrow('The domain of g is missing.')
    expect(() => ask('ann', 'd', { where: null }, 'x')).toThrow('The domain of g is missing.')
  })

  test('an object that cannot be compared throws, wherever it is compared', async () => {
    const { ask } = await compiled('r.obj == p.obj && r.sub == p.sub', ['p, ann, x, /a, x, allow'])
    const hostile = { toString: 1, valueOf: 1 }
    expect(ask(hostile, 'd', '/b', 'x').allow).toBe(false)
    expect(() => ask(hostile, 'd', '/a', 'x')).toThrow(TypeError)
  })
})

describe('values that are no text', () => {
  test.each([
    ['a number equals its text, as "==" has it', 'r.sub == p.sub', 7, true],
    ['but not as "===" has it', 'r.sub === p.sub', 7, false],
    ['a list of one equals it', 'r.sub == p.sub', ['7'], true],
    ['a list holds only what is the same', '(p.sub in [ r.sub,"*"])', 7, false],
    ['a role function reads its text', 'g(r.sub, p.sub, r.dom)', 7, true],
    ['a path function reads its text', 'keyMatch(r.sub, p.sub)', 7, true],
  ])('%s', async (_, matcher, sub, allow) => {
    const { ask } = await compiled(matcher, ['p, 7, x, x, x, allow'])
    expect(ask(sub, 'd', '/a', 'GET').allow).toBe(allow)
  })
})

describe('a matcher that does not look at the policy', () => {
  test.each([
    [allowAndDeny, true, false],
    ['some(where (p.eft == allow))', true, false],
    ['!some(where (p.eft == deny))', true, true],
    ['priority(p.eft) || deny', true, false],
  ])('%s needs no rules and names none', async (effect, yes, no) => {
    for (const rules of [[], ['p, x, x, x, x, deny']]) {
      const { ask } = await compiled('r.sub == r.obj.owner', rules, effect)
      expect(ask('ann', 'd', { owner: 'ann' }, 'GET')).toEqual({ allow: yes, rule: undefined })
      expect(ask('ann', 'd', { owner: 'ben' }, 'GET')).toEqual({ allow: no, rule: undefined })
    }
  })
})

describe('memory is bounded', () => {
  const key = { rule: 0, wildcards: ['*'], terms: [{ kind: 'equal' as const, request: 0 }] }
  const plan: Plan = { keys: [key], path: undefined, rest: [] }
  const candidates = (rows: readonly string[][]) => {
    const source = { kind: 'built-in' } as const
    const rules = RuleList.of(rows.map((values) => ({ ptype: 'p', values, source })))
    const index = finish(
      RuleIndex.build(plan, rules, () => {
        throw new Error('There is no pattern.')
      }),
    )
    return new Candidates<number>({ indexes: [index], rules, roles: new Map() })
  }
  const strangers = (count: number) => Array.from({ length: count }, (_, at) => `user:${at}`)

  test('of principals', () => {
    const source = candidates([['ann']])
    const entry = source.entryFor(['ann'])
    for (const name of strangers(limits.tablesCached - 1)) source.entryFor([name])
    expect(source.entryFor(['ann'])).toBe(entry)
    source.entryFor(['one more'])
    expect(source.entryFor(['ann'])).not.toBe(entry)
  })

  test('of answers', () => {
    const source = candidates([['ann']])
    const entry = source.entryFor(['ann'])
    for (let at = 0; at <= limits.answersCached; at += 1) source.remember(entry, `/${at}`, at)
    expect(source.entryFor(['ann'])).not.toBe(entry)
  })

  test('of roles that members hold, and a stranger pushes nobody out', () => {
    // Each is remembered with the one role that it holds.
    const members = strangers(limits.rolesRemembered / 2)
    const assignments = [...members, 'ann'].map((name) => ruleOf(`g, ${name}, all, d`))
    const links = finish(RoleLinks.read(assignments, 'g', 3))
    const held = links.held('ann', 'd')
    expect([...held]).toEqual(['ann', 'all'])
    for (let at = 0; at < members.length; at += 1) links.held(`stranger:${at}`, 'd')
    expect(links.held('ann', 'd')).toBe(held)
    for (const name of members) links.held(name, 'd')
    expect(links.held('ann', 'd')).not.toBe(held)
    expect(links.held('ann', 'd')).toEqual(held)
  })
})
