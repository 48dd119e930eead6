/**
 * Email addresses: one strict grammar, and the form in which they are compared. Letters beyond ASCII
 * are refused before the @, where they make two addresses that look alike (A6 118), and compared as
 * Punycode behind it, where the DNS does. Nothing else is folded: not dots, not `+tags`, whose meaning
 * is the receiving server's affair.
 */
import { domainToASCII } from 'node:url'
import { limits } from './limits.ts'

export interface Email {
  /** As it was typed, composed (NFC): where mail goes. */
  readonly email: string
  /** As it is compared, all ASCII: two addresses are the same when their keys are. */
  readonly key: string
}

/** What RFC 5321 calls a dot-string; a quoted one is nobody's address and many an attack. */
const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
/** Two labels or more, so that no mail goes to a host of the inner network by a bare name. */
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/
/** Of a typed domain: letters, their marks, digits, dots, hyphens; no sign that IDNA maps away. */
const TYPED_DOMAIN = /^[\p{L}\p{M}\p{N}.-]+$/u

/** The address that `text` is, or a sentence that says what would be right. */
export function parseEmail(text: string): Email | { readonly problem: string } {
  if (text.length > limits.emailChars) {
    return { problem: `The email address is longer than ${limits.emailChars} characters.` }
  }
  // An address with two of them is read in two ways (A5 100).
  const [local = '', typed = '', ...more] = text.split('@')
  if (local === '' || typed === '' || more.length > 0) {
    return { problem: 'Use an email address with exactly one @, such as ann@example.com.' }
  }
  if (local.length > limits.emailLocalChars || !LOCAL.test(local)) {
    return {
      problem:
        'Before the @ use up to 64 letters from a to z, digits and signs, dots between them alone.',
    }
  }
  const host = typed.normalize('NFC')
  // IDNA folds wide letters, ligatures and invisible characters into plain ones: what changes under
  // compatibility normalisation only looks like the domain that it would become.
  const plain = TYPED_DOMAIN.test(host) && host.normalize('NFKC') === host
  const domain = plain ? domainToASCII(host) : ''
  const key = `${local.toLowerCase()}@${domain}`
  if (!DOMAIN.test(domain) || key.length > limits.emailChars) {
    return { problem: 'Behind the @ use a domain such as example.com.' }
  }
  return { email: `${local}@${host}`, key }
}
