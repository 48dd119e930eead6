/**
 * Whose keys somebody may make, and how far they may reach: never beyond whoever makes them, nor beyond
 * the key by which they ask (A6 111, 112). What holds for a new key holds for one that is changed.
 */
import { containsNetwork } from '../lib/networks.ts'
import { isScopeWithin } from '../policy/rules/scopes.ts'
import { findKeyListed, type KeySettings } from '../store/keys.ts'
import { refuseBeyond } from './act-as.ts'
import type { Change } from './runner/operation.ts'
import { Refusal } from './runner/refusal.ts'

type AnyChange = Change<unknown, unknown, unknown>

/** Throws a `Refusal` unless the actor may make a key of `subject` with these settings. */
export async function refuseKey(
  change: AnyChange,
  subject: string,
  settings: Omit<KeySettings, 'label'>,
): Promise<void> {
  if (subject !== change.actor.subject) {
    if (subject.startsWith('user:')) {
      throw new Refusal('denied', 'Only a person makes or changes keys of their own; delete it.')
    }
    await refuseBeyond(change, subject)
  }
  await refuseWider(change, settings)
}

/** Throws a `Refusal` where the settings reach beyond the key by which the actor asks. */
async function refuseWider(
  { trx, organisation, actor, tools }: AnyChange,
  { scopes, networks, expires_at }: Omit<KeySettings, 'label'>,
): Promise<void> {
  const [kind, id = ''] = actor.credential?.split(':') ?? []
  if (kind !== 'key') return
  const own = await findKeyListed(trx, organisation, id)
  if (own === undefined) throw new Refusal('denied', 'The key by which you ask is gone.')
  const { applications } = tools.files()
  if (own.scopes !== null) {
    const wide = listed(scopes, 'scopes', own.scopes).find(
      (name) => !isScopeWithin(name, own.scopes ?? [], applications),
    )
    if (wide !== undefined) throw beyond('scopes', `"${wide}"`, own.scopes)
  }
  if (own.networks !== null) {
    const outer = own.networks
    const wide = listed(networks, 'networks', outer).find(
      (network) => !outer.some((one) => containsNetwork(one, network)),
    )
    if (wide !== undefined) throw beyond('networks', wide, outer)
  }
  if (own.expires_at !== null && (expires_at === null || expires_at > own.expires_at)) {
    const end = own.expires_at.toISOString()
    throw new Refusal('denied', `expiresAt: the key by which you ask ends at ${end}; no later.`)
  }
}

/** A key that is not confined is wider than any that is. */
function listed(
  list: readonly string[] | null,
  field: string,
  own: readonly string[],
): readonly string[] {
  if (list === null) throw beyond(field, 'everything', own)
  return list
}

function beyond(field: string, what: string, own: readonly string[]): Refusal {
  const within = own.join(', ')
  return new Refusal('denied', `${field}: the key by which you ask has ${within}; not ${what}.`)
}
