import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { finish } from '../../src/lib/turns.ts'
import { explain } from '../../src/policy/questions/explain.ts'
import { whoCan } from '../../src/policy/questions/search.ts'
import { whatCan } from '../../src/policy/questions/what-can.ts'
import { buildSnapshot, updateSnapshot } from '../../src/policy/snapshot.ts'
import {
  type AttributeWorld,
  askWith,
  attributeFiles,
  attributeSnapshot,
  attributesModel,
} from './attribute-world.ts'
import { ruleOf, snapshotOf } from './support.ts'

const rule = (when: string, act = 'can_read') =>
  `p, *, *, /docs/document/:id, ${act}, allow, ${when}`
const read = 'user:ann can_read /docs/document/1'
const world = (when: string, more: Partial<AttributeWorld> = {}) =>
  attributeSnapshot({ guardrails: [rule(when)], ...more })

describe('a condition', () => {
  test('compares what is stored of the resource with who asks', async () => {
    const snapshot = await world('own', { attributes: { '/docs/document/1': { owner: 'ann' } } })
    expect(askWith(snapshot, read)).toMatchObject({ allow: true, reason: 'allowed_by_rule' })
    expect(askWith(snapshot, 'user:ben can_read /docs/document/1').allow).toBe(false)
    expect(askWith(snapshot, 'user:ann can_read /docs/document/2').allow).toBe(false)
  })

  test('compares what is stored of the subject', async () => {
    const attributes = {
      '/docs/document/1': { department: 'Sales' },
      'user:ann': { department: 'Sales' },
      'user:ben': { department: 'Legal' },
      'service:ann': { department: 'Legal' },
    }
    const snapshot = await world('department', { attributes })
    expect(askWith(snapshot, read).allow).toBe(true)
    for (const sub of ['user:ben', 'service:ann', 'user:cleo', 'anonymous']) {
      expect(askWith(snapshot, `${sub} can_read /docs/document/1`).allow).toBe(false)
    }
  })

  test('compares with the subject itself', async () => {
    const snapshot = await world('self')
    expect(askWith(snapshot, read, { subject: 'user:ann' }).allow).toBe(true)
    expect(askWith(snapshot, read, { subject: 'user:ben' }).allow).toBe(false)
  })

  test('takes the email of the membership, and no stored one', async () => {
    const attributes = { 'user:ann': { email: 'ben@x.test' }, 'user:ben': { email: 'ben@x.test' } }
    const members = { 'user:ann': 'ann@x.test', 'user:ben': null }
    const snapshot = await world('mail', { attributes, members })
    expect(askWith(snapshot, read, { owner: 'ann@x.test' }).allow).toBe(true)
    expect(askWith(snapshot, read, { owner: 'ben@x.test' }).allow).toBe(false)
    const ben = 'user:ben can_read /docs/document/1'
    expect(askWith(snapshot, ben, { owner: 'ben@x.test' }).allow).toBe(false)
  })

  test('believes what is stored, be it blank, zero or false, and nothing that is sent beside it', async () => {
    for (const owner of ['', 0, false]) {
      const snapshot = await world('own', { attributes: { '/docs/document/1': { owner } } })
      expect(askWith(snapshot, read, { owner: 'ann' }).allow).toBe(false)
    }
  })

  test('believes what is stored before what is sent', async () => {
    const snapshot = await world('own', { attributes: { '/docs/document/1': { owner: 'ben' } } })
    expect(askWith(snapshot, read, { owner: 'ann' }).allow).toBe(false)
    expect(askWith(snapshot, 'user:ann can_read /docs/document/2', { owner: 'ann' }).allow).toBe(
      true,
    )
  })

  test('is met by a rule of an organisation always', async () => {
    const rules = ['p, user:ann, org:acme, /docs/document/:id, can_share, allow']
    const snapshot = await world('own', { rules })
    expect(askWith(snapshot, 'user:ann can_share /docs/document/1').rule?.values).toEqual([
      ...['user:ann', 'org:acme', '/docs/document/:id', 'can_share', 'allow', 'always'],
    ])
    expect(askWith(snapshot, read).allow).toBe(false)
  })

  test('is met by a built-in role always', async () => {
    const snapshot = await world('own', { rules: ['g, user:ann, role:owner, org:acme'] })
    expect(askWith(snapshot, 'user:ann GET /gatehouse/members').allow).toBe(true)
    expect(askWith(snapshot, read).allow).toBe(true)
  })

  test('of a path that is asked for by HTTP is about the same resource', async () => {
    const snapshot = await attributeSnapshot({
      guardrails: [rule('own', 'GET')],
      attributes: { '/docs/document/1': { owner: 'ann' } },
    })
    expect(askWith(snapshot, 'user:ann GET /docs/document/1').allow).toBe(true)
    expect(askWith(snapshot, 'user:ben GET /docs/document/1').allow).toBe(false)
  })
})

