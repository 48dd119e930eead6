import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  expand,
  isManagementPermission,
  listPermissions,
  nearestPermission,
} from '../../../src/policy/rules/catalogue.ts'
import { checkObject } from '../../../src/policy/rules/grammar.ts'
import { codesIn, tableUnder } from '../../support/markdown.ts'
import { applicationsWith, read, save } from './permissions-world.ts'

const applications = applicationsWith(read, save)
const resources = [
  ...['organisation', 'members', 'teams', 'roles', 'assignments', 'policies', 'decisions'],
  ...['attributes', 'keys', 'service-accounts', 'sessions', 'idps', 'billing', 'usage', 'audit'],
]
const names = () => listPermissions(applications).map(({ name }) => name)

describe('a permission of the management API', () => {
  test.each(resources)('%s:read is GET on the resource and what is below it', (resource) => {
    expect(expand(`${resource}:read`, [])).toEqual([
      { object: `/gatehouse/${resource}`, method: 'GET' },
      { object: `/gatehouse/${resource}/*`, method: 'GET' },
    ])
  })

  test.each(resources)('%s:write is every method on the same two objects', (resource) => {
    const reads = expand(`${resource}:read`, [])
    expect(expand(`${resource}:write`, [])).toEqual(reads.map((one) => ({ ...one, method: '*' })))
  })

  test('is to ask by AuthZEN, one for decisions and one for searches', () => {
    expect(expand('authzen:evaluate', [])).toEqual([
      { object: '/gatehouse/authzen/evaluation', method: 'POST' },
    ])
    expect(expand('authzen:search', [])).toEqual([
      { object: '/gatehouse/authzen/search', method: 'POST' },
    ])
  })

  test('is to read the catalogue itself', () => {
    expect(expand('permissions:read', [])).toEqual([
      { object: '/gatehouse/permissions', method: 'GET' },
    ])
  })

  test('is told from one of an application', () => {
    expect(isManagementPermission('teams:write')).toBe(true)
    for (const name of ['docs:read', 'teams:*', 'teams', 'constructor']) {
      expect(isManagementPermission(name)).toBe(false)
    }
  })
})

describe('a permission of an application', () => {
  test('is the method and path of an operation, below the id of the application', () => {
    expect(expand('docs:read', applications)).toEqual([
      { object: '/docs/items/:id', method: 'GET' },
    ])
    expect(expand('docs:save', applications)).toEqual([
      { object: '/docs/items/:id', method: 'PUT' },
    ])
  })

  test('is everything of it with a star, whether or not it declares operations', () => {
    for (const id of ['docs', 'crm']) {
      expect(expand(`${id}:*`, applications)).toEqual([{ object: `/${id}/*`, method: '*' }])
    }
  })

  test('is nothing any more when files do not declare it', () => {
    expect(expand('docs:save', applicationsWith(read))).toEqual([])
    expect(expand('docs:*', [])).toEqual([])
  })

  test('never changes what a name of the management API stands for', () => {
    const [docs] = applications
    if (docs === undefined) throw new Error('no application')
    const operations = [{ id: 'write', method: 'GET', path: '/anything' }]
    const teams = [{ ...docs, id: 'teams', operations }]
    expect(expand('teams:write', teams)).toEqual(expand('teams:write', []))
    expect(listPermissions(teams).filter(({ name }) => name === 'teams:write')).toHaveLength(1)
  })
})

describe('the catalogue', () => {
  test('lists every permission once, each with a sentence and with what it allows', () => {
    const expected = [
      ...resources.flatMap((resource) => [`${resource}:read`, `${resource}:write`]),
      ...['authzen:evaluate', 'authzen:search', 'permissions:read'],
      ...['docs:read', 'docs:save', 'docs:*', 'crm:*'],
    ]
    expect(names()).toEqual(expected)
    for (const { name, description, allows } of listPermissions(applications)) {
      expect(description).toMatch(/^[A-Z].+\.$/)
      expect(allows).toEqual(expand(name, applications))
    }
  })

  test('is documented as far as it is the management API’s, and nothing else is', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
    const rows = tableUnder(readme, '### Custom roles and permissions')
    const documented = rows.flatMap(([permissions = '']) => codesIn(permissions))
    expect(documented).toEqual(listPermissions([]).map(({ name }) => name))
  })

  test('allows only what a rule may name', () => {
    for (const { object } of listPermissions(applications).flatMap(({ allows }) => allows)) {
      expect(checkObject(object, 'files', applications)).toBeUndefined()
    }
  })

  test.each(['', '*', 'teams', 'teams:*', 'docs:', 'toString', '__proto__', 'gatehouse:*'])(
    'knows no permission %j',
    (name) => expect(expand(name, applications)).toEqual([]),
  )

  test('says what somebody may have meant', () => {
    expect(nearestPermission('teams:wrte', applications)).toBe(
      '"teams:wrte" is no permission; did you mean "teams:write"?',
    )
    expect(nearestPermission('docs:saev', applications)).toContain('"docs:save"')
    expect(nearestPermission('docs:save', applications)).toBeUndefined()
  })
})
