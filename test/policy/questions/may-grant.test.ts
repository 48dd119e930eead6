/** Nobody grants what they do not hold (A6 111, I11). */
import { describe, expect, test } from 'vitest'
import { finish } from '../../../src/lib/turns.ts'
import { parsePolicyFiles } from '../../../src/policy/files/files.ts'
import { parseModel } from '../../../src/policy/model/model.ts'
import type { GrantScope } from '../../../src/policy/questions/grant-bounds.ts'
import { findExcess } from '../../../src/policy/questions/may-grant.ts'
import { buildSnapshot, type Snapshot } from '../../../src/policy/snapshot.ts'
import { appsText, inert, modelText, ruleOf, snapshotOf } from '../support.ts'

const rule = (who: string, what: string, effect = 'allow') => {
  const [method = '', object = ''] = what.split(' ')
  return `p, ${who}, org:acme, ${object}, ${method}, ${effect}`
}
const link = (member: string, group: string) => `g, ${member}, ${group}, org:acme`

interface Case {
  readonly guardrails?: string[]
  /** Rules on both sides, on the first alone, on the second alone. */
  readonly stays?: string[]
  readonly goes?: string[]
  readonly comes?: string[]
  readonly within?: GrantScope[]
}

/** What is too much when `user:ann` makes the change: `user:bob GET /docs/* as in /docs/x`. */
async function check({ guardrails = [], stays = [], goes = [], comes = [], within }: Case) {
  const before = await snapshotOf({ guardrails, rules: [...stays, ...goes] })
  const after = await snapshotOf({ guardrails, rules: [...stays, ...comes] })
  return tell(before, after, 'user:ann', within)
}

function tell(before: Snapshot, after: Snapshot, actor: string, within?: GrantScope[]): string {
  const found = finish(findExcess(before, after, actor, within))
  if (found.kind !== 'excess') return found.kind
  const { who, method, object, path } = found.excess
  return `${who} ${method} ${object} as in ${path}`
}

const annReads = rule('user:ann', 'GET /docs/*')
const annOwns = link('user:ann', 'role:owner')
const annAdministers = link('user:ann', 'role:admin')

describe('may be given', () => {
  test.each<[string, Case]>([
    ['what one holds', { stays: [annReads], comes: [rule('user:bob', 'GET /docs/a')] }],
    [
      'a role that one has',
      {
        stays: [link('user:ann', 'role:r'), rule('role:r', '* /docs/a/*')],
        comes: [link('user:bob', 'role:r')],
      },
    ],
    [
      'what one holds in pieces',
      {
        stays: ['', ':x', ':x/*'].map((last) => rule('user:ann', `GET /docs/${last}`)),
        comes: [rule('user:bob', 'GET /docs/*')],
      },
    ],
    [
      'a pattern of which a deny takes off what one does not hold',
      {
        stays: [
          annReads,
          rule('user:ann', 'GET /docs/a', 'deny'),
          rule('*', 'GET /docs/a', 'deny'),
        ],
        comes: [rule('user:bob', 'GET /docs/*')],
      },
    ],
    [
      'what they hold already',
      {
        stays: [rule('user:bob', 'GET /docs/:x')],
        comes: [rule('user:bob', 'GET /docs/a')],
      },
    ],
    ['a rule that takes away', { comes: [rule('user:bob', 'GET /docs/a', 'deny')] }],
    ['nothing, by anybody', { stays: [annReads, link('user:bob', 'role:r')] }],
    [
      'the same in another spelling',
      {
        stays: [rule('user:bob', 'GET /docs/b/:x')],
        goes: [rule('user:bob', 'GET /docs/:x')],
        comes: [rule('user:bob', 'GET /docs/:y')],
      },
    ],
    ['anything, by an owner', { stays: [annOwns], comes: [rule('*', '* /docs/*')] }],
    [
      'anything, by an owner through a team',
      {
        stays: [link('user:ann', 'team:t'), link('team:t', 'role:owner')],
        comes: [link('user:bob', 'role:owner')],
      },
    ],
    [
      'what their organisation denies an owner, who may remove it',
      {
        stays: [annOwns, rule('user:bob', '* /docs/*')],
        goes: [rule('*', '* /docs/a', 'deny')],
        within: [{ object: '/docs/*', method: '*' }],
      },
    ],
    [
      'the management of what one manages',
      { stays: [annAdministers], comes: [link('user:bob', 'role:viewer')] },
    ],
    [
      'within the scopes of a key together',
      {
        stays: [annReads],
        comes: [rule('user:bob', 'GET /docs/:x')],
        within: [
          { object: '/docs/:x', method: 'GET' },
          { object: '/docs/a/*', method: '*' },
        ],
      },
    ],
  ])('%s', async (_, of) => {
    expect(await check(of)).toBe('none')
  })
})