describe('I3: what is not known equals nothing', () => {
  const unknown: readonly (readonly [string, Readonly<Record<string, unknown>> | undefined])[] = [
    ['nothing is sent', undefined],
    ['a blank is', { department: '', owner: '', state: '', subject: '' }],
    ['null is', { department: null, owner: null }],
    ['a list is', { department: ['Sales'], owner: ['ann'], state: ['open'] }],
    ['an object is', { department: {}, owner: { id: 'ann' }, state: {} }],
    [
      'an object that is inherited from is',
      JSON.parse('{"__proto__": {"owner": "ann", "state": "open"}}'),
    ],
  ]
  test.each(unknown)('when %s', async (_title, sent) => {
    for (const when of ['own', 'department', 'mail', 'self', 'open']) {
      const snapshot = await world(when, { members: { 'user:ann': null } })
      expect(askWith(snapshot, read, sent).reason).toBe('denied_by_default')
      const anonymous = 'anonymous can_read /docs/document/1'
      expect(askWith(snapshot, anonymous, sent).reason).toBe('denied_by_default')
    }
  })

  test('nor do two blanks equal each other', async () => {
    const attributes = { '/docs/document/1': { department: '' }, 'user:ann': { department: '' } }
    expect(askWith(await world('department', { attributes }), read).allow).toBe(false)
  })

  test('what an object inherits is nothing that it says', async () => {
    const snapshot = await world('own')
    expect(askWith(snapshot, read, Object.create({ owner: 'ann' })).allow).toBe(false)
  })

  test('names of every object are attributes of none', async () => {
    const attributesOf = ['toString', 'valueOf', 'hasOwnProperty'].map(
      (name) => `r.res.${name} == r.who.${name}`,
    )
    const model = attributesModel.replace('r.res.state == "open"', `(${attributesOf.join(' || ')})`)
    const snapshot = await world('open', { model })
    expect(askWith(snapshot, read, {}).reason).toBe('denied_by_default')
    const attributes = { 'user:ann': { valueOf: 'x' } as unknown as Record<string, string> }
    const known = await world('open', { model, attributes })
    expect(askWith(known, read, { valueOf: 'x' }).allow).toBe(true)
  })

  test('so that to know less never allows more', async () => {
    const value = fc.constantFrom('ann', 'Sales', 'open', 'user:ann', 'ann@x.test')
    const names = ['owner', 'department', 'state', 'subject']
    const some = fc.dictionary(fc.constantFrom(...names), value, { noNullPrototype: true })
    const conditions = fc.constantFrom('own', 'department', 'mail', 'self', 'open')
    await fc.assert(
      fc.asyncProperty(
        conditions,
        some,
        some,
        fc.constantFrom(...names),
        async (when, of, who, lost) => {
          const members = { 'user:ann': 'ann@x.test' }
          const snapshotWith = (resource: Record<string, string>) =>
            world(when, { members, attributes: { '/docs/document/1': resource, 'user:ann': who } })
          const { [lost]: _lost, ...less } = of
          const after = askWith(await snapshotWith(less), read).allow
          expect(after && !askWith(await snapshotWith(of), read).allow).toBe(false)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('a model with conditions', () => {
  const open = () =>
    world('own', {
      attributes: { '/docs/document/1': { owner: 'ann' } },
      members: { 'user:ann': null, 'user:ben': null },
    })

  test('is explained without what its rules do not say by themselves', async () => {
    const snapshot = await open()
    const request = { sub: 'user:ann', dom: 'org:acme', obj: '/docs/document/1', act: 'can_read' }
    expect(finish(explain(snapshot, request)).sentences[0]).toContain(
      'A rule allows user:ann to can_read',
    )
    const denied = finish(explain(snapshot, { ...request, sub: 'user:ben' }))
    expect(denied.decision.reason).toBe('denied_by_default')
    expect(denied.sentences[1]).toContain('its rules say less than they decide')
  })

  test('is searched by deciding each, and what somebody can is not told from its rules', async () => {
    const snapshot = await open()
    const question = { obj: '/docs/document/1', act: 'can_read' }
    expect(
      finish(whoCan(snapshot, question, { limit: 10 }, ['user:ann', 'user:ben'])),
    ).toMatchObject({
      results: ['user:ann'],
      everybody: false,
    })
    expect(finish(whatCan(snapshot, 'user:ann', { limit: 10 }))).toMatchObject({
      kind: 'unsupported',
    })
  })

  test('is compiled', async () => {
    expect((await open()).engine.interpreted).toBeUndefined()
  })
})

describe('a publish', () => {
  const own = 'p, user:ann, org:acme, /docs/document/:id, can_share, allow'
  const files = attributeFiles([rule('own')])
  const atFirst = () =>
    buildSnapshot({ files, organisation: 'acme', revision: 1, rules: [rules.held, rules.stays] })
  const rules = {
    held: Object.freeze({ ...ruleOf(own), values: Object.freeze(ruleOf(own).values) }),
    stays: ruleOf('g, user:ann, role:reader, org:acme'),
  }
  const knows = (owner: string) => ({
    members: new Map(),
    attributes: new Map([['/docs/document/1', { owner }]]),
  })

  test('of attributes alone keeps the rules, and is decided by what is known now', async () => {
    const change = { files, revision: 2, added: [], removed: [] }
    const first = updateSnapshot(await atFirst(), { ...change, known: knows('ann') })
    if (first === undefined) throw new Error('it is a small change')
    expect(askWith(first, read).allow).toBe(true)
    const second = updateSnapshot(first, { ...change, revision: 3, known: knows('ben') })
    expect(second && askWith(second, read).allow).toBe(false)
    expect(askWith(first, read).allow).toBe(true)
  })

  test('takes a rule away by what it was before it had a condition', async () => {
    const share = 'user:ann can_share /docs/document/1'
    const snapshot = await atFirst()
    expect(askWith(snapshot, share).allow).toBe(true)
    const gone = updateSnapshot(snapshot, { files, revision: 2, added: [], removed: [rules.held] })
    expect(gone && askWith(gone, share).allow).toBe(false)
    const more = ruleOf('p, user:ben, org:acme, /docs/document/:id, can_share, allow')
    const added = updateSnapshot(snapshot, { files, revision: 2, added: [more], removed: [] })
    expect(added && askWith(added, 'user:ben can_share /docs/document/1').allow).toBe(true)
  })
})

test('without attributes in the model nothing is looked up', async () => {
  const snapshot = await snapshotOf({})
  expect(snapshot.factsOf({ sub: 'user:ann', obj: '/docs/x', sent: { owner: 'ann' } })).toEqual([])
})
