/** Every operation of the management API, in the order of its documentation. */

import { assignmentOperations } from './assignments.ts'
import { auditOperations } from './audit.ts'
import { keyOperations } from './keys.ts'
import { organisationOperations } from './organisations.ts'
import { permissionOperations } from './permissions.ts'
import { roleOperations } from './roles.ts'
import type { Operation } from './runner/operation.ts'
import { serviceAccountOperations } from './service-accounts.ts'
import { teamMemberOperations } from './team-members.ts'
import { teamOperations } from './teams.ts'

export const operations: readonly Operation[] = [
  ...organisationOperations,
  ...teamOperations,
  ...teamMemberOperations,
  ...roleOperations,
  ...permissionOperations,
  ...assignmentOperations,
  ...serviceAccountOperations,
  ...keyOperations,
  ...auditOperations,
]
