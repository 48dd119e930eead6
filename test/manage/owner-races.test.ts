import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadOrganisation, type OrganisationState } from '../../src/store/organisation-state.ts'
import { postgresUrl } from '../support/databases.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { type Answered, ask } from '../support/management.ts'
import { auditSince, isChain } from './walks-record.ts'
import { applications, guardrails, ownersOf } from './walks-world.ts'

const RACES = 50
const replicas: TestGateway[] = []

beforeAll(async () => {
  const env = {
    DATABASE_URL: await postgresUrl(),
    SECRET_KEY: 'a secret key of the races, long enough',
  }
  for (let one = 0; one < 2; one += 1) {
    replicas.push(await startGateway({ applications, rules: guardrails, env }))
  }
}, 60_000)
afterAll(async () => {
  for (const gateway of replicas) await gateway.stop()
})

/** The three ways in which an owner is none any more. */
const ways = [
  (who: string) => ['DELETE', `/members/${who}`],
  (who: string) => ['POST', `/members/${who}/suspend`],
  (who: string, { rules }: OrganisationState) => {
    const source = rules.find(({ values }) => values[0] === who)?.source
    return ['DELETE', `/assignments/${source?.kind === 'organisation' ? source.id : ''}`]
  },
]

async function stateOf(organisation: string): Promise<OrganisationState> {
  const state = await loadOrganisation((replicas[0] as TestGateway).running.db, organisation)
  if (state === undefined) throw new Error(`${organisation} is gone`)
  return state
}

/** Each owner of a new organisation ends the next one, or themselves; all at once. */
async function race(organisation: string, count: number, number: number): Promise<Answered[]> {
  const [first] = replicas as [TestGateway]
  await first.organisation(organisation)
  const owners = ['user:ann', 'user:ben', 'user:cid'].slice(0, count)
  const keys: string[] = []
  for (const owner of owners) {
    keys.push(await first.member(owner, { organisation, holds: ['role:owner'] }))
  }
  const state = await stateOf(organisation)
  const further = number % 3 === 0 ? 0 : 1
  const asked = owners.map((_, at) => {
    const next = owners[(at + further) % count] ?? ''
    const way = ways[Math.floor(number / 3 ** at) % ways.length]
    const [method = '', path = ''] = way?.(next, state) ?? []
    const { adminPort } = replicas[at % replicas.length] as TestGateway
    return ask(adminPort, keys[at], method, `/orgs/${organisation}${path}`)
  })
  return await Promise.all(asked)
}

describe('owners who end each other at once, through two replicas on PostgreSQL', () => {
  test.each([2, 3])(
    '%i of them leave one, and a row of the audit for each who is gone',
    async (count) => {
      for (let number = 0; number < RACES; number += 1) {
        const organisation = `race${count}-${number}`
        const answers = await race(organisation, count, number)
        const told = JSON.stringify(answers.map(({ status, json }) => [status, json['detail']]))
        const ended = answers.filter(({ status }) => status < 300).length
        const left = ownersOf(await stateOf(organisation))
        expect(left.length, told).toBeGreaterThan(0)
        expect(left, told).toHaveLength(count - ended)
        for (const { status } of answers) expect([200, 204, 401, 403, 404, 409]).toContain(status)
        const rows = await auditSince((replicas[0] as TestGateway).running.db, organisation)
        expect(rows, told).toHaveLength(ended)
        expect(isChain(rows)).toBe(true)
      }
    },
  )
})
