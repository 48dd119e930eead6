/** Every operation of the management API, in the order of its documentation. */
import type { Operation } from './runner/operation.ts'
import { teamOperations } from './teams.ts'

export const operations: readonly Operation[] = [...teamOperations]
