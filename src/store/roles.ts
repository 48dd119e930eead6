/**
 * The roles that organisations made for themselves. A write belongs to a publish: the caller raises the
 * revision in the same transaction.
 */
import { type Selectable, sql } from 'kysely'
import { limits } from '../lib/limits.ts'
import type { CustomRole } from '../policy/rules/custom-roles.ts'
import { sqlState, type Transaction } from './db.ts'
import type { Tables } from './tables.ts'
import { holdsWords } from './words.ts'

const COLUMNS = ['id', 'name', 'slug', 'description', 'permissions', 'created_at'] as const
const UNIQUE_VIOLATION = '23505'

export type Role = Pick<Selectable<Tables['roles']>, (typeof COLUMNS)[number]>

/** What somebody writes of a role. */
export type NewRole = Omit<Role, 'created_at'>

/** Another role of the organisation has the id or the slug. `trx` must be rolled back. */
export class RoleTakenError extends Error {
  override readonly name = 'RoleTakenError'
}

/** Adds a role to an organisation (bare id). Throws `RoleTakenError`. */
export async function insertRole(
  trx: Transaction,
  organisation: string,
  role: NewRole,
): Promise<void> {
  const permissions = JSON.stringify(role.permissions)
  const row = { organisation, ...role, permissions }
  await unlessTaken(trx.insertInto('roles').values(row).execute())
}

/** The role with this id (`role:…`), or `undefined` when the organisation has none such. */
export function findRole(
  trx: Transaction,
  organisation: string,
  id: string,
): Promise<Role | undefined> {
  return rolesOf(trx, organisation).where('id', '=', id).executeTakeFirst()
}

/** Changes what is given of a role; `false` when there is none. Throws `RoleTakenError`. */
export async function updateRole(
  trx: Transaction,
  organisation: string,
  id: string,
  { permissions, ...rest }: Partial<Omit<NewRole, 'id'>>,
): Promise<boolean> {
  const changes = {
    ...rest,
    ...(permissions !== undefined && { permissions: JSON.stringify(permissions) }),
  }
  if (Object.keys(changes).length === 0) {
    return (await findRole(trx, organisation, id)) !== undefined
  }
  const update = trx
    .updateTable('roles')
    .set(changes)
    .where('organisation', '=', organisation)
    .where('id', '=', id)
  return (await unlessTaken(update.executeTakeFirst())).numUpdatedRows === 1n
}

/** Removes a role; `false` when there is none. Who holds it holds nothing by it from then on. */
export async function removeRole(
  trx: Transaction,
  organisation: string,
  id: string,
): Promise<boolean> {
  const result = await trx
    .deleteFrom('roles')
    .where('organisation', '=', organisation)
    .where('id', '=', id)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

export interface RoleQuery {
  /** Rows at most. */
  readonly limit: number
  /** Part of a name, a slug or an id, in any case; nothing in it is a wildcard. */
  readonly q?: string | undefined
  readonly sort: 'name' | 'created_at'
  readonly descending?: boolean
  /** The last role of the page before. */
  readonly after?: RolePlace | undefined
}

/** Where a page ended: the value it is sorted by, the name or the time, and the id. */
export interface RolePlace {
  readonly by: string | Date
  readonly id: string
}

/** The roles of an organisation by name or by age, a page of them. */
export function listRoles(
  trx: Transaction,
  organisation: string,
  { limit, q = '', sort, descending = false, after }: RoleQuery,
): Promise<Role[]> {
  // Bytes, so that every database puts and continues them in one order.
  const by =
    sort === 'name' ? sql`lower(name) collate "C"` : sql`date_trunc('milliseconds', created_at)`
  const direction = descending ? 'desc' : 'asc'
  const further = sql.raw(descending ? '<' : '>')
  const place =
    sort === 'name' ? sql`lower(${after?.by}::text) collate "C"` : sql`${after?.by}::timestamptz`
  return rolesOf(trx, organisation)
    .$if(q !== '', (query) => query.where(holdsWords(q, 'name', 'slug', 'id')))
    .$if(after !== undefined, (query) => {
      return query.where(sql<boolean>`(${by}, id collate "C") ${further} (${place}, ${after?.id})`)
    })
    .orderBy(by, direction)
    .orderBy(sql`id collate "C"`, direction)
    .limit(limit)
    .execute()
}

/** What snapshots are built from: every role of an organisation, in one order, a page at a time. */
export async function loadRoles(trx: Transaction, organisation: string): Promise<CustomRole[]> {
  const all: CustomRole[] = []
  for (;;) {
    const page = await trx
      .selectFrom('roles')
      .select(['id', 'permissions'])
      .where('organisation', '=', organisation)
      .where('id', '>', all.at(-1)?.id ?? '')
      .orderBy('id')
      .limit(limits.loadPageRows)
      .execute()
    for (const role of page) all.push(role)
    if (page.length < limits.loadPageRows) return all
  }
}

function rolesOf(trx: Transaction, organisation: string) {
  return trx.selectFrom('roles').select(COLUMNS).where('organisation', '=', organisation)
}

async function unlessTaken<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing
  } catch (error) {
    if (sqlState(error) !== UNIQUE_VIOLATION) throw error
    throw new RoleTakenError('another role has this id or slug', { cause: error })
  }
}
