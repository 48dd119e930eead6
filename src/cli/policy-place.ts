/** The policy files of a project, as every command finds them. */
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type PolicyPlace, readPolicyFolder } from '../lib/policy-folder.ts'
import type { PolicyTexts } from '../policy/files/files.ts'
import { CommandError } from './terminal.ts'

/**
 * Where a project in `folder` keeps its policy: `policies/` and `model.conf`, or the folder itself
 * with the model in it or beside it. Throws a `CommandError` that says what is missing.
 */
export function findPolicy(folder: string, modelFile?: string): PolicyPlace {
  const root = resolve(folder)
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CommandError(
      `${folder} is no folder: name the one that holds model.conf and policies/.`,
    )
  }
  const inner = join(root, 'policies')
  const policyDir = existsSync(inner) ? inner : root
  const candidates = [join(root, 'model.conf'), join(root, '..', 'model.conf')]
  const model = modelFile === undefined ? candidates.find(existsSync) : resolve(modelFile)
  if (model === undefined) {
    throw new CommandError(`${folder} has no model.conf, nor is one beside it: name it by --model.`)
  }
  return { policyDir, modelFile: model }
}

/** The texts of a place; throws a `CommandError` for what cannot be read. */
export function readPolicyTexts(place: PolicyPlace): PolicyTexts {
  try {
    return readPolicyFolder(place)
  } catch (error) {
    throw new CommandError(`The policy files cannot be read: ${(error as Error).message}`)
  }
}
