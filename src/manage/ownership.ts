/** `ownership-transfer`: an owner offers the organisation to a member, who accepts it or does not. */
import { z } from 'zod'
import { isTypedId } from '../lib/ids.ts'
import { limits } from '../lib/limits.ts'
import { inSnapshot } from '../store/db.ts'
import { endOffer, findOffer, type Offer, putOffer } from '../store/ownership.ts'
import { changeRules, findRule, ownerRole } from './rule-change.ts'
import { moment } from './runner/fields.ts'
import { type Change, changing, type Operation, reading } from './runner/operation.ts'
import { Refusal } from './runner/refusal.ts'

const PATH = '/orgs/{org}/ownership-transfer'
const formerOwnerRole = 'role:admin'

const offer = z
  .object({
    from: z.string().meta({ example: 'user:ann' }),
    to: z.string().meta({ example: 'user:ben' }),
    createdAt: moment,
    expiresAt: moment,
  })
  .meta({ id: 'OwnershipTransfer' })

function show({ owner, heir, created_at, expires_at }: Offer): z.output<typeof offer> {
  const [createdAt, expiresAt] = [created_at.toISOString(), expires_at.toISOString()]
  return { from: owner, to: heir, createdAt, expiresAt }
}

const get = reading({
  id: 'getOwnershipTransfer',
  method: 'GET',
  path: PATH,
  summary: 'Read the offer to hand over the organisation',
  answer: offer,
  run: async ({ tools, organisation }) => {
    const row = await inSnapshot(tools.db, (trx) => findOffer(trx, organisation))
    return row && show(row)
  },
})

const make = changing({
  id: 'offerOwnership',
  method: 'POST',
  path: PATH,
  summary: 'Offer the organisation to a member',
  description: 'Nothing changes before the offer is accepted; then you become an administrator.',
  body: z.strictObject({
    to: z.string('is a text').refine((id) => isTypedId(id, 'user'), 'is user: and an id'),
  }),
  answer: offer,
  status: 201,
  codes: ['conflict'],
  run: async ({ trx, organisation, view, actor, body, now }) => {
    if (ownershipOf(view, actor.subject) === undefined) {
      throw new Refusal('denied', 'Only an owner hands over what is theirs.')
    }
    if (view.state.members.get(body.to)?.state !== 'active') {
      throw new Refusal('invalid_input', `to: ${body.to} is no active member.`)
    }
    if (ownershipOf(view, body.to) !== undefined) {
      throw new Refusal('conflict', `to: ${body.to} is an owner already.`)
    }
    const expires_at = new Date(now.getTime() + limits.invitationMs)
    const row = { organisation, owner: actor.subject, heir: body.to, created_at: now, expires_at }
    await putOffer(trx, row)
    const made = show(row)
    return { answer: made, after: made }
  },
})

const accept = changing({
  id: 'acceptOwnership',
  method: 'POST',
  path: `${PATH}/accept`,
  access: 'member',
  summary: 'Accept the organisation that is offered to you',
  answer: offer,
  codes: ['conflict'],
  find: findShown,
  run: async (change, before) => {
    const { trx, organisation, view, actor } = change
    if (before.to !== actor.subject) throw new Refusal('denied', 'The offer is for somebody else.')
    const former = ownershipOf(view, before.from)
    const active = view.state.members.get(before.from)?.state === 'active'
    if (former === undefined || !active) {
      throw new Refusal('conflict', 'Who offered it does not own the organisation any more.')
    }
    const { domain } = view.snapshot
    const given = [
      [actor.subject, ownerRole, domain],
      [before.from, formerOwnerRole, domain],
    ].filter((values) => findRule(view.state.rules, 'g', values) === undefined)
    await changeRules(change, {
      added: given.map((values) => ({ ptype: 'g', values })),
      removed: [former],
      giver: before.from,
    })
    await endOffer(trx, organisation)
    return { answer: before }
  },
})

const end = changing({
  id: 'endOwnershipTransfer',
  method: 'DELETE',
  path: PATH,
  access: 'member',
  summary: 'Take the offer back, or decline it',
  find: findShown,
  run: async ({ trx, organisation, view, actor }, before) => {
    const owner = ownershipOf(view, actor.subject) !== undefined
    if (!owner && actor.subject !== before.to) {
      throw new Refusal('denied', 'Only an owner, or whom it is offered to, ends an offer.')
    }
    await endOffer(trx, organisation)
    return { answer: undefined }
  },
})

/** The rule that makes somebody an owner. */
function ownershipOf({ state, snapshot }: Change<unknown, unknown>['view'], subject: string) {
  return findRule(state.rules, 'g', [subject, ownerRole, snapshot.domain])
}

async function findShown({ trx, organisation }: Change<never, never, never>) {
  const row = await findOffer(trx, organisation)
  return row && show(row)
}

export const ownershipOperations: readonly Operation[] = [get, make, accept, end]
