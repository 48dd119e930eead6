/** Teams of an organisation. Who is in one, and what it may do, are rules. */
import type { Selectable } from 'kysely'
import type { Transaction } from './db.ts'
import type { Tables } from './tables.ts'
import { holdsWords } from './words.ts'

export type Team = Omit<Selectable<Tables['teams']>, 'organisation'>

const COLUMNS = ['id', 'name', 'description', 'created_at'] as const

/** Adds a team. */
export async function addTeam(
  trx: Transaction,
  organisation: string,
  team: Pick<Team, 'id' | 'name' | 'description' | 'created_at'>,
): Promise<void> {
  await trx
    .insertInto('teams')
    .values({ organisation, ...team })
    .execute()
}

export function findTeam(
  trx: Transaction,
  organisation: string,
  id: string,
): Promise<Team | undefined> {
  return trx
    .selectFrom('teams')
    .select(COLUMNS)
    .where('organisation', '=', organisation)
    .where('id', '=', id)
    .executeTakeFirst()
}

/** Changes what is given of a team; `false` when there is none. */
export async function updateTeam(
  trx: Transaction,
  organisation: string,
  id: string,
  changes: Partial<Pick<Team, 'name' | 'description'>>,
): Promise<boolean> {
  const result = await trx
    .updateTable('teams')
    .set(changes)
    .where('organisation', '=', organisation)
    .where('id', '=', id)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Removes a team; its rules are the caller's to remove. `false` when there is none. */
export async function removeTeam(
  trx: Transaction,
  organisation: string,
  id: string,
): Promise<boolean> {
  const result = await trx
    .deleteFrom('teams')
    .where('organisation', '=', organisation)
    .where('id', '=', id)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

export interface TeamQuery {
  /** Bare id. */
  readonly organisation: string
  /** Words in name or id. */
  readonly words?: string | undefined
  readonly sort: 'name' | 'newest'
  /** The name or the moment, and the id, of the team before. */
  readonly after?: readonly [string, string] | undefined
  readonly limit: number
}

/** A page of the teams of an organisation. */
export function listTeams(trx: Transaction, asked: TeamQuery): Promise<Team[]> {
  const { organisation, words, sort, after, limit } = asked
  let query = trx.selectFrom('teams').select(COLUMNS).where('organisation', '=', organisation)
  if (words !== undefined) query = query.where(holdsWords(words, 'name', 'id'))
  if (sort === 'newest') {
    if (after !== undefined) {
      const [at, id] = after
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('created_at', 'id'), '<', tuple(new Date(at), id)),
      )
    }
    query = query.orderBy('created_at', 'desc').orderBy('id', 'desc')
  } else {
    if (after !== undefined) {
      const [name, id] = after
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('name', 'id'), '>', tuple(name, id)),
      )
    }
    query = query.orderBy('name').orderBy('id')
  }
  return query.limit(limit).execute()
}
