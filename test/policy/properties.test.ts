/** The invariants that the policy alone can hold, over worlds made at random. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Decision, type DecisionRequest, decide } from '../../src/policy/decide.ts'
import { buildSnapshot, type Snapshot } from '../../src/policy/snapshot.ts'
import { filesWith, inert, ruleOf } from './support.ts'

const user = fc.constantFrom('user:a', 'user:b', 'service:s')
const team = fc.constantFrom('team:t', 'team:u')
const role = fc.constantFrom('role:r', 'role:q', 'role:viewer')
const object = fc.constantFrom(
  '/docs/a',
  '/docs/:id',
  '/docs/*',
  '/docs/a/b',
  '/docs/:id/b',
  '/docs/*/b',
)
const method = fc.constantFrom('GET', 'POST', '*')
const effect = fc.constantFrom('allow', 'allow', 'deny')
const subject = fc.oneof(user, team, role, fc.constantFrom('*', 'anonymous'))
const asked = fc.record({
  sub: fc.oneof(user, fc.constantFrom('anonymous', 'user:stranger')),
  obj: fc.constantFrom('/docs/a', '/docs/b', '/docs/a/b', '/docs/', '/gatehouse/members'),
  act: fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE'),
})
type Asked = Omit<DecisionRequest, 'dom'>

/** Rules of an organisation, each once: no circle is possible between these kinds. */
const permission = (domain: string) =>
  fc
    .tuple(subject, object, method, effect)
    .map(([sub, obj, act, eft]) => `p, ${sub}, ${domain}, ${obj}, ${act}, ${eft}`)
const membership = (domain: string) =>
  fc
    .oneof(fc.tuple(user, team), fc.tuple(user, role), fc.tuple(team, role))
    .map(([member, group]) => `g, ${member}, ${group}, ${domain}`)
const rulesIn = (domain: string) =>
  fc.uniqueArray(
    fc.oneof(
      { weight: 3, arbitrary: permission(domain) },
      { weight: 2, arbitrary: membership(domain) },
    ),
    { maxLength: 14 },
  )

async function build(
  own: readonly string[],
  guardrails: readonly string[] = [],
  organisation = 'acme',
) {
  const files = filesWith([inert, ...guardrails])
  return buildSnapshot({ files, organisation, revision: 1, rules: own.map((line) => ruleOf(line)) })
}

const decideIn = (snapshot: Snapshot, request: Asked): Decision =>
  decide(snapshot, { ...request, dom: `org:${snapshot.organisation}` })

describe('I3: what nothing allows is denied', () => {
  test('an allow always names a rule that allows, is for the subject and for the method', async () => {
    await fc.assert(
      fc.asyncProperty(rulesIn('org:acme'), asked, async (own, request) => {
        const snapshot = await build(own)
        const { allow, rule } = decideIn(snapshot, request)
        if (!allow) return
        const held = ['*', request.sub, ...snapshot.rolesOf(request.sub)]
        expect(held).toContain(rule?.values[0])
        expect(['*', request.act === 'HEAD' ? 'GET' : request.act]).toContain(rule?.values[3])
        expect(rule?.values[4]).toBe('allow')
      }),
      { numRuns: 100 },
    )
  })

  test('without an allow in the organisation nobody may do anything with its applications', async () => {
    await fc.assert(
      fc.asyncProperty(rulesIn('org:acme'), asked, async (own, request) => {
        const snapshot = await build(own.filter((line) => !line.endsWith('allow')))
        if (request.obj.startsWith('/docs')) expect(decideIn(snapshot, request).allow).toBe(false)
      }),
      { numRuns: 80 },
    )
  })

  test('any request at all is answered, and one that is out of form is denied', async () => {
    const snapshot = await build(['p, *, org:acme, /docs/*, *, allow'])
    const anything = fc.oneof(fc.string(), fc.constant(''), fc.anything())
    fc.assert(
      fc.property(fc.tuple(anything, anything, anything, anything), ([sub, dom, obj, act]) => {
        const request: DecisionRequest = Object.assign(
          { sub: '', dom: '', obj: '', act: '' },
          { sub, dom, obj, act },
        )
        expect(decide(snapshot, request).allow).toBe(false)
      }),
      { numRuns: 1_000 },
    )
  })

  test('a fault anywhere in the engine is a deny', async () => {
    const snapshot = await build(['p, *, org:acme, /docs/*, *, allow'])
    const faults = fc.oneof(
      fc.constant(() => {
        throw new Error('fault')
      }),
      fc.anything().map((answer) => () => JSON.parse(JSON.stringify(answer) ?? 'null')),
    )
    fc.assert(
      fc.property(faults, asked, (evaluate, request) => {
        const faulty: Snapshot = {
          ...snapshot,
          engine: { ...snapshot.engine, evaluate },
        }
        const { allow, rule } = decideIn(faulty, request)
        expect(allow && rule === undefined).toBe(false)
      }),
    )
  })
})

