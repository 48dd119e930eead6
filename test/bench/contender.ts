/** The parent's side of a program that is measured: asks it one thing at a time, within a bound. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Assignment, Results, Task } from './program.ts'

const HEAP_MB = 6_144
const program = join(import.meta.dirname, 'program.ts')

/** Why a program has no figure: said in the report, not a failure of it. */
export class GivenUpError extends Error {
  override readonly name = 'GivenUpError'
}

type Reply = { readonly result: unknown } | { readonly error: string }

export class Contender {
  readonly #child: ChildProcess

  constructor(assignment: Assignment) {
    this.#child = fork(program, [JSON.stringify(assignment)], {
      execArgv: [`--max-old-space-size=${HEAP_MB}`],
      // What a program says when its heap is full is no part of the report.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    })
  }

  /** Throws `GivenUpError` after `boundMs`, or when the program says why it cannot. */
  ask<K extends Task['kind']>(
    task: Extract<Task, { kind: K }>,
    boundMs: number,
  ): Promise<Results[K]> {
    return new Promise((resolve, reject) => {
      const child = this.#child
      const give = (message: string) => settle(() => reject(new GivenUpError(message)))
      const timer = setTimeout(() => {
        this.end()
        give(`over ${boundMs / 1_000} s to ${task.kind}`)
      }, boundMs)
      const onExit = () => give(`out of memory (${HEAP_MB / 1_024} GiB) at ${task.kind}`)
      const onMessage = (reply: Reply) =>
        'error' in reply ? give(reply.error) : settle(() => resolve(reply.result as Results[K]))
      const settle = (done: () => void) => {
        clearTimeout(timer)
        child.off('exit', onExit)
        child.off('message', onMessage)
        done()
      }
      child.on('exit', onExit)
      child.on('message', onMessage)
      if (!child.connected) onExit()
      else child.send(task)
    })
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }
}
