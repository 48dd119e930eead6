/**
 * A matcher's tokens, and the mistakes that casbin takes without a word: an unknown function is
 * nothing instead of an error, an unknown field is undefined, and `in` binds as loosely as `||`, so
 * that `a && b || r.obj in […]` reads as `(a && b || r.obj) in […]` (hazard 3).
 */
import { isSign, type MatcherProblem, readArguments, type Token } from './matcher-tokens.ts'

/** A call whose second argument is a pattern, and where that pattern comes from. */
export interface FunctionUse {
  readonly name: string
  /** The policy type and column, as `p` and `obj`; `undefined` where the pattern is written out. */
  readonly from: { readonly ptype: string; readonly column: string } | undefined
  readonly literal: string | undefined
  readonly offset: number
}

/** What a matcher may name. */
export interface Vocabulary {
  readonly functions: readonly string[]
  /** Number of arguments of each role function, such as `g`: 3. */
  readonly roles: ReadonlyMap<string, number>
  /** Fields as casbin spells them: `r_sub`, `p_eft`. */
  readonly fields: ReadonlySet<string>
}

const WORDS = new Set(['true', 'false', 'null', 'in'])

/** Every mistake in the tokens, in their order. */
export function checkMatcher(tokens: readonly Token[], words: Vocabulary): MatcherProblem[] {
  return [...checkBrackets(tokens), ...checkNames(tokens, words), ...checkIn(tokens)].toSorted(
    (left, right) => left.offset - right.offset,
  )
}

const closing = new Map([
  ['(', ')'],
  ['[', ']'],
])

function* checkBrackets(tokens: readonly Token[]): Generator<MatcherProblem> {
  const open: Token[] = []
  for (const token of tokens) {
    if (isSign(token, '(', '[')) open.push(token)
    if (!isSign(token, ')', ']')) continue
    const opened = open.pop()
    if (opened === undefined || closing.get(opened.text) !== token.text) {
      yield { offset: token.offset, message: `"${token.text}" closes nothing.` }
    }
  }
  for (const { offset, text } of open) yield { offset, message: `"${text}" is not closed.` }
}

function* checkNames(tokens: readonly Token[], words: Vocabulary): Generator<MatcherProblem> {
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'name' || WORDS.has(token.text)) continue
    const { offset, text } = token
    const member = isSign(tokens[index - 1], '.')
    const called = isSign(tokens[index + 1], '(')
    if (called && member) yield { offset, message: `"${text}" is not a function of matchers.` }
    else if (called) yield* checkCall(tokens, index, words)
    else if (!member && !words.fields.has(text)) {
      yield { offset, message: `"${spell(text)}" is not a field of the request or the policy.` }
    }
  }
}

function* checkCall(
  tokens: readonly Token[],
  index: number,
  { functions, roles }: Vocabulary,
): Generator<MatcherProblem> {
  const { offset = 0, text = '' } = tokens[index] ?? {}
  const wanted = roles.get(text)
  if (wanted === undefined && text !== 'eval' && !functions.includes(text)) {
    const possible = [...roles.keys(), ...functions].join(', ')
    yield { offset, message: `There is no function "${text}"; possible are ${possible}.` }
  }
  const count = readArguments(tokens, index + 1).length
  if (wanted !== undefined && wanted !== count) {
    yield {
      offset,
      message: `"${text}" takes ${wanted} arguments, as its definition says, not ${count}.`,
    }
  }
}

/** An `in` shares its bracket group with no other operator. */
function* checkIn(tokens: readonly Token[]): Generator<MatcherProblem> {
  for (const group of groupsOf(tokens)) {
    const found = group.find(({ kind, text }) => kind === 'name' && text === 'in')
    const mixed = group.some(({ kind, text }) => kind === 'sign' && !/^[()[\].]$/.test(text))
    if (found !== undefined && mixed) {
      yield {
        offset: found.offset,
        message:
          'Put brackets around the "in" term, as in &&(r.obj in ["a"]): it binds as loosely as "||".',
      }
    }
  }
}

/**
 * Beside an `in`, casbin turns every round bracket behind a space that holds a comma into a list,
 * the brackets of a call or of an `in` term included.
 */
export function* checkLists(text: string): Generator<MatcherProblem> {
  if (!text.includes(' in ')) return
  for (const { index, 0: bracket } of text.matchAll(/ \([^)]*\)/g)) {
    if (!bracket.includes(',') || / in$/.test(text.slice(0, index))) continue
    yield {
      offset: index + 1,
      message: 'Take the space before this bracket away: beside an "in" it is read as a list.',
    }
  }
}

/** The tokens of each bracket group, without those of the groups inside it. */
function groupsOf(tokens: readonly Token[]): Token[][] {
  const groups: Token[][] = [[]]
  const open = [groups[0] ?? []]
  for (const token of tokens) {
    if (isSign(token, '(', '[')) {
      const group: Token[] = []
      groups.push(group)
      open.push(group)
    } else if (isSign(token, ')', ']')) open.pop()
    else if (!isSign(token, ',')) open.at(-1)?.push(token)
  }
  return groups
}

/** The calls of `functions` with a pattern that is a policy column or written out. */
export function findUses(
  tokens: readonly Token[],
  functions: readonly string[],
): { uses: FunctionUse[]; problems: MatcherProblem[] } {
  const uses: FunctionUse[] = []
  const problems: MatcherProblem[] = []
  for (const [index, { kind, text: name, offset }] of tokens.entries()) {
    if (kind !== 'name' || !functions.includes(name) || !isSign(tokens[index + 1], '(')) continue
    const [, second = []] = readArguments(tokens, index + 1)
    const [token] = second
    const column = /^(p\d*)_(\w+)$/.exec(token?.text ?? '')
    if (second.length === 1 && token?.kind === 'text') {
      uses.push({ name, from: undefined, literal: token.text.slice(1, -1), offset: token.offset })
    } else if (second.length === 1 && column !== null) {
      const [, ptype = '', field = ''] = column
      uses.push({ name, from: { ptype, column: field }, literal: undefined, offset })
    } else {
      const message = `The pattern of ${name} is its second argument: a column of the policy, or text.`
      problems.push({ offset, message })
    }
  }
  return { uses, problems }
}

/** `r.sub` for casbin's `r_sub`. */
function spell(field: string): string {
  return field.replace(/^([rp]\d*)_/, '$1.')
}
