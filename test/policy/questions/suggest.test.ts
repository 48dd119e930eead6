import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { finish } from '../../../src/lib/turns.ts'
import type { Application } from '../../../src/policy/applications.ts'
import { builtInRoles } from '../../../src/policy/built-in.ts'
import { type DecisionRequest, decide } from '../../../src/policy/decide.ts'
import type { Change } from '../../../src/policy/questions/rehearsal.ts'
import { suggest as suggesting } from '../../../src/policy/questions/suggest.ts'
import { filesWith, inert, snapshotOf, type World } from '../support.ts'
import { buildWorld, requests, type SmallWorld, smallWorld } from './permission-worlds.ts'

const suggest = (...asked: Parameters<typeof suggesting>) => finish(suggesting(...asked))

const lineOf = ({ ptype, values }: Change) => [ptype, ...values].join(', ')

function requestOf(text: string): DecisionRequest {
  const [sub = '', act = '', obj = ''] = text.split(' ')
  return { sub, dom: 'org:acme', obj, act }
}

async function advise(world: World, text: string, applications?: readonly Application[]) {
  return suggest(await snapshotOf(world), requestOf(text), applications)
}

async function linesFor(world: World, text: string): Promise<string[]> {
  return (await advise(world, text)).changes.map(lineOf)
}

/** Every request of a small world that a change was found for, with the change. */
async function proposals(world: SmallWorld): Promise<[DecisionRequest, Change][]> {
  const snapshot = await buildWorld(world)
  return [...requests()].flatMap((request) =>
    suggest(snapshot, request).changes.map((change): [DecisionRequest, Change] => [
      request,
      change,
    ]),
  )
}

