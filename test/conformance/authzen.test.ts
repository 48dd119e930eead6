/**
 * The public interoperability cases of AuthZEN, over HTTP against the whole gateway, each with a
 * policy of ours for its scenario.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  addPerson,
  attributesModel,
  type DecisionPoint,
  type Json,
  openDecisionPoint,
  sceneOptions,
} from '../support/authzen.ts'

interface Case<T> {
  readonly request: Json
  readonly expected: T
}

interface Person {
  readonly pid: string
  readonly email: string
  readonly roles: readonly string[]
}

interface Results {
  readonly results: readonly Json[]
}

function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`data/${name}`, import.meta.url), 'utf8')) as T
}

/** The scenario's roles by our names; built-in roles keep theirs. */
const roles = new Map([
  ['admin', 'role:chief'],
  ['evil_genius', 'role:genius'],
  ['editor', 'role:editor'],
  ['viewer', 'role:viewer'],
])

async function addPeople(point: DecisionPoint, people: readonly Person[]): Promise<void> {
  for (const { pid, email, roles: held } of people) {
    const holds = held.map((role) => roles.get(role) ?? '')
    await addPerson(point, `user:${email.split('@')[0]}`, { sub: pid, email, holds })
  }
}

const titled = <T>(cases: readonly Case<T>[]) =>
  cases.map(({ request, expected }) => [JSON.stringify(request), request, expected] as const)

describe('the Todo application', () => {
  const { users, evaluation, evaluations } = load<{
    users: Person[]
    evaluation: Case<boolean>[]
    evaluations: Case<Json[]>[]
  }>('authzen-todo.json')
  let point: DecisionPoint
  beforeAll(async () => {
    point = await openDecisionPoint(sceneOptions('todo', attributesModel))
    await addPeople(point, users)
  }, 60_000)
  afterAll(() => point?.stop())

  test.each(titled(evaluation))('%s', async (_title, request, expected) => {
    expect(await point.ask('evaluation', request)).toMatchObject({ decision: expected })
  })

  test.each(titled(evaluations))('%s', async (_title, request, expected) => {
    const answer = await point.ask('evaluations', request)
    expect(answer).toMatchObject({ evaluations: expected })
    expect(answer['evaluations']).toHaveLength(expected.length)
  })
})

describe('API gateways', () => {
  const { users, evaluation } = load<{ users: Person[]; evaluation: Case<boolean>[] }>(
    'authzen-gateway.json',
  )
  let point: DecisionPoint
  beforeAll(async () => {
    point = await openDecisionPoint(sceneOptions('gateway'))
    await addPeople(point, users)
  }, 60_000)
  afterAll(() => point?.stop())

  test.each(titled(evaluation))('%s', async (_title, request, expected) => {
    expect(await point.ask('evaluation', request)).toMatchObject({ decision: expected })
  })
})

describe('search', () => {
  const data = load<{
    users: { id: string; role: string; department: string }[]
    records: { id: number; title: string; department: string; owner: string }[]
    subject: Case<Results>[]
    resource: Case<Results>[]
    action: Case<Results>[]
    idp_resource_search: Case<Results>[]
  }>('authzen-search.json')
  let point: DecisionPoint
  beforeAll(async () => {
    point = await openDecisionPoint(sceneOptions('search', attributesModel))
    for (const { id, role } of data.users) {
      await addPerson(point, `user:${id}`, { holds: role === 'manager' ? ['role:manager'] : [] })
    }
    const people = data.users.map(({ id, department }) => [`user:${id}`, { department }] as const)
    const records = data.records.map(({ id, title, department, owner }) => {
      return [`/records/record/${id}`, { title, department, owner }] as const
    })
    await point.tell(Object.fromEntries([...people, ...records]))
  }, 60_000)
  afterAll(() => point?.stop())

  test.each([
    ...titled(data.subject).map((row) => ['subject', ...row] as const),
    ...titled(data.resource).map((row) => ['resource', ...row] as const),
    ...titled(data.action).map((row) => ['action', ...row] as const),
    ...titled(data.idp_resource_search).map((row) => ['resource', ...row] as const),
  ])('%s %s', async (kind, _title, request, { results }) => {
    expect(await point.ask(`search/${kind}`, request)).toMatchObject({
      page: { next_token: '', count: results.length },
      results,
    })
  })
})
