import { describe, expect, test } from 'vitest'
import { objectOf, parts, partsOf, platformObjectOf } from '../../../src/manage/runner/paths.ts'

describe('the parts of a path', () => {
  test('are named in their order', () => {
    expect(partsOf('/orgs/{org}/teams/{team}')).toEqual(['org', 'team'])
    expect(partsOf('/orgs')).toEqual([])
  })

  test('that nobody described are an error at start', () => {
    expect(() => partsOf('/orgs/{nonsense}')).toThrow('"nonsense" is not described')
    expect(() => partsOf('/orgs/{constructor}')).toThrow('is not described')
  })

  test.each(Object.entries(parts))(
    '%s accepts its own example and nothing of another form',
    (_, part) => {
      expect(part.accepts(part.example)).toBe(true)
      for (const text of ['', ' ', '.', '..', 'A', 'a/b', '%2e', 'user:', 'a\n', 'org:acme', '*']) {
        expect(part.accepts(text)).toBe(false)
      }
    },
  )
})

describe('the object of an operation', () => {
  test.each([
    ['/orgs/{org}', '/gatehouse/organisation'],
    ['/orgs/{org}/teams', '/gatehouse/teams'],
    ['/orgs/{org}/teams/{team}', '/gatehouse/teams/team:a'],
    ['/me', '/gatehouse/me'],
  ])('%s is %s', (path, object) => {
    expect(objectOf(path, { org: 'acme', team: 'team:a' })).toBe(object)
  })

  test('of the platform is the whole path', () => {
    expect(platformObjectOf('/orgs/{org}/suspend', { org: 'acme' })).toBe(
      '/gatehouse/orgs/acme/suspend',
    )
  })
})
