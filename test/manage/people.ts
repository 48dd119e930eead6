/** What the tests of members and invitations share. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../support/until.ts'
import type { Callers } from './callers.ts'

export const password = 'four quiet words here'
let people = 0

/** Somebody new, with an address of their own. */
export function somebody(over: Record<string, unknown> = {}) {
  people += 1
  return {
    firstName: 'Dora',
    lastName: 'Dorn',
    email: `d${people}@acme.example`,
    password,
    ...over,
  }
}

/** The body of an invitation to a new address. */
export function invited(over: Record<string, unknown> = {}) {
  const { email } = somebody()
  return { email, ...over }
}

/** The token of a link, which is what follows the #. */
export function tokenIn(text: unknown): string {
  return /#([0-9a-z]{52})/.exec(String(text))?.[1] ?? ''
}

/** The token of the newest mail to an address, which is a file as long as no SMTP server is named. */
export async function mailedToken(dataDir: string, email: string): Promise<string> {
  const folder = join(dataDir, 'mail')
  const find = () =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .filter((text) => text.includes(email))
      .map(tokenIn)
      .at(-1)
  await until(() => {
    try {
      return find() !== undefined
    } catch {
      return false
    }
  })
  return find() ?? ''
}

/** Asks an operation that is open to anyone. */
export async function askAnyone({ gateway }: Callers, path: string, body: unknown) {
  const url = `http://127.0.0.1:${gateway.adminPort}/api/v1${path}`
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text) }
}
