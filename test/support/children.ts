/** Child processes of tests: their lines of output, and none left behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

export interface Child {
  readonly pid: number
  /** The next line of standard output; `undefined` when there are no more. */
  readonly line: () => Promise<string | undefined>
  /** Kills it without a chance to clean up, and waits until it is gone. */
  readonly kill: () => Promise<void>
}

/** Runs a file with this Node.js. Killed when the test ends, however it ends. */
export function startChild(file: string, ...args: readonly string[]): Child {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  return { pid: pidOf(child), kill, line: readLines(child) }
}

function readLines(child: ChildProcess & { stdout: NodeJS.ReadableStream }): Child['line'] {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return async () => {
    const next = await lines.next()
    return next.done === true ? undefined : next.value
  }
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('the child did not start')
  return pid
}
