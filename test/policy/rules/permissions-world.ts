/** Applications of a policy folder, and a policy with custom roles over them. */
import type { Application } from '../../../src/policy/applications.ts'
import { parseApplications } from '../../../src/policy/files/applications-file.ts'
import type { PolicyFiles } from '../../../src/policy/files/files.ts'
import { policyFiles } from '../../support/policy.ts'

const docs = (operations: string) => `  - id: docs
    upstreams: ['http://127.0.0.1:9']
    organisation: credential
    operations: [${operations}]
  - id: crm
    match: { prefix: /crm }
    upstreams: ['http://127.0.0.1:9']
    organisation: credential`

export const read = `{ id: read, method: GET, path: '/items/:id' }`
export const save = `{ id: save, method: PUT, path: '/items/:id' }`

/** `docs` with these operations and `crm` without any. */
export function applicationsWith(...operations: string[]): readonly Application[] {
  return parseApplications(`applications:\n${docs(operations.join(', '))}\n`, 'apps.yaml')
    .applications
}

/** The same as files, with guardrails. */
export function filesFor(operations: readonly string[], rules: readonly string[]): PolicyFiles {
  return policyFiles({ applications: docs(operations.join(', ')), rules })
}
