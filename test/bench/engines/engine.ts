/** What is measured: a program that holds organisations and answers requests. */
import type { DecisionRequest } from '../../../src/policy/decide.ts'
import type { Rule } from '../../../src/policy/rule.ts'
import type { World } from '../world.ts'

export interface Engine {
  readonly decide: (request: DecisionRequest) => boolean
  /** Puts one more rule in force in an organisation (bare id) that is there. */
  readonly edit?: (organisation: string, rule: Rule) => void | Promise<void>
  /** Times the very first decision of each principal in policies just made, in microseconds. */
  readonly cold?: () => Promise<number[]>
}

/** Loads every organisation of a world. `answers` are those of its requests, for who only looks up. */
export type Open = (world: World, answers: readonly boolean[]) => Promise<Engine>
