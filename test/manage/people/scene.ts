/** The management listener with people who sign in; what is logged and mailed is kept to be looked at. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPasswords } from '../../../src/identity/passwords.ts'
import type { NewAccount } from '../../../src/store/accounts.ts'
import { addAccount } from '../../store/people-rows.ts'
import { checkDeclared } from '../../support/declared.ts'
import { startGateway, type TestGateway, type TestGatewayOptions } from '../../support/gateway.ts'
import { until } from '../../support/until.ts'

/** The origin of the settings, which no request changes. */
export const ADMIN_URL = 'http://127.0.0.1:0'
export const PASSWORD = 'correct horse battery staple'
export const OTHER = 'five quick zebras jump twice'

export interface Said {
  /** A session or a key. */
  readonly bearer?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

export interface PeopleScene {
  readonly gateway: TestGateway
  readonly call: (method: string, path: string, said?: Said) => Promise<Answered>
  /** Adds an account `<name>@example.com` with `PASSWORD`. */
  readonly person: (name: string, over?: Partial<NewAccount>) => Promise<void>
  /** Signs in and returns the session. */
  readonly signIn: (name: string, password?: string) => Promise<string>
  /** The newest token that was mailed to somebody. */
  readonly mailed: (name: string) => Promise<string>
  /** Makes everything that was counted forgotten. */
  readonly calm: () => Promise<unknown>
}

export async function openPeople(over: Partial<TestGatewayOptions> = {}): Promise<PeopleScene> {
  const gateway = await startGateway({
    applications: `  - { id: crm, match: { prefix: /t }, upstreams: ['http://127.0.0.1:9'], organisation: { path: '/t/:org/*' } }`,
    rules: ['p, role:reader, *, /crm/*, GET, allow'],
    ...over,
  })
  const { db } = gateway.running
  const hash = await createPasswords().hash(PASSWORD)
  const call = async (method: string, path: string, { bearer, headers, body }: Said = {}) => {
    const answer = await fetch(`http://127.0.0.1:${gateway.adminPort}/api/v1${path}`, {
      method,
      headers: {
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    const shown: Record<string, unknown> = text === '' ? {} : JSON.parse(text)
    checkDeclared(method, path, shown['code'])
    return { status: answer.status, headers: answer.headers, body: shown }
  }
  const folder = join(gateway.dataDir, 'mail')
  return {
    gateway,
    call,
    person: async (name, account = {}) => {
      const own = { email: { email: `${name}@example.com`, key: `${name}@example.com` } }
      await addAccount(db, name, { password: hash, ...own, ...account })
    },
    signIn: async (name, password = PASSWORD) => {
      const body = { email: `${name}@example.com`, password }
      const { body: answer } = await call('POST', '/sign-in', { body })
      return String(answer['session'])
    },
    mailed: async (name) => {
      let found: string | undefined
      await until(() => {
        found = textsIn(folder).findLast((text) => text.includes(`To: ${name}@example.com`))
        return found !== undefined
      })
      return /password#(\w+)/.exec(found ?? '')?.[1] ?? ''
    },
    calm: () => db.query.deleteFrom('attempts').execute(),
  }
}

function textsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.txt'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
  } catch {
    return []
  }
}
