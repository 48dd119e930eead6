/** What the management API is asked, over one connection, and how long each answer takes. */
import { Pool } from 'undici'
import { keyIn, platformKey } from './organisations.ts'

export interface Said {
  readonly status: number
  readonly text: string
  readonly milliseconds: number
}

export interface Asking {
  /** Asks as the owner of an organisation, by its number, or as the platform's administrator. */
  readonly ask: (
    who: number | 'platform',
    method: 'GET' | 'POST',
    path: string,
    body?: object,
  ) => Promise<Said>
  readonly close: () => Promise<void>
}

/** Opens the connection to the management listener at `port`. */
export function openAsking(port: number): Asking {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1 })
  return {
    ask: async (who, method, path, body) => {
      const key = who === 'platform' ? platformKey : keyIn(who, 'owner')
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      const where = who === 'platform' ? '' : `/orgs/o${who}`
      const text = body === undefined ? null : JSON.stringify(body)
      const from = performance.now()
      const answer = await pool.request({
        method,
        path: `/api/v1${where}${path}`,
        headers,
        body: text,
      })
      const said = await answer.body.text()
      const milliseconds = performance.now() - from
      if (answer.statusCode < 300) return { status: answer.statusCode, text: said, milliseconds }
      throw new Error(`${method} ${path} by ${who}: ${answer.statusCode} ${said}`)
    },
    close: () => pool.close(),
  }
}

/** The path of a later page: the one that comes after `pages` of the largest size. */
export async function laterPage(
  { ask }: Asking,
  who: number | 'platform',
  path: string,
  pages: number,
): Promise<string> {
  const separator = path.includes('?') ? '&' : '?'
  let cursor = ''
  for (let page = 0; page < pages; page += 1) {
    const { text } = await ask(who, 'GET', `${path}${separator}limit=200${cursor}`)
    const { next } = JSON.parse(text) as { next?: string }
    if (next === undefined) throw new Error(`${path} ended after ${page} pages`)
    cursor = `&cursor=${encodeURIComponent(next)}`
  }
  return `${path}${separator}limit=50${cursor}`
}
