/** A session begins: its row, its cookie for a browser, its text for a program. */
import { z } from 'zod'
import { cookieNamesAt, makeSession } from '../../identity/sessions.ts'
import { limits } from '../../lib/limits.ts'
import { addSession } from '../../store/sessions.ts'
import { moment } from '../runner/fields.ts'
import type { Change, Done, Tools } from '../runner/operation.ts'

export const signedIn = z
  .object({
    session: z.string().meta({ description: 'Send it as `Authorization: Bearer`.' }),
    subject: z.string().meta({ example: 'user:ann' }),
    mustChangePassword: z.boolean(),
    expiresAt: moment,
  })
  .meta({ id: 'SignedIn' })

type Started = Required<Pick<Done<z.output<typeof signedIn>>, 'answer' | 'cookie'>>

/** Begins a session of `subject` that is valid in one organisation (bare id) or in all of theirs. */
export async function startSession(
  { trx, tools, actor, now }: Change<unknown, unknown, unknown>,
  subject: string,
  mustChangePassword = false,
  organisation?: string,
): Promise<Started> {
  const { text, ...made } = makeSession()
  const from = { address: actor.address ?? null, agent: actor.agent ?? null }
  const organisations = organisation === undefined ? null : [organisation]
  await addSession(trx, { ...made, subject, organisations, ...from })
  const expiresAt = new Date(now.getTime() + limits.sessionLifetimeMs).toISOString()
  return {
    answer: { session: text, subject, mustChangePassword, expiresAt },
    cookie: cookie(tools, text, limits.sessionLifetimeMs / 1_000),
  }
}

/** The cookie that takes a session from a browser. */
export function noSession(tools: Pick<Tools, 'adminUrl'>): string {
  return cookie(tools, '', 0)
}

/** No script reads it, no other site's page sends it, no other host or path sets it (A2 49, A4 86). */
function cookie({ adminUrl }: Pick<Tools, 'adminUrl'>, text: string, seconds: number): string {
  const [name] = cookieNamesAt('console', adminUrl)
  const secure = name.startsWith('__Host-') ? '; Secure' : ''
  return `${name}=${text}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`
}
