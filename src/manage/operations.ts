/** Every operation of the management API, in the order of its documentation. */

import { assignmentOperations } from './assignments.ts'
import { auditOperations } from './audit.ts'
import { organisationOperations } from './organisations.ts'
import { policyOperations } from './policies.ts'
import { publishOperations } from './policies-publish.ts'
import { revisionOperations } from './policies-revisions.ts'
import type { Operation } from './runner/operation.ts'
import { teamMemberOperations } from './team-members.ts'
import { teamOperations } from './teams.ts'

export const operations: readonly Operation[] = [
  ...organisationOperations,
  ...teamOperations,
  ...teamMemberOperations,
  ...assignmentOperations,
  ...policyOperations,
  ...publishOperations,
  ...revisionOperations,
  ...auditOperations,
]
