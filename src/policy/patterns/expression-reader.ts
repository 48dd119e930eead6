/** A place in the text of an expression, and what is said where it cannot be read. */

export interface Reader {
  readonly text: string
  place: number
}

/** Why an expression is refused, and where. */
export class RefusedError extends Error {
  /** One-based. */
  readonly column: number

  constructor({ place }: Reader, message: string) {
    super(message)
    this.name = 'RefusedError'
    this.column = place + 1
  }
}

/** The signs of the syntax; JavaScript lets some of them stand for themselves, RE2 others. */
const SIGNS = /[*+?{}[\]()|^$\\.]/

/** The UTF-16 unit of a character that stands for itself. */
export function readPlain(reader: Reader): number {
  const { text, place } = reader
  const character = text.charAt(place)
  if (/[*+?]/.test(character)) throw new RefusedError(reader, `"${character}" repeats nothing.`)
  if (SIGNS.test(character)) {
    throw new RefusedError(
      reader,
      `"${character}" is a sign of the syntax: write "\\${character}".`,
    )
  }
  reader.place += 1
  return character.charCodeAt(0)
}
