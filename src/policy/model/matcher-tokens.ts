/** A matcher cut into tokens, with `r.sub` spelt `r_sub` as casbin does, which keeps every place. */

export interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'sign'
  readonly text: string
  readonly offset: number
}

export interface MatcherProblem {
  readonly offset: number
  readonly message: string
}

const TOKEN =
  /\s*(?:([A-Za-z_$][\w$]*)|("[^"]*"|'[^']*')|(\d+(?:\.\d+)?)|(&&|\|\||[=!]==?|[<>]=?|[-+*/%!()[\],.]))/y

/** Cuts a matcher, with `r.sub` spelt `r_sub`, into tokens; stops at what is none. */
export function readTokens(text: string): { tokens: Token[]; problem?: MatcherProblem } {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  for (;;) {
    const start = TOKEN.lastIndex
    const found = TOKEN.exec(text)
    if (found === null) {
      const offset = start + (text.slice(start).match(/^\s*/)?.[0].length ?? 0)
      return offset === text.length ? { tokens } : { tokens, problem: stopAt(text, offset) }
    }
    const [, name, quoted, number, sign] = found
    const word = name ?? quoted ?? number ?? sign ?? ''
    const kind = name ? 'name' : quoted ? 'text' : number ? 'number' : 'sign'
    tokens.push({ kind, text: word, offset: TOKEN.lastIndex - word.length })
  }
}

function stopAt(text: string, offset: number): MatcherProblem {
  const character = text[offset] ?? ''
  if (/["']/.test(character)) {
    return {
      offset,
      message: 'A quote is not closed (a "#" or ";" begins a comment, in quotes too).',
    }
  }
  return { offset, message: `"${character}" is no operator of a matcher.` }
}

/** The tokens of each argument of the call whose "(" stands at `open`. */
export function readArguments(tokens: readonly Token[], open: number): Token[][] {
  const found: Token[][] = [[]]
  let depth = 0
  for (const token of tokens.slice(open)) {
    if (isSign(token, '(', '[')) depth += 1
    if (isSign(token, ')', ']')) depth -= 1
    if (depth === 0) break
    if (depth === 1 && isSign(token, ',')) found.push([])
    else if (token.offset !== tokens[open]?.offset) found.at(-1)?.push(token)
  }
  return found
}

/** Whether a token is one of these signs. */
export function isSign(token: Token | undefined, ...signs: readonly string[]): boolean {
  return token?.kind === 'sign' && signs.includes(token.text)
}
