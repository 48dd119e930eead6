import { describe, expect, test } from 'vitest'
import { readBatch, readPage, readQuestion, readSearch } from '../../src/gateway/authzen-request.ts'
import { limits } from '../../src/lib/limits.ts'

const subject = { type: 'user', id: 'ann' }
const action = { name: 'can_read' }
const resource = { type: 'document', id: '1' }
const whole = { subject, action, resource }
const without = (name: keyof typeof whole) => {
  const { [name]: _left, ...rest } = whole
  return rest
}

const messageOf = (read: { kind: string; message?: string }) => read.message

describe('an evaluation', () => {
  test('is a subject, an action and a resource; what else is said is ignored', () => {
    const read = readQuestion({
      resource: { ...resource, properties: { owner: 'ann' }, more: 1 },
      unknown: [],
      action: { ...action, properties: {} },
      subject: { ...subject, properties: {} },
      context: { time: 'now' },
    })
    expect(read).toEqual({
      kind: 'read',
      value: {
        subject: { ...subject, properties: {} },
        action: 'can_read',
        resource: { ...resource, properties: { owner: 'ann' } },
      },
    })
  })

  test.each<[object, string]>([
    [{}, 'subject is missing.'],
    [without('subject'), 'subject is missing.'],
    [without('action'), 'action is missing.'],
    [without('resource'), 'resource is missing.'],
    [{ ...whole, subject: { id: 'ann' } }, 'subject.type is missing.'],
    [{ ...whole, subject: { type: 'user' } }, 'subject.id is missing.'],
    [{ ...whole, action: {} }, 'action.name is missing.'],
    [{ ...whole, resource: { id: '1' } }, 'resource.type is missing.'],
    [{ ...whole, resource: { type: 'document' } }, 'resource.id is missing.'],
    [{ ...whole, subject: 'user:ann' }, 'subject is an object.'],
    [{ ...whole, subject: null }, 'subject is an object.'],
    [{ ...whole, subject: [subject] }, 'subject is an object.'],
    [{ ...whole, subject: { ...subject, id: 7 } }, 'subject.id is a text that is not empty.'],
    [{ ...whole, subject: { ...subject, id: '' } }, 'subject.id is a text that is not empty.'],
    [{ ...whole, action: { name: ['a'] } }, 'action.name is a text that is not empty.'],
    [{ ...whole, action: { name: 'a', properties: 1 } }, 'action.properties is an object.'],
    [{ ...whole, resource: { ...resource, properties: [] } }, 'resource.properties is an object.'],
    [{ ...whole, context: 'now' }, 'context is an object.'],
    [
      JSON.parse('{"__proto__": {"subject": {"type": "user", "id": "ann"}}}'),
      'subject is missing.',
    ],
    [
      { ...whole, subject: JSON.parse('{"__proto__": {"type": "user"}, "id": "a"}') },
      'subject.type is missing.',
    ],
  ])('%j is none', (body, message) => {
    expect(messageOf(readQuestion({ ...body }))).toBe(message)
  })
})

