/**
 * The sample organisation: acme with three people, a team and their roles, as real rows written by
 * the same functions as any others. Safe to run again, and by two processes at once.
 */
import { makeKey } from '../identity/api-keys.ts'
import type { Clock } from '../lib/clock.ts'
import { limits } from '../lib/limits.ts'
import { appendAudit } from '../store/audit.ts'
import type { Db } from '../store/db.ts'
import { addKey, dropExpiredKeys } from '../store/keys.ts'
import {
  addMember,
  createOrganisation,
  findOrganisation,
  raiseRevision,
} from '../store/organisations.ts'
import { addRules } from '../store/rules.ts'
import { addTeam } from '../store/teams.ts'

const DEMO_ORGANISATION = 'acme'
const AUTHOR = 'user:ann'

const people = [
  { subject: 'user:ann', name: 'Ann Archer', email: 'ann@acme.example' },
  { subject: 'user:ben', name: 'Ben Baker', email: 'ben@acme.example' },
  { subject: 'user:cleo', name: 'Cleo Cole', email: 'cleo@acme.example' },
]

const team = { id: 'team:writers', name: 'Writers', description: 'They write the documents.' }

const dom = `org:${DEMO_ORGANISATION}`
const rules = [
  { ptype: 'g', values: ['user:ann', 'role:owner', dom] },
  { ptype: 'g', values: ['user:ben', 'team:writers', dom] },
  { ptype: 'g', values: ['team:writers', 'role:editor', dom] },
  { ptype: 'g', values: ['user:cleo', 'role:reader', dom] },
  // The organisation narrows what the guardrails allow: Cleo does not see the price list.
  { ptype: 'p', values: ['user:cleo', dom, '/docs/documents/3', 'GET', 'deny'] },
]

/** Writes the organisation unless it is there; the lock makes a second process wait and find it. */
export async function seedDemo(db: Db, clock: Clock): Promise<void> {
  await db.transaction('seed', async (trx) => {
    if ((await findOrganisation(trx, DEMO_ORGANISATION)) !== undefined) return
    const id = DEMO_ORGANISATION
    await createOrganisation(trx, { id, name: 'Acme', slug: id })
    for (const person of people) await addMember(trx, id, { ...person, state: 'active' })
    const revision = await raiseRevision(trx, id)
    await addRules(trx, id, rules, { author: AUTHOR, revision })
    const at = new Date(clock.now())
    await addTeam(trx, id, { ...team, created_at: at })
    await appendAudit(trx, {
      organisation: id,
      revision,
      at: at.toISOString(),
      actor: 'gatehouse',
      credential: null,
      address: null,
      requestId: 'sample',
      operation: 'createOrganisation',
      object: '/gatehouse/organisation',
      before: null,
      after: { id, name: 'Acme', slug: id, owner: AUTHOR },
    })
  })
}

export interface DemoKeys {
  readonly ann: string
  readonly ben: string
  readonly cleo: string
}

/** Random keys for the three people, worth nothing after a day. Shown once, stored hashed. */
export async function makeDemoKeys(db: Db, clock: Clock): Promise<DemoKeys> {
  const expiresAt = new Date(clock.now() + limits.demoKeyLifetimeMs)
  await dropExpiredKeys(db)
  return db.transaction('seed', async (trx) => {
    const make = async (subject: string): Promise<string> => {
      const { id, text, hash } = makeKey()
      const organisation = DEMO_ORGANISATION
      await addKey(trx, { id, hash, organisation, subject, label: 'sample', expires_at: expiresAt })
      return text
    }
    return {
      ann: await make('user:ann'),
      ben: await make('user:ben'),
      cleo: await make('user:cleo'),
    }
  })
}
