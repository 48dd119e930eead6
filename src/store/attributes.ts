/**
 * What an organisation's applications told about its members and about resources. A write belongs to
 * a publish: the caller raises the revision in the same transaction.
 */
import { type RawBuilder, sql } from 'kysely'
import { limits } from '../lib/limits.ts'
import type { Attributes } from '../policy/attributes.ts'
import type { Transaction } from './db.ts'
import { loadKeyed } from './keyed.ts'

/** An entity, `user:…`, `service:…` or the object of a resource, and all that is said of it. */
export interface Described {
  readonly entity: string
  readonly attributes: Attributes
}

/** Nothing of the batch is written. */
export class TooManyAttributesError extends Error {
  override readonly name = 'TooManyAttributesError'
}

/**
 * Everything that is stored for an organisation (bare id), by entity; brought up to date where it was
 * loaded `before`.
 */
export function loadAttributes(
  trx: Transaction,
  organisation: string,
  before?: { readonly attributes: ReadonlyMap<string, Attributes>; readonly horizon: string },
): Promise<ReadonlyMap<string, Attributes>> {
  const page = async (after: string, changed: RawBuilder<boolean>) => {
    const rows = await trx
      .selectFrom('attributes')
      .select(['entity', 'attributes'])
      .where('organisation', '=', organisation)
      .where('entity', '>', after)
      .where(changed)
      .orderBy('entity')
      .limit(limits.loadPageRows)
      .execute()
    return rows.map(({ entity, attributes }) => [entity, attributes] as const)
  }
  return loadKeyed(
    { page, count: () => countAttributes(trx, organisation) },
    before && { entries: before.attributes, horizon: before.horizon },
  )
}

async function countAttributes(trx: Transaction, organisation: string): Promise<number> {
  const { count } = await trx
    .selectFrom('attributes')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('organisation', '=', organisation)
    .executeTakeFirstOrThrow()
  return count
}

/**
 * Puts what is given in the place of what was stored for each of `items`, which name no entity twice.
 * Throws `TooManyAttributesError`.
 */
export async function putAttributes(
  trx: Transaction,
  organisation: string,
  items: readonly Described[],
): Promise<void> {
  const rows = items.map(({ entity, attributes }) => {
    return { organisation, entity, attributes: JSON.stringify(attributes) }
  })
  if (rows.length === 0) return
  await trx
    .insertInto('attributes')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['organisation', 'entity'])
        .doUpdateSet({ attributes: (row) => row.ref('excluded.attributes') }),
    )
    .execute()
  const count = await countAttributes(trx, organisation)
  if (count > limits.attributesPerOrganisation) throw new TooManyAttributesError()
}

/** Removes what is stored for an entity; `false` when there is nothing. */
export async function removeAttributes(
  trx: Transaction,
  organisation: string,
  entity: string,
): Promise<boolean> {
  const result = await trx
    .deleteFrom('attributes')
    .where('organisation', '=', organisation)
    .where('entity', '=', entity)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}