describe('may not be given', () => {
  test.each<[string, Case, string]>([
    [
      'what nobody gave them',
      { stays: [annReads], comes: [rule('user:bob', 'POST /docs/a')] },
      'user:bob POST /docs/a as in /docs/a',
    ],
    [
      'more than a pattern',
      { stays: [rule('user:ann', 'GET /docs/:x')], comes: [rule('user:bob', 'GET /docs/*')] },
      'user:bob GET /docs/* as in /docs/',
    ],
    [
      'what is denied them',
      {
        stays: [annReads, rule('user:ann', 'GET /docs/a', 'deny')],
        comes: [rule('user:bob', 'GET /docs/*')],
      },
      'user:bob GET /docs/* as in /docs/a',
    ],
    [
      'to themselves',
      { stays: [annReads], comes: [rule('user:ann', 'PUT /docs/a')] },
      'user:ann PUT /docs/a as in /docs/a',
    ],
    [
      'a role above their own',
      { stays: [annAdministers], comes: [link('user:bob', 'role:owner')] },
      'user:bob * /* as in /',
    ],
    [
      'ownership by somebody who holds as much but cannot lift what is denied',
      {
        guardrails: ['p, user:ann, *, /*, *, allow'],
        stays: [rule('*', '* /docs/a', 'deny')],
        comes: [link('user:bob', 'role:owner')],
      },
      'user:bob * /* as in /',
    ],
    [
      'a team that holds one',
      {
        stays: [annAdministers, link('team:t', 'role:owner')],
        comes: [link('user:bob', 'team:t')],
      },
      'user:bob * /* as in /',
    ],
    [
      'the management, by somebody who uses the application',
      { stays: [annReads], comes: [link('user:bob', 'role:viewer')] },
      'user:bob GET /gatehouse/* as in /gatehouse/x',
    ],
    [
      'to a role that nobody has',
      { stays: [annReads], comes: [rule('role:r', 'POST /docs/a')] },
      'role:r POST /docs/a as in /docs/a',
    ],
    [
      'a role to a team without members',
      { stays: [rule('role:r', 'POST /docs/a')], comes: [link('team:t', 'role:r')] },
      'team:t POST /docs/a as in /docs/a',
    ],
    [
      'a role to a role',
      {
        stays: [rule('role:r', 'POST /docs/a'), link('user:bob', 'role:q')],
        comes: [link('role:q', 'role:r')],
      },
      'role:q POST /docs/a as in /docs/a',
    ],
    [
      'to whoever is not named',
      { comes: [rule('*', 'GET /docs/a')] },
      'anybody else GET /docs/a as in /docs/a',
    ],
    [
      'to callers without a credential',
      { comes: [rule('anonymous', 'GET /docs/a')] },
      'anonymous GET /docs/a as in /docs/a',
    ],
    [
      'what a deny held back that goes',
      {
        stays: [rule('user:bob', 'GET /docs/*')],
        goes: [rule('user:bob', 'GET /docs/a', 'deny')],
      },
      'user:bob GET /docs/a as in /docs/a',
    ],
    [
      'what a deny of their own held back',
      { stays: [annReads], goes: [rule('user:ann', 'GET /docs/a', 'deny')] },
      'user:ann GET /docs/a as in /docs/a',
    ],
    [
      'what a team held back that one leaves',
      {
        stays: [rule('user:bob', 'GET /docs/*'), rule('team:t', 'GET /docs/a', 'deny')],
        goes: [link('user:bob', 'team:t')],
      },
      'user:bob GET /docs/a as in /docs/a',
    ],
    [
      'every method, for each of today',
      {
        stays: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) =>
          rule('user:ann', `${method} /docs/a`),
        ),
        comes: [rule('user:bob', '* /docs/a')],
      },
      'user:bob * /docs/a as in /docs/a',
    ],
    [
      'what a guardrail denies an owner alone',
      {
        guardrails: ['p, role:owner, *, /docs/a, *, deny'],
        stays: [annOwns],
        comes: [rule('user:bob', 'GET /docs/*')],
      },
      'user:bob GET /docs/* as in /docs/a',
    ],
    [
      'what a guardrail denies a role that an owner has and gives back',
      {
        guardrails: ['p, role:r, *, /docs/a, GET, deny'],
        stays: [annOwns],
        goes: [link('user:ann', 'role:r')],
      },
      'user:ann GET /docs/a as in /docs/a',
    ],
    [
      'what lies outside the scopes of a key, by an owner',
      {
        stays: [annOwns],
        comes: [rule('user:bob', 'GET /docs/*')],
        within: [
          { object: '/docs/:x', method: 'GET' },
          { object: '/docs/*', method: 'POST' },
        ],
      },
      'user:bob GET /docs/* as in /docs/',
    ],
    [
      'anything by a key without scopes',
      { stays: [annOwns], comes: [rule('user:bob', 'GET /docs/a')], within: [] },
      'user:bob GET /docs/a as in /docs/a',
    ],
    [
      'every method by a key of one',
      {
        stays: [annOwns],
        comes: [rule('user:bob', '* /docs/a')],
        within: [{ object: '/docs/*', method: 'GET' }],
      },
      'user:bob POST /docs/a as in /docs/a',
    ],
  ])('%s', async (_, of, expected) => {
    expect(await check(of)).toBe(expected)
  })
})

