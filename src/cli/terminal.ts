/** Where a command writes, and how it ends. */
import { styleText } from 'node:util'

/** What `styleText` understands, such as `red` or `bold`. */
export type Style = Parameters<typeof styleText>[0]

export interface Terminal {
  /** The result, on standard output; it is what a pipeline reads. */
  readonly print: (text: string) => void
  /** What a person is told beside it, on standard error. */
  readonly note: (text: string) => void
  /** Coloured where standard output is a terminal that has colours and `NO_COLOR` does not forbid it. */
  readonly paint: (style: Style, text: string) => string
  /** Whether a person looks at standard error: only then is progress shown. */
  readonly watched: boolean
}

/** What a command says to the shell. */
export const exits = {
  /** All is well. */
  well: 0,
  /** Something was found: a problem, a failed test, a difference that was asked about. */
  found: 1,
  /** The command, its input or its server could not be understood or reached. */
  failed: 2,
} as const

export type Exit = (typeof exits)[keyof typeof exits]

/** Something that a person has to mend before the command can do its work; the message is whole. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** The terminal of this process. */
export function openTerminal(): Terminal {
  // Whoever reads has seen enough, as `head` has; what is left is not written and nothing is wrong.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return {
    print: (text) => void process.stdout.write(text),
    note: (text) => void process.stderr.write(text),
    paint: (style, text) => styleText(style, text, { stream: process.stdout }),
    watched: process.stderr.isTTY === true,
  }
}
