/** Policy files made of a few lines, on the product's own model. */
import { readFileSync } from 'node:fs'
import { type PolicyFiles, parsePolicyFiles } from '../../src/policy/files/files.ts'

export interface PolicyLines {
  /** The list below `applications:` in `apps.yaml`. */
  readonly applications: string
  /** The lines of `rules.csv`. */
  readonly rules: readonly string[]
}

export function policyFiles({ applications, rules }: PolicyLines): PolicyFiles {
  return parsePolicyFiles({
    model: { name: 'model.conf', text: readFileSync('model.conf', 'utf8') },
    files: new Map([
      ['policies/apps.yaml', `applications:\n${applications}\n`],
      ['policies/rules.csv', `${rules.join('\n')}\n`],
    ]),
  })
}
