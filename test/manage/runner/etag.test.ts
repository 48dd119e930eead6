import { describe, expect, test } from 'vitest'
import { checkIfMatch, etagOf, isKnown } from '../../../src/manage/runner/etag.ts'

const record = { id: 'team:a', name: 'A' }
const tag = etagOf(record)

describe('an entity tag', () => {
  test('is strong, quoted, and of what the record says', () => {
    expect(tag).toMatch(/^"[0-9a-f]{22}"$/)
    expect(etagOf({ ...record })).toBe(tag)
    expect(etagOf({ ...record, name: 'B' })).not.toBe(tag)
  })

  test.each([tag, '*', `"x", ${tag}`, ` ${tag} `, `"x",*`])('matches %s', (header) => {
    expect(() => checkIfMatch(header, record)).not.toThrow()
    expect(isKnown(header, tag)).toBe(true)
  })

  test.each(['', '"x"', tag.slice(1, -1)])('does not match %j', (header) => {
    expect(() => checkIfMatch(header, record)).toThrow('The record has changed since you read it')
    expect(isKnown(header, tag)).toBe(false)
  })

  test('that is weak is known to a reader and no match for a writer', () => {
    expect(isKnown(`W/${tag}`, tag)).toBe(true)
    expect(() => checkIfMatch(`W/${tag}`, record)).toThrow('The record has changed')
  })

  test('that is absent is asked for, and known to nobody', () => {
    expect(() => checkIfMatch(undefined, record)).toThrow('Send If-Match')
    expect(isKnown(undefined, tag)).toBe(false)
  })
})
