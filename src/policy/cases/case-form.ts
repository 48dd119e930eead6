/** The form of a `*.test.yaml`: what may stand where, before anybody asks what the names mean. */
import { z } from 'zod'
import { limits } from '../../lib/limits.ts'
import { bareId, textWith } from '../files/fields.ts'

/** A moment in UTC, in milliseconds since 1970. */
const moment = z.string().transform((text, context) => {
  const [, day] = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/.exec(text) ?? []
  const milliseconds = day === undefined ? Number.NaN : Date.parse(text)
  // The 30th of February is read as a day of March.
  const real = Number.isFinite(milliseconds) && new Date(milliseconds).toISOString().slice(0, 10)
  if (real === day) return milliseconds
  const message = `"${text}" is no moment: write one in UTC, such as 2026-01-31T12:00:00Z.`
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

const holdingForm =
  'Write a team or a role, or one that ends: { holds: role:editor, until: 2026-01-31T12:00:00Z }.'

const holding = z.union([z.string(), z.strictObject({ holds: z.string(), until: moment })], {
  error: holdingForm,
})

const attribute = z.union([z.string(), z.number(), z.boolean()], {
  error: 'Write a text, a number, true or false here.',
})

const title = textWith((text) => {
  const fits = text.trim() !== '' && text.length <= limits.nameChars && !/\p{Cc}/u.test(text)
  return fits ? undefined : `A name is one line of at most ${limits.nameChars} characters.`
})

const line = textWith((text) =>
  /[\r\n]/.test(text) ? 'A rule is one line; write each as an item of its own.' : undefined,
)

const names = (what: string) => z.array(z.string()).min(1, { error: `Write at least one ${what}.` })

const test = z.strictObject({
  name: title,
  organisation: bareId.optional(),
  clock: moment.optional(),
  subjects: names('subject'),
  resources: names('resource'),
  actions: z.record(z.string(), z.enum(['allow', 'deny'], { error: 'Write allow or deny.' })),
})

export const caseForm = z.strictObject({
  organisation: bareId,
  clock: moment.optional(),
  given: z.record(z.string(), z.array(holding)).default({}),
  rules: z.array(line).default([]),
  attributes: z.record(z.string(), z.record(z.string(), attribute)).default({}),
  tests: z.array(test).min(1, { error: 'Write at least one test.' }),
})

export type CaseForm = z.infer<typeof caseForm>
