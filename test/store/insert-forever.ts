/**
 * `node insert-forever.ts <folder>`: inserts decisions into the embedded database one by one and
 * prints the id of each that was acknowledged. Never ends by itself.
 */
import { createLog } from '../../src/lib/log.ts'
import { openDatabase } from '../../src/store/db.ts'
import { insertDecisions } from '../../src/store/decisions.ts'

const dataDir = process.argv[2] ?? ''
const log = createLog({ level: 'silent', terminal: false })
const db = await openDatabase({ databaseUrl: undefined, dataDir, log })
for (let number = 0; ; number++) {
  const id = `${process.pid}-${number}`
  const seen = { method: 'GET', object: '/docs', allow: true, reason: 'allowed_by_rule' }
  const rest = { subject: null, rule: null, revision: null, request_id: id }
  await insertDecisions(db, [{ id, at: new Date(), organisation: 'acme', ...seen, ...rest }])
  process.stdout.write(`${id}\n`)
}