describe('actions of resources', () => {
  const files = parsePolicyFiles({
    model: { name: 'model.conf', text: modelText },
    files: new Map([
      ['apps.yaml', `${appsText}    resources: [{ type: document, actions: [can_share] }]\n`],
      ['rules.csv', inert],
    ]),
  })
  const of = (...lines: string[]) => {
    const rules = lines.map((line) => ruleOf(line))
    return buildSnapshot({ files, organisation: 'acme', revision: 1, rules })
  }
  const object = '/docs/document/:id'
  const share = (who: string) => rule(who, `can_share ${object}`)
  const gives = async (has: string, gets: string) =>
    tell(await of(has), await of(has, gets), 'user:ann')

  test('are given by who holds them or every method, and by nobody else', async () => {
    expect(await gives(share('user:ann'), share('user:bob'))).toBe('none')
    expect(await gives(rule('user:ann', `* ${object}`), share('user:bob'))).toBe('none')
    const found = await gives(rule('user:ann', `GET ${object}`), share('user:bob'))
    expect(found).toBe('user:bob can_share /docs/document/:id as in /docs/document/x')
  })

  test('are not given by a rule for every method from somebody to whom one is denied', async () => {
    const has = [rule('user:ann', `* ${object}`), `${share('user:ann').replace('allow', 'deny')}`]
    const found = tell(
      await of(...has),
      await of(...has, rule('user:bob', `* ${object}`)),
      'user:ann',
    )
    expect(found).toBe('user:bob can_share /docs/document/:id as in /docs/document/x')
  })
})

describe('is not told', () => {
  const change = async (...rules: string[]) => {
    const before = await snapshotOf({ rules })
    const after = await snapshotOf({ rules: [...rules, rule('user:bob', 'GET /docs/a')] })
    return [before, after] as const
  }

  test.each(['role:owner', 'team:t', 'anonymous', '*'])(
    'where %s is said to give',
    async (actor) => {
      const [before, after] = await change(annOwns, link('team:t', 'role:owner'))
      expect(finish(findExcess(before, after, actor)).kind).toBe('unsupported')
    },
  )

  test('by another model, but for an owner whom no guardrail stops', async () => {
    const model = parseModel(modelText.replace('keyMatch2(r.obj, p.obj)', 'r.obj == p.obj'), 'm')
    const kindFor = async (of: Parameters<typeof snapshotOf>[0], actor: string) => {
      const before = { ...(await snapshotOf(of)), model }
      return finish(findExcess(before, before, actor)).kind
    }
    const rules = [annOwns, annReads]
    expect(await kindFor({ rules }, 'user:bob')).toBe('unsupported')
    expect(await kindFor({ rules }, 'user:ann')).toBe('none')
    const guardrails = ['p, user:ann, *, /docs/a, GET, deny']
    expect(await kindFor({ rules, guardrails }, 'user:ann')).toBe('unsupported')
  })

  test('where rules hold under conditions', async () => {
    const model = modelText
      .replace('r = sub, dom, obj, act', 'r = sub, dom, obj, act, who, res')
      .replace('p = sub, dom, obj, act, eft', 'p = sub, dom, obj, act, eft, when')
      .replace(
        '(p.act == "*"',
        '(p.when == "always" || p.when == "mine" && r.res.owner == r.sub) && (p.act == "*"',
      )
    const guardrails = ['p, user:ann, *, /docs/*, GET, allow, mine']
    const before = await snapshotOf({ model, guardrails })
    const after = await snapshotOf({ model, guardrails, rules: [rule('user:bob', 'GET /docs/a')] })
    expect(finish(findExcess(before, after, 'user:ann')).kind).toBe('unsupported')
  })

  test('after too many steps', async () => {
    const [before, after] = await change(annReads)
    expect(finish(findExcess(before, after, 'user:ann', undefined, 3)).kind).toBe('unsupported')
  })

  test('by patterns too entangled to be taken apart', async () => {
    const any = (count: number) => '/:x'.repeat(count)
    const has = rule('user:ann', `GET /docs/*/a${any(130)}/a${any(20)}`)
    const before = await snapshotOf({ rules: [has] })
    const gets = rule('user:bob', `GET /docs/*/a/*/a/*/a/*/a${any(100)}`)
    const after = await snapshotOf({ rules: [has, gets] })
    const found = finish(findExcess(before, after, 'user:ann'))
    expect(found).toMatchObject({ because: expect.stringContaining('compare patterns such as') })
  })
})
