/** How an operation says no: the runner takes everything back and answers with the code. */
import type { Code } from '../../lib/problems.ts'

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: Code
  /** After how many seconds it is worth asking again. */
  readonly retryAfterSeconds: number | undefined

  /** `detail` is for the caller: what is in the way, and what would be right. */
  constructor(code: Code, detail: string, retryAfterSeconds?: number) {
    super(detail)
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}
