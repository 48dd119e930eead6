/**
 * What every program is asked: organisations of about 110 rules each (10 members, 3 teams, 3 roles),
 * or one of 25,000, and requests of which a third is allowed. Made anew from a seed wherever needed,
 * so that nobody has to keep 1.1 million rules beside the program that is measured.
 */
import type { DecisionRequest } from '../../src/policy/decide.ts'
import type { Rule } from '../../src/policy/rule.ts'
import { type Random, seeded } from './random.ts'

/** How rules name paths, and whether one in ten denies. */
export type Variant = 'exact' | 'keyMatch2' | 'regexMatch' | 'denies'

export interface Size {
  readonly name: string
  readonly organisations: number
  readonly members: number
  /** Rules of type p in each organisation. */
  readonly permissions: number
}

export interface Organisation {
  /** Bare id. */
  readonly id: string
  readonly rules: readonly Rule[]
}

export interface World {
  readonly size: Size
  readonly variant: Variant
  readonly requests: readonly DecisionRequest[]
  readonly organisations: () => Iterable<Organisation>
  readonly organisation: (index: number) => Organisation
}

const small = { members: 10, permissions: 97 }
export const sizes: readonly Size[] = [
  { name: '1.1k rules', organisations: 10, ...small },
  { name: '11k', organisations: 100, ...small },
  { name: '110k', organisations: 1_000, ...small },
  { name: '1.1M', organisations: 10_000, ...small },
]
export const large: Size = {
  name: 'one organisation, 25k',
  organisations: 1,
  members: 100,
  permissions: 24_897,
}

const GROUPS = 3
const DISTINCT = 4_096
const DENIED_SHARE = 0.1
const methods = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'] as const

export function rulesIn({ organisations, members, permissions }: Size): number {
  return organisations * (members + GROUPS + permissions)
}

export function makeWorld(size: Size, variant: Variant): World {
  const organisation = (index: number) => makeOrganisation(size, variant, index)
  return {
    size,
    variant,
    organisation,
    requests: makeRequests(size, organisation),
    *organisations() {
      for (let index = 0; index < size.organisations; index += 1) yield organisation(index)
    },
  }
}

/** Texts as the store gives them: flat, and each once in an organisation. */
function createTexts(): (text: string) => string {
  const known = new Map<string, string>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const flat = Buffer.from(text, 'latin1').toString('latin1')
    known.set(flat, flat)
    return flat
  }
}

function makeOrganisation(size: Size, variant: Variant, index: number): Organisation {
  const random = seeded(index)
  const dom = `org:o${index}`
  const rules: Rule[] = []
  const text = createTexts()
  const at = text(new Date(1.8e12).toISOString())
  const add = (ptype: string, ...values: string[]) => {
    const id = text(String(rules.length))
    const source = { kind: 'organisation', id, author: text('user:0'), at, revision: 1 } as const
    const rule = { ptype, values: Object.freeze(values.map(text)), source: Object.freeze(source) }
    rules.push(Object.freeze(rule))
  }
  for (let member = 0; member < size.members; member += 1) {
    add('g', `user:${member}`, `team:${member % GROUPS}`, dom)
  }
  for (let team = 0; team < GROUPS; team += 1) add('g', `team:${team}`, `role:r${team}`, dom)
  const seen = new Set<string>()
  while (seen.size < size.permissions) {
    const subject = makeSubject(size, random)
    const object = patternOf(size, variant, random)
    const act = random.next() < 0.1 ? '*' : random.pick(methods)
    const key = `${subject} ${object} ${act}`
    if (seen.has(key)) continue
    seen.add(key)
    const denies = variant === 'denies' && random.next() < DENIED_SHARE
    add('p', subject, dom, object, act, denies ? 'deny' : 'allow')
  }
  return { id: dom.slice('org:'.length), rules }
}

function makeSubject({ members }: Size, random: Random): string {
  const kind = random.next()
  if (kind < 0.8) return `role:r${random.below(GROUPS)}`
  return kind < 0.95 ? `team:${random.below(GROUPS)}` : `user:${random.below(members)}`
}

/** 40 % literal paths, 30 % with one parameter, 15 % with two, 15 % with a star at the end. */
function makeObject({ permissions }: Size, variant: Variant, random: Random): string {
  const area = `/docs/area-${random.below(permissions / 2)}`
  const kind = random.next()
  if (variant === 'exact' || kind < 0.4) return `${area}/item-${random.below(10)}`
  // An expression has one quantifier, so the first of two parameters is spelt out.
  const [one, two, star] =
    variant === 'regexMatch'
      ? ['[0-9]+', '[0-9][0-9][0-9]/part/[0-9]+', '.*']
      : [':id', ':id/part/:part', '*']
  if (kind < 0.7) return `${area}/${one}`
  return kind < 0.85 ? `${area}/${two}` : `${area}/${star}`
}

/** What a rule holds: an expression says where its value begins and ends. */
function patternOf(size: Size, variant: Variant, random: Random): string {
  const object = makeObject(size, variant, random)
  return variant === 'regexMatch' ? `^${object}$` : object
}

/** Distinct requests over all organisations; most ask for what somebody else may do. */
function makeRequests(size: Size, organisation: (index: number) => Organisation) {
  const random = seeded(-7)
  const found = new Map<string, DecisionRequest>()
  let one: Organisation | undefined
  for (let tries = 0; found.size < DISTINCT && tries < 20 * DISTINCT; tries += 1) {
    // A neighbour on the list is asked about at another time than its neighbour in memory.
    if (size.organisations > 1 || one === undefined)
      one = organisation(random.below(size.organisations))
    const request = makeRequest(one, random.below(size.members), random)
    found.set(Object.values(request).join(' '), request)
  }
  return [...found.values()]
}

/** A request of one member: a quarter for what a rule of the member's says, so that a third is allowed. */
export function makeRequest({ id, rules }: Organisation, member: number, random: Random) {
  const held = [`user:${member}`, `team:${member % GROUPS}`, `role:r${member % GROUPS}`]
  const own = random.next() < 0.25
  let rule = random.pick(rules)
  while (rule.ptype !== 'p' || held.includes(rule.values[0] ?? '') !== own)
    rule = random.pick(rules)
  const [, , object = '', act = ''] = rule.values
  return {
    sub: `user:${member}`,
    dom: `org:${id}`,
    obj: fill(object, random),
    act: act === '*' ? random.pick(methods) : act,
  }
}

/** A path that a pattern covers; each of its open places holds three digits. */
function fill(object: string, random: Random): string {
  const path = object.replace(/^\^|\$$/g, '')
  const open = /:\w+|(?:\[0-9\]){3}|\[0-9\]\+|\.\*$|\*$/g
  return path.replaceAll(open, () => String(100 + random.below(900)))
}
