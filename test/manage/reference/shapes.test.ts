import { expect, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import { exampleOf, fieldsOf, type Shape, typeOf } from '../../../src/manage/reference/shapes.ts'

const shapes: Record<string, Shape> = {
  Member: {
    type: 'object',
    properties: {
      id: { type: 'string', example: 'user:ann' },
      email: { type: ['string', 'null'] },
      teams: { type: 'array', items: { type: 'string' }, maxItems: 50, default: [] },
    },
    required: ['id', 'email'],
  },
}
const member: Shape = { $ref: '#/components/schemas/Member' }

test.each<[string, Shape]>([
  ['text', { type: 'string' }],
  ['text, at most 7 characters', { type: 'string', maxLength: 7 }],
  ['text or null', { type: ['string', 'null'] }],
  ['whole number', { type: 'integer' }],
  ['true or false', { type: 'boolean' }],
  ['moment, UTC', { type: 'string', format: 'date-time' }],
  ['"active" or "suspended"', { type: 'string', enum: ['active', 'suspended'] }],
  ['"none"', { type: 'string', const: 'none' }],
  ['list of text, at most 50', { type: 'array', items: { type: 'string' }, maxItems: 50 }],
  ['list of object', { type: 'array', items: member }],
  ['text or whole number', { anyOf: [{ type: 'string' }, { type: 'integer' }] }],
  ['anything', {}],
])('a value is called %s', (words, shape) => {
  expect(typeOf(shape, shapes)).toBe(words)
})

test('every field of an object in a list in an object has a line of its own', () => {
  const page: Shape = {
    type: 'object',
    properties: { items: { type: 'array', items: member }, next: { type: 'string' } },
    required: ['items'],
  }
  expect(fieldsOf(page, shapes)).toEqual([
    { name: 'items', type: 'list of object', required: true, description: '' },
    { name: 'items[].id', type: 'text', required: true, description: '' },
    { name: 'items[].email', type: 'text or null', required: true, description: '' },
    {
      name: 'items[].teams',
      type: 'list of text, at most 50',
      required: false,
      description: '[] when it is left out.',
    },
    { name: 'next', type: 'text', required: false, description: '' },
  ])
  expect(fieldsOf({ type: 'string' }, shapes)).toEqual([])
})

test('an example has what is required, as the document says it looks', () => {
  expect(exampleOf(member, shapes)).toEqual({ id: 'user:ann', email: '…' })
  expect(exampleOf({ type: 'array', items: member }, shapes)).toEqual([
    { id: 'user:ann', email: '…' },
  ])
  expect(exampleOf({ anyOf: [{ type: 'integer' }, member] }, shapes)).toBe(1)
  expect(exampleOf({ enum: ['allow', 'deny'] }, shapes)).toBe('allow')
})

test('where nothing is required an example has everything', () => {
  const properties = { first: { type: 'boolean' }, second: { type: 'null' } }
  expect(exampleOf({ type: 'object', properties }, shapes)).toEqual({ first: true, second: null })
})

test('a shape that holds itself ends', () => {
  const endless: Record<string, Shape> = {
    Node: {
      type: 'object',
      properties: { next: { $ref: '#/components/schemas/Node' } },
      required: ['next'],
    },
  }
  const node: Shape = { $ref: '#/components/schemas/Node' }
  expect(fieldsOf(node, endless)).toHaveLength(limits.shapeDepth)
  expect(JSON.stringify(exampleOf(node, endless))).toMatch(/"next":null\}+$/)
})
