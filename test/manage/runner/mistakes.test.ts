import { expect, test } from 'vitest'
import { z } from 'zod'
import { sayWhatIsRight } from '../../../src/manage/runner/mistakes.ts'

const shape = z.strictObject({
  name: z.string(),
  size: z.int().optional(),
  on: z.boolean().optional(),
  list: z.array(z.string()).optional(),
  inner: z.strictObject({ a: z.string().optional() }).optional(),
  worded: z.string('is spelt').optional(),
})

test.each<[unknown, string]>([
  [{}, 'is needed'],
  [{ name: 1 }, 'is a text'],
  [{ name: null }, 'is a text'],
  [{ name: 'a', size: 'x' }, 'is a number'],
  [{ name: 'a', on: 1 }, 'is true or false'],
  [{ name: 'a', list: 'x' }, 'is a list'],
  [{ name: 'a', inner: [] }, 'is an object'],
  [{ name: 'a', inner: { b: 1 } }, '"b" is no field here; use a'],
  [{ name: 'a', worded: 1 }, 'is spelt'],
  [{ name: 'a', x: 1 }, '"x" is no field here; use name, size, on, list, inner, worded'],
  [
    { name: 'a', x: 1, y: 2 },
    '"x", "y" are no fields here; use name, size, on, list, inner, worded',
  ],
])('%j: %s', (input, message) => {
  const { error } = shape.safeParse(input, { error: sayWhatIsRight })
  expect(error?.issues.map((issue) => issue.message)).toEqual([message])
})

test('names that somebody made up are shown short, quoted and few', () => {
  const made = Object.fromEntries(
    Array.from({ length: 50 }, (_, at) => [`\n${at}${'x'.repeat(999)}`, 1]),
  )
  const { error } = shape.safeParse({ name: 'a', ...made }, { error: sayWhatIsRight })
  const message = error?.issues[0]?.message ?? ''
  expect(message.length).toBeLessThan(400)
  expect(message).not.toContain('\n')
})