describe('over worlds at random', () => {
  test('every change, applied, allows the request', async () => {
    const pick = fc.nat()
    await fc.assert(
      fc.asyncProperty(smallWorld, pick, async (world, seed) => {
        const found = await proposals(world)
        if (found.length === 0) return
        for (const at of [seed, seed + 7, seed + 31]) {
          const [request, change] = found[at % found.length] ?? []
          if (request === undefined || change === undefined) return
          const rules = [...world.rules, lineOf(change)]
          expect(decide(await buildWorld({ ...world, rules }), request).allow).toBe(true)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('where none is found, no single role, team or rule would do', async () => {
    const groups = ['team:t', 'team:u', 'role:r', 'role:q', ...Object.keys(builtInRoles)]
    await fc.assert(
      fc.asyncProperty(smallWorld, fc.nat(), async (world, seed) => {
        const snapshot = await buildWorld(world)
        const stuck = [...requests()].filter(
          (request) =>
            !decide(snapshot, request).allow && suggest(snapshot, request).changes.length === 0,
        )
        const request = stuck[seed % stuck.length]
        if (request === undefined) return
        const { sub, obj, act } = request
        const tries = [
          `p, ${sub}, org:acme, ${obj}, ${act}, allow`,
          ...(sub === 'anonymous' ? [] : groups.map((group) => `g, ${sub}, ${group}, org:acme`)),
        ]
        for (const line of tries.filter((one) => !world.rules.includes(one))) {
          const after = await buildWorld({ ...world, rules: [...world.rules, line] })
          expect(decide(after, request).allow).toBe(false)
        }
      }),
      { numRuns: 15 },
    )
  })

  test('nothing is proposed for what is allowed or what a deny forbids', async () => {
    await fc.assert(
      fc.asyncProperty(smallWorld, async (world) => {
        const snapshot = await buildWorld(world)
        for (const request of requests()) {
          if (decide(snapshot, request).reason === 'denied_by_default') continue
          expect(suggest(snapshot, request).changes).toEqual([])
        }
      }),
      { numRuns: 15 },
    )
  })
})

describe('the smallest', () => {
  const roles = [
    'p, role:all, org:acme, /docs/*, *, allow',
    'p, role:reader, org:acme, /docs/*, GET, allow',
    'p, role:one, org:acme, /docs/documents/:id, GET, allow',
    'p, team:readers, org:acme, /docs/documents/:id, GET, allow',
  ]

  test('role or team is the one that gives least', async () => {
    expect(await linesFor({ rules: roles }, 'user:ann GET /docs/documents/7')).toEqual([
      'g, user:ann, role:one, org:acme',
      'g, user:ann, team:readers, org:acme',
      'p, user:ann, org:acme, /docs/documents/7, GET, allow',
    ])
  })

  test('is found whatever the order of the rules', async () => {
    const lines = await linesFor({ rules: roles.toReversed() }, 'user:ann GET /docs/documents/7')
    expect(lines[0]).toBe('g, user:ann, role:one, org:acme')
  })

  test('is a team where it gives less than any role', async () => {
    const rules = [...roles.slice(0, 2), 'p, team:desk, org:acme, /docs/desk, GET, allow']
    expect(await linesFor({ rules }, 'user:ann GET /docs/desk')).toEqual([
      'g, user:ann, team:desk, org:acme',
      'g, user:ann, role:reader, org:acme',
      'p, user:ann, org:acme, /docs/desk, GET, allow',
    ])
  })

  test('does not count what is held already', async () => {
    const rules = [
      'p, role:wide, org:acme, /docs/a/*, *, allow',
      'g, role:next, role:wide, org:acme',
      'p, role:next, org:acme, /docs/b, GET, allow',
      'p, role:other, org:acme, /docs/:any, GET, allow',
      'g, user:ann, role:wide, org:acme',
    ]
    expect((await linesFor({ rules }, 'user:ann GET /docs/b'))[0]).toContain('role:next')
    expect((await linesFor({ rules }, 'user:ben GET /docs/b'))[0]).toContain('role:other')
  })

  test('lies within another even where it has more rules', async () => {
    const many = Array.from({ length: 150 }, (_, at) => {
      return `p, role:many, org:acme, /docs/a/b${at}, GET, allow`
    })
    const rules = ['p, role:few, org:acme, /docs/a/:id, GET, allow', ...many]
    expect((await linesFor({ rules }, 'user:ann GET /docs/a/b7'))[0]).toContain('role:many')
  })

  test('is never a built-in role where a rule does', async () => {
    const lines = await linesFor({}, 'user:ann GET /docs/a')
    expect(lines).toEqual(['p, user:ann, org:acme, /docs/a, GET, allow'])
  })

  test.each([
    ['GET', '/gatehouse/members', 'role:viewer'],
    ['POST', '/gatehouse/members', 'role:admin'],
    ['GET', '/gatehouse/me', 'role:member'],
    ['PUT', '/gatehouse/billing/card', 'role:billing'],
  ])('built-in role is the smallest one, for %s %s', async (act, obj, role) => {
    expect(await linesFor({}, `user:ann ${act} ${obj}`)).toEqual([`g, user:ann, ${role}, org:acme`])
  })

  test('is no team that holds a built-in role, where a rule does', async () => {
    const rules = [
      'g, team:admins, role:owner, org:acme',
      'p, team:admins, org:acme, /docs/a, GET, allow',
    ]
    expect(await linesFor({ rules }, 'user:ann GET /docs/a')).toEqual([
      'p, user:ann, org:acme, /docs/a, GET, allow',
    ])
  })

  test('is no role of the files that reaches the management, where a rule does', async () => {
    const guardrails = ['p, role:wide, *, /:application/a, GET, allow']
    expect(await linesFor({ guardrails }, 'user:ann GET /docs/a')).toEqual([
      'p, user:ann, org:acme, /docs/a, GET, allow',
    ])
  })
})

describe('a deny', () => {
  const rules = ['p, role:reader, org:acme, /docs/*, GET, allow']

  test('of a guardrail leaves nothing to propose, for roles and rules alike', async () => {
    const guardrails = ['p, *, *, /docs/archive/*, *, deny']
    const advice = await advise({ guardrails, rules }, 'user:ann GET /docs/archive/7')
    expect(advice).toEqual({ changes: [], because: 'it is a guardrail, and no grant outweighs it' })
  })

  test('that comes with a role makes it none to propose', async () => {
    const guardrails = ['p, role:reader, *, /docs/secret, GET, deny']
    const lines = await linesFor({ guardrails, rules }, 'user:ann GET /docs/secret')
    expect(lines).toEqual(['p, user:ann, org:acme, /docs/secret, GET, allow'])
  })

  test('that comes with what a role inherits does as well', async () => {
    const guardrails = ['p, role:trainee, *, /docs/a, GET, deny']
    const more = [
      ...rules,
      'g, role:reader, role:trainee, org:acme',
      'p, team:t, org:acme, /docs/:x, *, allow',
    ]
    const lines = await linesFor({ guardrails, rules: more }, 'user:ann GET /docs/a')
    expect(lines[0]).toBe('g, user:ann, team:t, org:acme')
  })
})

describe('a rule is proposed', () => {
  test.each([
    ['/docs/a,b', '/docs/a%2Cb'],
    ["/docs/it's(1)*", '/docs/it%27s%281%29%2A'],
    ['/docs/:id', '/docs/%3Aid'],
    ['/docs/a:b', '/docs/a:b'],
    ['/docs/', '/docs/'],
  ])('for the path %s, spelt %s', async (path, spelt) => {
    const [line = ''] = await linesFor({}, `user:ann PUT ${path}`)
    expect(line).toBe(`p, user:ann, org:acme, ${spelt}, PUT, allow`)
    const after = await snapshotOf({ rules: [line] })
    expect(decide(after, requestOf(`user:ann PUT ${path}`)).allow).toBe(true)
    expect(decide(after, requestOf('user:ann PUT /docs/z')).allow).toBe(false)
  })

  test('for GET where HEAD is asked', async () => {
    expect(await linesFor({}, 'user:ann HEAD /docs/a')).toEqual([
      'p, user:ann, org:acme, /docs/a, GET, allow',
    ])
  })

  test('for anonymous, which is given no role', async () => {
    const rules = ['p, role:reader, org:acme, /docs/*, GET, allow']
    expect(await linesFor({ rules }, 'anonymous GET /docs/a')).toEqual([
      'p, anonymous, org:acme, /docs/a, GET, allow',
    ])
  })

  test.each(['/gatehouse/members', '/docs', '/docs//a', '/docs/%41'])(
    'for no object that a rule of an organisation cannot name: %s',
    async (path) => {
      const lines = await linesFor({}, `user:ann PUT ${path}`)
      expect(lines.filter((line) => line.startsWith('p'))).toEqual([])
    },
  )

  test('for declared applications only, where they are given', async () => {
    const { applications } = filesWith([inert])
    const declared = await advise({}, 'user:ann GET /docs/a', applications)
    expect(declared.changes).toHaveLength(1)
    expect((await advise({}, 'user:ann GET /doks/a', applications)).changes.map(lineOf)).toEqual([
      'g, user:ann, role:owner, org:acme',
    ])
  })
})

test('a team through which roles would be too deep to be published is not proposed', async () => {
  const chain = Array.from({ length: 9 }, (_, at) => `g, role:r${at}, role:r${at + 1}, org:acme`)
  const rules = [
    'p, role:r0, org:acme, /docs/a, GET, allow',
    'g, team:deep, role:r0, org:acme',
    ...chain,
  ]
  const joined = [...rules, 'g, user:ann, team:deep, org:acme']
  await expect(snapshotOf({ rules: joined })).rejects.toThrow('one more')
  const lines = await linesFor({ rules }, 'user:ann GET /docs/a')
  expect(lines).toEqual([
    'g, user:ann, role:r0, org:acme',
    'p, user:ann, org:acme, /docs/a, GET, allow',
  ])
})
