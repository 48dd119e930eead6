/** The sequence of the policy files, so that a replica with older files is seen as such. */
import type { Db } from './db.ts'

/** The number of the files with this content hash (SHA-256, hexadecimal); a new hash gets the next. */
export async function numberOfFiles(db: Db, hash: string): Promise<number> {
  const find = () =>
    db.query.selectFrom('policy_files').select('number').where('hash', '=', hash).executeTakeFirst()
  const known = await find()
  if (known !== undefined) return known.number
  const added = await db.query
    .insertInto('policy_files')
    .values({ hash })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .returning('number')
    .executeTakeFirst()
  // Another replica was quicker, and its row is visible by now.
  const row = added ?? (await find())
  if (row === undefined) throw new Error('the number of the policy files was not found')
  return row.number
}
