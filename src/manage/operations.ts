/** Every operation of the management API, in the order of its documentation. */

import { acceptanceOperations } from './acceptance.ts'
import { assignmentOperations } from './assignments.ts'
import { attributeOperations } from './attributes.ts'
import { auditOperations } from './audit.ts'
import { auditExportOperations } from './audit-export.ts'
import { decisionOperations } from './decisions.ts'
import { invitationOperations } from './invitations.ts'
import { keyOperations } from './keys.ts'
import { memberOperations } from './members.ts'
import { organisationOperations } from './organisations.ts'
import { ownershipOperations } from './ownership.ts'
import { meOperations } from './people/me.ts'
import { ownPasswordOperations } from './people/own-password.ts'
import { ownSessionOperations } from './people/own-sessions.ts'
import { passwordResetOperations } from './people/password-resets.ts'
import { sessionOperations } from './people/sessions.ts'
import { setUpOperations } from './people/set-up.ts'
import { signInOperations } from './people/sign-in.ts'
import { permissionOperations } from './permissions.ts'
import { policyOperations } from './policies.ts'
import { publishOperations } from './policies-publish.ts'
import { revisionOperations } from './policies-revisions.ts'
import { roleOperations } from './roles.ts'
import type { Operation } from './runner/operation.ts'
import { searchOperations } from './searches.ts'
import { serviceAccountOperations } from './service-accounts.ts'
import { teamMemberOperations } from './team-members.ts'
import { teamOperations } from './teams.ts'

export const operations: readonly Operation[] = [
  ...setUpOperations,
  ...signInOperations,
  ...passwordResetOperations,
  ...meOperations,
  ...ownPasswordOperations,
  ...ownSessionOperations,
  ...organisationOperations,
  ...ownershipOperations,
  // Before the members, one of whom "invitations" would be.
  ...invitationOperations,
  ...memberOperations,
  ...acceptanceOperations,
  ...teamOperations,
  ...teamMemberOperations,
  ...roleOperations,
  ...permissionOperations,
  ...assignmentOperations,
  ...serviceAccountOperations,
  ...keyOperations,
  ...sessionOperations,
  ...policyOperations,
  ...publishOperations,
  ...revisionOperations,
  ...attributeOperations,
  ...decisionOperations,
  ...searchOperations,
  ...auditOperations,
  ...auditExportOperations,
]
