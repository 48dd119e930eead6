/** Text of files on a terminal, which must not obey what it shows. */

/** Stands for what cannot be shown, in a place of its own. */
const PLACEHOLDER = '\uFFFD'
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** The text with a visible sign for each character that is invisible or commands a terminal. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, PLACEHOLDER)
}

/** East Asian wide characters and emoji, which take two columns (Unicode Annex 11). */
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u

/** How many columns a printable character takes. */
export function columnsOf(character: string): number {
  if (/\p{M}/u.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}
