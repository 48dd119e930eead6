/**
 * What an organisation's applications told about its members and about resources. A write belongs to
 * a publish: the caller raises the revision in the same transaction.
 */
import { sql } from 'kysely'
import { limits } from '../lib/limits.ts'
import type { Attributes } from '../policy/attributes.ts'
import type { Transaction } from './db.ts'

/** An entity, `user:…`, `service:…` or the object of a resource, and all that is said of it. */
export interface Described {
  readonly entity: string
  readonly attributes: Attributes
}

/** Nothing of the batch is written. */
export class TooManyAttributesError extends Error {
  override readonly name = 'TooManyAttributesError'
}

/** Everything that is stored for an organisation (bare id), by entity. */
export async function loadAttributes(
  trx: Transaction,
  organisation: string,
): Promise<Map<string, Attributes>> {
  const all = new Map<string, Attributes>()
  // A page at a time, so that what an organisation knows holds nobody up.
  for (let last = ''; ; ) {
    const page = await trx
      .selectFrom('attributes')
      .select(['entity', 'attributes'])
      .where('organisation', '=', organisation)
      .where('entity', '>', last)
      .orderBy('entity')
      .limit(limits.loadPageRows)
      .execute()
    for (const { entity, attributes } of page) all.set(entity, attributes)
    if (page.length < limits.loadPageRows) return all
    last = page.at(-1)?.entity ?? ''
  }
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
  const { count } = await trx
    .selectFrom('attributes')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('organisation', '=', organisation)
    .executeTakeFirstOrThrow()
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
