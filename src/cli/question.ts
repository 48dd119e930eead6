/** What the questions about policy files have in common: which policy, and whose rules beside it. */
import type { Command } from 'commander'
import type { Application } from '../policy/applications.ts'
import { buildSnapshot, type Snapshot } from '../policy/snapshot.ts'
import { modelOption } from './command.ts'
import { loadOwnRules, loadPolicy } from './load-policy.ts'

export interface QuestionOptions {
  readonly policy: string
  readonly rules?: string
  readonly model?: string
  readonly format: 'text' | 'json'
}

export interface AskedPolicy {
  readonly snapshot: Snapshot
  readonly applications: readonly Application[]
}

/** Adds the options by which a question says what it is about. */
export function askedOptions(command: Command): Command {
  return command
    .option('--policy <place>', 'a folder with model.conf and policies/, or a revision of git', '.')
    .option('--rules <file>', 'the own rules of the organisation, as CSV')
    .addOption(modelOption())
}

/** The policy of an organisation (bare id) as the gateway would build it of these files. */
export async function loadAsked(
  organisation: string,
  { policy, rules, model }: Omit<QuestionOptions, 'format'>,
): Promise<AskedPolicy> {
  const files = loadPolicy(policy, model)
  const own = loadOwnRules({ org: organisation, ...(rules && { rules }) }, files.model)
  const snapshot = await buildSnapshot({
    ...{ files, organisation, revision: 0, rules: own?.rules ?? [] },
  })
  return { snapshot, applications: files.applications }
}
