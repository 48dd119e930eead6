/** `policies/issuers.yaml`: whose tokens are believed, by which keys, for which audience. */
import { z } from 'zod'
import { type Issuer, tokenAlgorithms } from '../issuers.ts'
import type { PolicyProblem } from '../problem.ts'
import { bareId, secureUrl } from './fields.ts'
import { readYaml } from './yaml-file.ts'

const algorithm = z.enum(tokenAlgorithms, {
  error: ({ input }) => {
    const shared = /^HS/i.test(String(input))
      ? 'A shared secret is never accepted'
      : `"${String(input)}" is not accepted`
    return `${shared}: write one of ${tokenAlgorithms.join(', ')}.`
  },
})

const keys = z.union(
  [
    z.strictObject({ url: secureUrl }),
    z.strictObject({
      file: z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/, {
        error: 'Write the name of a file beside issuers.yaml, without a folder.',
      }),
    }),
  ],
  { error: 'Write {url: https://…} or {file: keys.jwks.json}.' },
)

const text = z.string().regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?$/, {
  error: 'Write 1 to 256 printable characters.',
})

const issuer = z.strictObject({
  issuer: secureUrl,
  keys,
  audience: text,
  algorithms: z.array(algorithm).min(1, { error: 'Write at least one algorithm.' }),
  type: text.optional(),
  organisation: bareId.optional(),
})

const schema = z.strictObject({ issuers: z.array(issuer) })

/** Reads every issuer, or names every problem of the file. */
export function parseIssuers(
  source: string,
  file: string,
): { issuers: Issuer[]; problems: PolicyProblem[] } {
  const read = readYaml(source, file, schema)
  if (read.value === undefined) return { issuers: [], problems: read.problems }
  const seen = new Set<string>()
  for (const [index, { issuer: name }] of read.value.issuers.entries()) {
    // One issuer that spoke for two organisations could be taken for the other (A5 98).
    if (seen.has(name)) read.report(['issuers', index, 'issuer'], `"${name}" is declared twice.`)
    seen.add(name)
  }
  const issuers = read.value.issuers.map(({ type, organisation, ...rest }): Issuer => {
    return Object.freeze({ ...rest, type, organisation })
  })
  return { issuers, problems: read.problems }
}
