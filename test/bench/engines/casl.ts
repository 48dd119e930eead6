/** CASL: one ability a user, made when the user first asks and kept. It has no roles of its own. */
import {
  type AbilityOptionsOf,
  createMongoAbility,
  type MongoAbility,
  type RawRuleOf,
} from '@casl/ability'
import type { Rule } from '../../../src/policy/rule.ts'
import type { Variant } from '../world.ts'
import type { Open } from './engine.ts'
import { heldBy, type Links, linksOf } from './held.ts'

interface Document {
  readonly path: string
}
type Ability = MongoAbility<[string, Document | 'Document']>

interface Held {
  readonly links: Links
  /** The rules that name a subject. */
  readonly rules: Map<string, Rule[]>
  readonly abilities: Map<string, Ability>
}

const options: AbilityOptionsOf<Ability> = {
  detectSubjectType: () => 'Document',
  anyAction: '*',
}

/** Anchored, as a path has to fit from its first character to its last. */
function expressionOf(object: string): RegExp {
  return new RegExp(`^${object.replace(/\*$/, '.*').replaceAll(/:\w+/g, '[^/]+')}$`)
}

function ruleFor({ values }: Rule, variant: Variant): RawRuleOf<Ability> {
  const [, , object = '', action = '', effect] = values
  const expression = variant === 'regexMatch' ? new RegExp(object) : expressionOf(object)
  const literal = !/[:*[]/.test(object)
  const path = literal ? object.replace(/^\^|\$$/g, '') : { $regex: expression }
  return { action, subject: 'Document', conditions: { path }, inverted: effect === 'deny' }
}

/** Of several rules that fit the last one decides, so that denies come last. */
function abilityOf(subject: string, { links, rules }: Held, variant: Variant): Ability {
  const own = heldBy(subject, links).flatMap((name) => rules.get(name) ?? [])
  const raw = own.map((rule) => ruleFor(rule, variant))
  const sorted = [
    ...raw.filter(({ inverted }) => !inverted),
    ...raw.filter(({ inverted }) => inverted),
  ]
  return createMongoAbility<Ability>(sorted, options)
}

export const openCasl: Open = async (world) => {
  const held = new Map<string, Held>()
  for (const { id, rules } of world.organisations()) {
    const permissions = rules.filter(({ ptype }) => ptype === 'p')
    held.set(`org:${id}`, {
      links: linksOf(rules),
      rules: Map.groupBy(permissions, ({ values }) => values[0] ?? ''),
      abilities: new Map(),
    })
  }
  return {
    decide: ({ sub, dom, obj, act }) => {
      const there = held.get(dom)
      if (there === undefined) return false
      let ability = there.abilities.get(sub)
      if (ability === undefined) {
        ability = abilityOf(sub, there, world.variant)
        there.abilities.set(sub, ability)
      }
      return ability.can(act, { path: obj })
    },
    edit: (organisation, rule) => {
      const there = held.get(`org:${organisation}`)
      const [subject = ''] = rule.values
      there?.rules.set(subject, [...(there.rules.get(subject) ?? []), rule])
      // Whoever holds the subject of the rule is made again; without an index of that, everybody.
      there?.abilities.clear()
    },
  }
}
