/** The operations that applications declare and somebody can use, finish or in part. */
import type { Steps } from '../../lib/turns.ts'
import type { Application, Operation } from '../applications.ts'
import { overlaps, type Pattern, readPattern, witness } from '../patterns/pattern-algebra.ts'
import { intersect } from '../patterns/pattern-meet.ts'
import { anonymous } from '../rules/grammar.ts'
import type { Snapshot } from '../snapshot.ts'
import { type Page, type PageRequest, pageOf, type Unsupported } from './page.ts'
import { methodsOf, namesOf, type Permission, permissionsFor } from './permissions.ts'
import { whyUnreadable } from './product-model.ts'

export interface AllowedOperation {
  readonly application: string
  readonly operation: Operation
  /** Every path of the operation, or only some: those of `allow` without those of `except`. */
  readonly extent: 'all' | 'some'
  readonly allow: readonly string[]
  readonly except: readonly string[]
}

interface Declared {
  readonly application: Application
  readonly operation: Operation
}

/**
 * The declared operations that a subject may use at least in part, by application and operation.
 * `anonymous` gets no further than the public paths. Throws an `EntangledPatternsError` for hostile
 * patterns.
 */
export function* whichOperations(
  snapshot: Snapshot,
  subject: string,
  applications: readonly Application[],
  page: PageRequest,
): Steps<Page<AllowedOperation> | Unsupported> {
  const because = whyUnreadable(snapshot)
  if (because !== undefined) return { kind: 'unsupported', because }
  const permissions = permissionsFor(snapshot, namesOf(snapshot, subject))
  const byMethod = yield* groupByMethod(permissions)
  const declared = applications.flatMap((application) =>
    application.operations.map((operation) => ({ application, operation })),
  )
  const see = ({ application, operation }: Declared) => {
    const { id, publicPaths } = application
    const open = subject === anonymous ? publicPaths.map((path) => patternIn(id, path)) : undefined
    return extentOf(id, operation, byMethod.get(operation.method) ?? [], open)
  }
  return yield* pageOf(declared, page, nameOf, see)
}

function* groupByMethod(
  permissions: readonly Permission[],
): Steps<ReadonlyMap<string, readonly Permission[]>> {
  const groups = new Map<string, Permission[]>()
  for (const permission of permissions) {
    yield
    for (const method of methodsOf(permission.method)) {
      const group = groups.get(method)
      if (group === undefined) groups.set(method, [permission])
      else group.push(permission)
    }
  }
  return groups
}

function patternIn(application: string, path: string): Pattern {
  return readPattern(`/${application}${path}`)
}

function nameOf({ application, operation }: Declared): string {
  return `${application.id} ${operation.id}`
}

/** `undefined` where nothing of the operation is left. */
function extentOf(
  application: string,
  operation: Operation,
  permissions: readonly Permission[],
  open: readonly Pattern[] | undefined,
): AllowedOperation | undefined {
  const object = patternIn(application, operation.path)
  const near = permissions.filter((permission) => overlaps(permission.object, object))
  const objects = (allow: boolean) =>
    near.filter((permission) => permission.allow === allow).map((permission) => permission.object)
  const denies = objects(false)
  const allows = objects(true)
  const reached =
    open === undefined
      ? allows
      : allows.flatMap((one) => open.flatMap((path) => intersect(one, path)))
  const allow = reached.filter((by) => witness([object, by], denies) !== undefined)
  if (allow.length === 0) return undefined
  const except = denies.filter((by) =>
    allow.some((one) => witness([object, one, by], []) !== undefined),
  )
  const whole = except.length === 0 && witness([object], allow) === undefined
  const texts = (patterns: readonly Pattern[]) => patterns.map(({ text }) => text)
  const extent = whole ? 'all' : 'some'
  return { application, operation, extent, allow: texts(allow), except: texts(except) }
}
