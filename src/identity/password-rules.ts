/**
 * What a password must be: long, and not what everybody tries first. No rule about capitals, digits
 * or signs, which make passwords harder to remember than to guess (NIST SP 800-63B, 3.1.1.2).
 */
import { limits } from '../lib/limits.ts'
import { normalisePassword } from './passwords.ts'

/** Whose password it is going to be. */
export interface Owner {
  readonly email: string
  readonly firstName?: string | null | undefined
  readonly lastName?: string | null | undefined
}

/** Half a megabyte of words that most processes never need, so they are read when first needed. */
let common: Promise<ReadonlySet<string>> | undefined

function commonPasswords(): Promise<ReadonlySet<string>> {
  common ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common']),
  )
  return common
}

/** What is wrong with a password for `owner`, as a sentence for them; `undefined` for a good one. */
export async function checkPassword(password: string, owner: Owner): Promise<string | undefined> {
  const { passwordLeastChars: least, passwordMostChars: most } = limits
  // A code point has at most two units; what is longer need not be normalised to know.
  if (password.length > 2 * most) return `The password is too long: use at most ${most} characters.`
  if (!password.isWellFormed()) {
    return 'The password has half of a character in it: use whole Unicode characters.'
  }
  const text = normalisePassword(password)
  const length = [...text].length
  if (length < least) {
    return `The password has ${length} characters: use at least ${least}, such as four words.`
  }
  if (length > most) return `The password is too long: use at most ${most} characters.`
  if (isPersonal(text, owner)) {
    return 'The password is an address or a name of its owner: use something nobody can look up.'
  }
  if (isRepetition(text)) {
    return 'The password is a short text repeated: use something that is long by itself.'
  }
  if (isCommon(text, await commonPasswords())) {
    return 'The password is among those that are tried first: use something that only you know.'
  }
  return undefined
}

/** What `password1234!` begins with is no better for its end. */
function isCommon(text: string, list: ReadonlySet<string>): boolean {
  const lower = text.toLowerCase()
  const core = lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  return list.has(lower) || (core !== '' && list.has(core))
}

function isRepetition(text: string): boolean {
  return (text + text).indexOf(text, 1) < text.length
}

function isPersonal(text: string, { email, firstName, lastName }: Owner): boolean {
  const [local = '', domain = ''] = email.split('@')
  const first = firstName ?? ''
  const last = lastName ?? ''
  const forms = [email, local, domain, first, last, first + last, last + first]
  const own = new Set(forms.map(bare).filter((form) => form !== ''))
  return own.has(bare(text)) || own.has(bare(text).replace(/^\p{N}+|\p{N}+$/gu, ''))
}

/** Letters and digits alone, in one case. */
function bare(text: string): string {
  return normalisePassword(text)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
}
