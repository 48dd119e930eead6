/**
 * What an organisation's rule may look like, column by column. Asked before a rule is written and
 * again when it was read: the adapter re-parses rows as comma-separated text (H1), and a
 * value that begins with `like:` or `regex:` is an operator to it. The database's own constraints
 * are the second wall. What a rule means is for policy/rules/lint.ts to judge.
 */
import { isTypedId } from '../lib/ids.ts'
import { limits } from '../lib/limits.ts'

/** A rule as it is written: the type and its columns. */
export interface NewRule {
  readonly ptype: string
  /** For `p`: sub, dom, obj, act, eft. For `g`: member, role, dom. */
  readonly values: readonly string[]
}

interface Column {
  readonly name: string
  readonly accepts: (value: string, organisation: string) => boolean
}

const OBJECT = /^\/[a-z0-9][a-z0-9-]*(?:\/[A-Za-z0-9._~!$&*+=:@%/-]*)?$/
/** A method, every one, or an action that an application declares. */
const ACTION = /^(?:[A-Z]{3,16}|\*|[a-z][a-z0-9_-]{0,63})$/
const OURS = /^\/gatehouse(?:\/|$)/

const domain: Column = {
  name: 'domain',
  accepts: (value, organisation) => value === `org:${organisation}` && isTypedId(value, 'org'),
}

const columns: ReadonlyMap<string, readonly Column[]> = new Map([
  [
    'p',
    [
      { name: 'subject', accepts: isRuleSubject },
      domain,
      { name: 'object', accepts: isRuleObject },
      { name: 'action', accepts: (value) => ACTION.test(value) },
      { name: 'effect', accepts: (value) => value === 'allow' || value === 'deny' },
    ],
  ],
  [
    'g',
    [
      { name: 'member', accepts: (value) => isTypedId(value, 'user', 'service', 'team', 'role') },
      { name: 'role', accepts: (value) => isTypedId(value, 'team', 'role') },
      domain,
    ],
  ],
])

function isRuleSubject(value: string): boolean {
  return (
    value === '*' || value === 'anonymous' || isTypedId(value, 'team', 'role', 'user', 'service')
  )
}

function isRuleObject(value: string): boolean {
  return value.length <= limits.patternBytes && OBJECT.test(value) && !OURS.test(value)
}

/**
 * What is wrong with a rule of `organisation` (bare id), in words for a log, or `undefined`. Takes
 * anything for `values`: a row that came around the constraints may hold any JSON.
 */
export function ruleFault(
  ptype: string,
  values: unknown,
  organisation: string,
): string | undefined {
  const expected = columns.get(ptype)
  if (expected === undefined) return `the type ${JSON.stringify(ptype)} is neither p nor g`
  if (!Array.isArray(values)) return 'the columns are not a list'
  if (values.length !== expected.length) {
    return `${ptype} has ${values.length} columns where ${expected.length} are needed`
  }
  const wrong = expected.find(({ accepts }, index) => {
    const value: unknown = values[index]
    return typeof value !== 'string' || !accepts(value, organisation)
  })
  return (
    wrong && `the ${wrong.name} ${JSON.stringify(values[expected.indexOf(wrong)])} is not valid`
  )
}
