/** What is wrong in a policy file, and where. */

export interface PolicyProblem {
  readonly file: string
  /** One-based. */
  readonly line: number
  /** One-based. */
  readonly column: number
  /** What is wrong and what would be right, in one sentence. */
  readonly message: string
  /** Stable, in words, such as `rule-columns`: what a pipeline filters by. */
  readonly kind?: string
}

/** Problems of one part of a policy, which name their kind where it is a finer one. */
export function ofKind<T extends PolicyProblem>(kind: string, problems: readonly T[]): T[] {
  return problems.map((problem) => ({ kind, ...problem }))
}

/** `file:line:column: message`, the form editors and terminals link. */
export function describeProblem({ file, line, column, message }: PolicyProblem): string {
  return `${file}:${line}:${column}: ${message}`
}

/** A policy that must not be served. Nothing of it takes effect. */
export class PolicyError extends Error {
  readonly problems: readonly PolicyProblem[]

  constructor(problems: readonly PolicyProblem[]) {
    super(problems.map(describeProblem).join('\n'))
    this.name = 'PolicyError'
    this.problems = problems
  }
}

/** Throws a `PolicyError` of all `problems`, if there are any. */
export function stopOn(problems: readonly PolicyProblem[]): void {
  if (problems.length > 0) throw new PolicyError(problems)
}
