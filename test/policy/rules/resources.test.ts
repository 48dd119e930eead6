import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import { canonicalPath } from '../../../src/policy/patterns/canonical-path.ts'
import { describeProblem } from '../../../src/policy/problem.ts'
import { lintRules } from '../../../src/policy/rules/lint.ts'
import {
  actionsUnder,
  canonicalObject,
  literalObject,
  objectOf,
  readResources,
  resourceOf,
  takesAction,
} from '../../../src/policy/rules/resources.ts'
import { askWith, attributeFiles, attributeSnapshot } from '../attribute-world.ts'
import { ourModel, problemsOf, ruleOf } from '../support.ts'

const { applications } = attributeFiles(['p, *, *, /docs/*, GET, deny, always'])
const resources = readResources(applications)
const document = resources.get('document')
if (document === undefined) throw new Error('the type is declared')

describe('the object of a resource', () => {
  test.each([
    ['1', '/docs/document/1'],
    ['beth@the-smiths.com', '/docs/document/beth@the-smiths.com'],
    ['a b', '/docs/document/a%20b'],
    ['café', '/docs/document/caf%C3%A9'],
    ['a:b', '/docs/document/a:b'],
    ["it's(1),*", "/docs/document/it's(1),*"],
    ['{id}', '/docs/document/%7Bid%7D'],
    ['a..b', '/docs/document/a..b'],
    ['__proto__', '/docs/document/__proto__'],
  ])('of the id %j is %s', (id, object) => {
    expect(objectOf(document, id)).toEqual({ kind: 'object', object })
    expect(resourceOf(resources, object)).toEqual({ declared: document, id })
  })

  test.each([
    ['A1 1: what stands above', '..'],
    ['what stands above, twice', '../..'],
    ['what is above and beside', '../folder/1'],
    ['itself', '.'],
    ['a slash', 'a/b'],
    ['A1 5: an encoded slash', 'a%2fb'],
    ['A1 9: a percent sign', '100%'],
    ['A1 9: a double encoding', '%252e'],
    ['A1 6: a backslash', 'a\\b'],
    ['A1 7: a matrix parameter', 'a;b'],
    ['A1 12: NUL', 'a\0'],
    ['A1 13: a line end', 'a\nb'],
    ['A1 14: a fragment', 'a#b'],
    ['A1 16: a query', 'a?b'],
    ['dots that read as nothing', '...'],
    ['a blank', ' '],
    ['a mark that shows as nothing', 'a\u200bb'],
    ['half a pair of surrogates', '\ud800'],
    ['more than any path has', 'x'.repeat(limits.targetBytes)],
  ])('does not exist for %s', (_title, id) => {
    expect(objectOf(document, id)).toMatchObject({ kind: 'refused' })
  })

  test('I2, I23: is one canonical segment, and another one for every id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (id) => {
        const found = objectOf(document, id)
        if (found.kind === 'refused') return
        expect(canonicalPath(found.object)).toEqual({ ok: true, path: found.object })
        expect(found.object.split('/')).toHaveLength(4)
        expect(resourceOf(resources, found.object)).toEqual({ declared: document, id })
      }),
      { numRuns: 2_000 },
    )
  })

  test.each([
    '/docs/document',
    '/docs/document/',
    '/docs/document/1/2',
    '/docs/other/1',
    '/other/document/1',
    '/document/1',
    '/docs/document/%zz',
    '/docs/__proto__/1',
  ])('%s is none', (object) => expect(resourceOf(resources, object)).toBeUndefined())
})

test('an object has its canonical spelling or none', () => {
  expect(canonicalObject('/docs//a/../%61')).toMatchObject({ kind: 'object', object: '/docs/a' })
  expect(canonicalObject('docs')).toEqual({ kind: 'refused', reason: 'target_malformed' })
  expect(canonicalObject('')).toEqual({ kind: 'refused', reason: 'target_malformed' })
})

test('a pattern of one path is that path, as it is sent', () => {
  expect(literalObject('/docs/a')).toBe('/docs/a')
  expect(literalObject('/docs/a%2C%27b%20')).toBe("/docs/a,'b%20")
  for (const many of ['/docs/*', '/docs/:id', '/*']) expect(literalObject(many)).toBeUndefined()
})

describe('the actions that a rule may name', () => {
  test.each([
    ['/docs/document/:id', ['can_read', 'can_share']],
    ['/docs/folder/*', ['can_read', 'list']],
    ['/docs/*', ['can_read', 'can_share', 'can_read', 'list']],
    ['/docs/:type/1', ['can_read', 'can_share', 'can_read', 'list']],
    ['/docs/other/1', []],
    ['/*', []],
    ['/other/document/1', []],
  ])('about %s', (pattern, actions) => expect(actionsUnder(pattern, applications)).toEqual(actions))

  const own = (line: string) =>
    lintRules([ruleOf(line)], {
      model: ourModel(),
      applications,
      scope: { organisation: 'acme' },
    }).map(describeProblem)

  test('are accepted in an organisation as well', () => {
    expect(own('p, user:ann, org:acme, /docs/document/7, can_share, allow')).toEqual([])
    expect(own('p, user:ann, org:acme, /docs/folder/7, can_share, allow')).toEqual([
      'organisation acme:1:5: "can_share" is no method and no action of this object; possible are "can_read", "list", "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "*".',
    ])
    expect(own('p, user:ann, org:acme, /docs/folder/7, get, allow')).toEqual([
      'organisation acme:1:5: "get" is no method; did you mean "GET"?',
    ])
  })

  test('are none of the management API, nor of every application', () => {
    for (const object of ['/gatehouse/*', '/*', '/docs/other/*']) {
      const problems = problemsOf(() =>
        attributeFiles([`p, *, *, ${object}, can_read, deny, always`]),
      )
      expect(problems[0]).toMatch(/"can_read" is no method; /)
    }
  })
})

describe('a decision about an action', () => {
  const open = () =>
    attributeSnapshot({
      guardrails: [
        'p, user:ann, *, /docs/*, *, allow, always',
        'p, user:ben, *, /docs/*, can_read, allow, always',
        'p, user:ann, *, /docs/document/9, can_share, deny, always',
      ],
    })

  test('is made for the types that declare it, and nowhere else', async () => {
    const snapshot = await open()
    const decided = (question: string) => askWith(snapshot, question).reason
    expect(decided('user:ann can_share /docs/document/1')).toBe('allowed_by_rule')
    expect(decided('user:ann can_share /docs/document/9')).toBe('denied_by_rule')
    expect(decided('user:ben can_read /docs/folder/1')).toBe('allowed_by_rule')
    expect(decided('user:ben can_share /docs/document/1')).toBe('denied_by_default')
    for (const question of [
      'user:ann can_share /docs/folder/1',
      'user:ann list /docs/document/1',
      'user:ann can_read /docs/other/1',
      'user:ann can_read /docs/document/1/2',
      'user:ann can_read /docs/document/',
      'user:ann CAN_READ /docs/document/1',
      'user:ann unheard /docs/document/1',
      'user:ann toString /docs/document/1',
    ]) {
      expect(decided(question)).toBe('method_not_allowed')
    }
  })

  test('leaves the methods of the same path alone', async () => {
    const snapshot = await open()
    expect(askWith(snapshot, 'user:ann GET /docs/document/9').allow).toBe(true)
    expect(askWith(snapshot, 'user:ben GET /docs/document/1').allow).toBe(false)
  })
})

test('an HTTP method is no action of anything', () => {
  for (const method of ['GET', 'HEAD', 'POST', 'get']) {
    expect(takesAction(resources, '/docs/document/1', method)).toBe(false)
  }
})