describe('I4: a deny beats an allow', () => {
  test('whatever the order of the rules', async () => {
    const shuffled = rulesIn('org:acme').chain((own) =>
      fc.tuple(
        fc.constant(own),
        fc.shuffledSubarray(own, { minLength: own.length, maxLength: own.length }),
      ),
    )
    await fc.assert(
      fc.asyncProperty(shuffled, asked, async ([own, other], request) => {
        const first = decideIn(await build(own), request)
        const second = decideIn(await build(other), request)
        expect(second.allow).toBe(first.allow)
        expect(second.reason).toBe(first.reason)
      }),
      { numRuns: 100 },
    )
  })

  test('a further deny allows nothing', async () => {
    const worlds = fc.tuple(rulesIn('org:acme'), permission('org:acme'), asked)
    await fc.assert(
      fc.asyncProperty(worlds, async ([own, line, request]) => {
        const deny = line.replace(/allow$/, 'deny')
        const before = decideIn(await build(own), request)
        const after = decideIn(await build([...new Set([...own, deny])]), request)
        expect(after.allow && !before.allow).toBe(false)
      }),
      { numRuns: 100 },
    )
  })

  test("a guardrail's deny stands whatever an organisation allows", async () => {
    const guardrail = permission('*').map((line) => line.replace(/allow$/, 'deny'))
    await fc.assert(
      fc.asyncProperty(guardrail, rulesIn('org:acme'), asked, async (line, own, request) => {
        const alone = decideIn(await build([], [line]), request)
        const { reason } = decideIn(await build(own, [line]), request)
        if (alone.reason === 'denied_by_rule') expect(reason).toBe('denied_by_rule')
      }),
      { numRuns: 100 },
    )
  })
})

describe('I7: a decision uses one complete snapshot', () => {
  test('decisions of two revisions that are built at once never mix', async () => {
    await fc.assert(
      fc.asyncProperty(
        rulesIn('org:acme'),
        rulesIn('org:acme'),
        asked,
        async (one, two, request) => {
          const [first, second] = await Promise.all([build(one), build(two)])
          const expected = [
            decideIn(await build(one), request),
            decideIn(await build(two), request),
          ]
          expect([decideIn(first, request), decideIn(second, request)]).toEqual(expected)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('I10: what one organisation does changes nothing in another', () => {
  test('whatever rules the other one has', async () => {
    const worlds = fc.tuple(rulesIn('org:beta'), rulesIn('org:acme'), rulesIn('*'), asked)
    await fc.assert(
      fc.asyncProperty(worlds, async ([beta, acme, shared, request]) => {
        const before = decideIn(await build(beta, shared, 'beta'), request)
        await build(acme, shared, 'acme')
        const after = decideIn(await build(beta, shared, 'beta'), request)
        expect(after).toEqual(before)
      }),
      { numRuns: 60 },
    )
  })

  test('a guardrail for another organisation changes nothing either', async () => {
    const worlds = fc.tuple(rulesIn('org:beta'), rulesIn('org:acme'), asked)
    await fc.assert(
      fc.asyncProperty(worlds, async ([beta, elsewhere, request]) => {
        const before = decideIn(await build(beta, [], 'beta'), request)
        const after = decideIn(await build(beta, elsewhere, 'beta'), request)
        expect(after).toEqual(before)
      }),
      { numRuns: 60 },
    )
  })

  test('the rule of one organisation is refused in another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(permission('org:acme'), membership('org:acme')), async (line) => {
        await expect(build([line], [], 'beta')).rejects.toThrow('holds there only')
      }),
      { numRuns: 40 },
    )
  })
})
