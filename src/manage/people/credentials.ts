/** What the operations about people share: whose password it is, and by which session somebody asks. */
import { checkPassword, type Owner } from '../../identity/password-rules.ts'
import { randomText } from '../../lib/ids.ts'
import { sha256 } from '../../lib/secrets.ts'
import type { Actor, Tools } from '../runner/operation.ts'
import { Refusal } from '../runner/refusal.ts'

const TOKEN_CHARS = 32
const SESSION = 'session:'

/** The id of the session that asks, `undefined` where it is another credential. */
export function sessionOf({ credential }: Pick<Actor, 'credential'>): string | undefined {
  return credential?.startsWith(SESSION) ? credential.slice(SESSION.length) : undefined
}

/** The hash of a new password; throws a `Refusal` that says what is wrong with it. */
export async function hashNew(
  { passwords }: Pick<Tools, 'passwords'>,
  password: string,
  owner: Owner,
): Promise<string> {
  const problem = await checkPassword(password, owner)
  if (problem !== undefined) throw new Refusal('invalid_input', `password: ${problem}`)
  return passwords.hash(password)
}

/** A text that nobody guesses, of 160 bits, and what is stored of it. */
export function makeToken(): { readonly text: string; readonly hash: string } {
  const text = randomText(TOKEN_CHARS)
  return { text, hash: sha256(text) }
}

/** A link into the console. The token stands behind the `#`, which no browser sends to anybody. */
export function linkTo(adminUrl: string, page: 'setup' | 'password', token: string): string {
  return `${adminUrl}/${page}#${token}`
}
