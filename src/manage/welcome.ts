/** What the terminal says when the server is up: where it is, and three lines to try. */
import type { DemoKeys } from './demo.ts'

export interface WelcomeOptions {
  readonly publicUrl: string
  readonly adminUrl: string
  readonly database: string
  readonly policyDir: string
  readonly keys: DemoKeys | undefined
  /** The set-up link, or where it was written; absent once the platform has an owner. */
  readonly setUp: string | undefined
}

/** The lines as printed; each `curl` works when it is pasted. */
export function welcome({
  publicUrl,
  adminUrl,
  database,
  policyDir,
  keys,
  setUp,
}: WelcomeOptions): string {
  const lines = [
    '',
    '  Gatehouse is ready.',
    '',
    `  Gateway      ${publicUrl}`,
    `  Management   ${adminUrl}`,
    `  Database     ${database}`,
    `  Policies     ${policyDir} (an edit is in force within a second)`,
    ...(setUp === undefined ? [] : [`  Set-up       ${setUp} (works once)`]),
    '',
  ]
  if (keys === undefined) return lines.join('\n')
  const explained = `${adminUrl}/api/v1/orgs/acme/decisions/explain?sub=user:cleo&obj=/docs/documents/1&act=DELETE`
  return [
    ...lines,
    '  Try it. The sample keys die after 24 hours.',
    '',
    '  Ben writes documents, so he may read one (200):',
    `  curl -i -H 'Authorization: Bearer ${keys.ben}' ${publicUrl}/docs/documents/1`,
    '',
    '  Cleo only reads, so she may not delete it (403):',
    `  curl -i -X DELETE -H 'Authorization: Bearer ${keys.cleo}' ${publicUrl}/docs/documents/1`,
    '',
    '  Ann owns the organisation, so she may ask why (200):',
    `  curl -i -H 'Authorization: Bearer ${keys.ann}' '${explained}'`,
    '',
  ].join('\n')
}
