/** The fields that bodies and answers share, each with a message that says what would be right. */
import { z } from 'zod'
import { type Email, parseEmail } from '../../lib/email.ts'
import { isTypedId } from '../../lib/ids.ts'
import { limits } from '../../lib/limits.ts'

/** What a person reads and typed: one line without control characters, composed, trimmed. */
function line(most: number): z.ZodType<string> {
  return z
    .string()
    .transform((text) => text.normalize('NFC').trim())
    .pipe(
      z
        .string()
        .min(1, 'is empty')
        .max(most, `has at most ${most} characters`)
        .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'is one line without control characters'),
    )
}

const name = line(limits.nameChars)
export const nameField = name.meta({ example: 'Writers' })
/** Of a person. */
export const firstNameField = name.meta({ example: 'Ann' })
export const lastNameField = name.meta({ example: 'Lee' })
export const descriptionField = z
  .string()
  .max(limits.descriptionChars, `has at most ${limits.descriptionChars} characters`)
  // The database keeps no half of a pair of surrogates.
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'holds no control characters')
export const slugField = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/,
    'has 1 to 40 lower-case letters, digits and inner hyphens, as in acme-docs',
  )
export const subjectField = z
  .string('is a text')
  .refine((id) => isTypedId(id, 'user', 'service'), 'is user: or service: and an id')
export const emailField = z
  .string('is a text')
  .transform((text, context): Email => {
    const parsed = parseEmail(text)
    if (!('problem' in parsed)) return parsed
    context.addIssue({ code: 'custom', message: parsed.problem })
    return z.NEVER
  })
  .meta({ example: 'ann@example.com' })
/** Longer than any that is taken, so that what is wrong with one is said where it is chosen. */
export const passwordField = z
  .string('is a text')
  .max(limits.passwordInputChars, `has at most ${limits.passwordMostChars} characters`)
  .meta({ format: 'password' })
/** The part of a mailed or shown link behind its `#`. */
export const tokenField = z
  .string('is a text')
  .regex(/^[0-9a-z]{1,100}$/, 'is the part of the link behind its #')
/** Why something was done, for those who read of it later. */
export const messageField = line(limits.descriptionChars).meta({ example: 'Editors may publish' })
/** What an operation gets that reads its body by itself: the media type and the text. */
export const textBody = z.object({ type: z.string(), text: z.string() })
export const moment = z.iso.datetime().meta({ example: '2026-01-31T12:00:00.000Z' })

/** A list of what `item` is, a page at a time. */
export function pageOfItems<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().optional() })
}