describe('a batch', () => {
  const items = (body: object) => {
    const read = readBatch({ ...body })
    return read.kind === 'read' ? read.value?.items : read.message
  }

  test.each([{}, { evaluations: [] }])('%j is a single evaluation', (body) => {
    expect(readBatch(body)).toEqual({ kind: 'read', value: undefined })
  })

  test('takes what an item lacks from above, whole, and merges nothing', () => {
    const body = {
      subject: { ...subject, properties: { issuer: 'a' } },
      action,
      evaluations: [{ resource }, { resource, subject: { type: 'user', id: 'ben' } }],
    }
    expect(items(body)).toMatchObject([
      { value: { subject: { id: 'ann', properties: { issuer: 'a' } } } },
      { value: { subject: { id: 'ben', properties: {} }, action: 'can_read' } },
    ])
    const half = { ...whole, evaluations: [{ resource: { id: '2' } }] }
    expect(items(half)).toEqual([{ kind: 'malformed', message: 'resource.type is missing.' }])
  })

  test('keeps what cannot be read in its place', () => {
    const body = {
      subject,
      action,
      evaluations: [{ resource }, {}, 'x', null, { resource, subject: null }],
    }
    expect(items(body)).toMatchObject([
      { kind: 'read' },
      { kind: 'malformed', message: 'resource is missing.' },
      { kind: 'malformed', message: 'An item of evaluations is an object.' },
      { kind: 'malformed', message: 'An item of evaluations is an object.' },
      { kind: 'malformed', message: 'subject is an object.' },
    ])
  })

  test.each<[object, string]>([
    [{ evaluations: {} }, 'evaluations is a list.'],
    [{ evaluations: null }, 'evaluations is a list.'],
    [
      { evaluations: Array.from({ length: limits.authzenEvaluations + 1 }, () => ({})) },
      `evaluations has at most ${limits.authzenEvaluations} items.`,
    ],
    [{ evaluations: [{}], options: [] }, 'options is an object.'],
    [
      { evaluations: [{}], options: { evaluations_semantic: 'toString' } },
      'options.evaluations_semantic is one of execute_all, deny_on_first_deny, permit_on_first_permit.',
    ],
  ])('of the wrong form is refused whole', (body, message) => expect(items(body)).toBe(message))

  test.each([
    [{}, 'execute_all'],
    [{ other: 1 }, 'execute_all'],
    [{ evaluations_semantic: 'deny_on_first_deny' }, 'deny_on_first_deny'],
    [{ evaluations_semantic: 'permit_on_first_permit' }, 'permit_on_first_permit'],
  ])('with the options %j is %s', (options, semantic) => {
    expect(readBatch({ evaluations: [whole], options })).toMatchObject({ value: { semantic } })
  })
})

describe('a search', () => {
  test('ignores the id of what is searched, and an action that is searched', () => {
    const strange = { ...whole, action: 7 }
    expect(readSearch.subject({ ...whole, subject: { type: 'user', id: 7 } })).toMatchObject({
      value: { subject: { type: 'user' }, action: 'can_read', resource },
    })
    expect(readSearch.resource({ ...whole, resource: { type: 'document', id: 7 } })).toMatchObject({
      value: { resource: { type: 'document' } },
    })
    expect(readSearch.action(strange)).toMatchObject({ value: { subject, resource } })
  })

  test.each([
    [readSearch.subject({ ...without('subject') }), 'subject is missing.'],
    [readSearch.subject({ ...whole, subject: {} }), 'subject.type is missing.'],
    [readSearch.subject({ ...whole, resource: { type: 'a' } }), 'resource.id is missing.'],
    [readSearch.subject({ ...without('action') }), 'action is missing.'],
    [readSearch.resource({ ...whole, subject: { type: 'user' } }), 'subject.id is missing.'],
    [readSearch.resource({ ...whole, resource: {} }), 'resource.type is missing.'],
    [readSearch.action({ ...without('resource') }), 'resource is missing.'],
    [readSearch.action({ ...whole, context: 1 }), 'context is an object.'],
  ])('names what is missing', (read, message) => expect(messageOf(read)).toBe(message))
})

describe('a page', () => {
  test.each<[object, object]>([
    [{}, { token: undefined, limit: undefined }],
    [{ page: {} }, { token: undefined, limit: undefined }],
    [{ page: { token: '', limit: 0 } }, { token: undefined, limit: 0 }],
    [{ page: { token: 'x', limit: 5, properties: {} } }, { token: 'x', limit: 5 }],
  ])('%j is read', (body, value) => expect(readPage({ ...body })).toEqual({ kind: 'read', value }))

  test.each<[unknown, string]>([
    [[], 'page is an object.'],
    [{ token: 1 }, 'page.token is a text.'],
    [{ limit: -1 }, 'page.limit is a whole number, 0 or more.'],
    [{ limit: 1.5 }, 'page.limit is a whole number, 0 or more.'],
    [{ limit: '5' }, 'page.limit is a whole number, 0 or more.'],
    [{ limit: 1e20 }, 'page.limit is a whole number, 0 or more.'],
  ])('%j is none', (page, message) => expect(messageOf(readPage({ page }))).toBe(message))
})
