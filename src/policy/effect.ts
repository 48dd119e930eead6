/** Casbin's effects over the rules that match, in their order, each ended as soon as it is settled. */

export interface Settled {
  readonly allow: boolean
  /** Position of the rule that decided among those given; -1 where none did. */
  readonly by: number
}

/** Whether a rule that matches allows; every other one denies. */
type Allows = (position: number) => boolean

/** Settles positions of matching rules, in order. */
export type Settle = (matching: Iterable<number>, allows: Allows) => Settled

const nothing: Settled = { allow: false, by: -1 }

/** Any allow, whatever is denied. */
const anyAllow: Settle = (matching, allows) => {
  for (const by of matching) if (allows(by)) return { allow: true, by }
  return nothing
}

/** Everything but what is denied; a policy that is asked has some rule (H4). */
const noDeny: Settle = (matching, allows) => {
  for (const by of matching) if (!allows(by)) return { allow: false, by }
  return { allow: true, by: -1 }
}

/** An allow and no deny: the last allow decides, or the first deny. */
const allowAndNoDeny: Settle = (matching, allows) => {
  let last = nothing
  for (const by of matching) {
    if (!allows(by)) return { allow: false, by }
    last = { allow: true, by }
  }
  return last
}

/** The first that matches. Rules come sorted by priority, or by the subject's place in the roles. */
const first: Settle = (matching, allows) => {
  for (const by of matching) return { allow: allows(by), by }
  return nothing
}

const effects: ReadonlyMap<string, Settle> = new Map([
  ['some(where (p_eft == allow))', anyAllow],
  ['!some(where (p_eft == deny))', noDeny],
  ['some(where (p_eft == allow)) && !some(where (p_eft == deny))', allowAndNoDeny],
  ['priority(p_eft) || deny', first],
  ['subjectPriority(p_eft) || deny', first],
])

/** The effect that casbin spells so; `undefined` for one that it does not know. */
export function effectOf(text: string): Settle | undefined {
  return effects.get(text)
}
