/** Every operation of the management API, in the order of its documentation. */
import { assignmentOperations } from './assignments.ts'
import { auditOperations } from './audit.ts'
import { organisationOperations } from './organisations.ts'
import { meOperations } from './people/me.ts'
import { ownPasswordOperations } from './people/own-password.ts'
import { ownSessionOperations } from './people/own-sessions.ts'
import { passwordResetOperations } from './people/password-resets.ts'
import { sessionOperations } from './people/sessions.ts'
import { setUpOperations } from './people/set-up.ts'
import { signInOperations } from './people/sign-in.ts'
import type { Operation } from './runner/operation.ts'
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
  ...teamOperations,
  ...teamMemberOperations,
  ...assignmentOperations,
  ...sessionOperations,
  ...auditOperations,
]
