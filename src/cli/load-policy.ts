/** The policies that a command is about, read from where a person says they are. */
import { statSync } from 'node:fs'
import { readText } from '../lib/folder.ts'
import { isBareId } from '../lib/ids.ts'
import { limits } from '../lib/limits.ts'
import { parseRules } from '../policy/files/csv.ts'
import { type PolicyFiles, parsePolicyFiles } from '../policy/files/files.ts'
import type { PolicyModel } from '../policy/model/model.ts'
import { stopOn } from '../policy/problem.ts'
import type { OwnRules } from '../policy/questions/diff-files.ts'
import { readRevision } from './git-policy.ts'
import { findPolicy, readPolicyTexts } from './policy-place.ts'
import { CommandError } from './terminal.ts'

/**
 * The policy of a folder or, where there is no such folder, of a git revision. Throws a `CommandError`
 * where neither is there, and a `PolicyError` that names every problem of the files.
 */
export function loadPolicy(place: string, modelFile?: string): PolicyFiles {
  const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() === true
  return parsePolicyFiles(
    isFolder || place.startsWith('.')
      ? readPolicyTexts(findPolicy(place, modelFile))
      : readRevision(place),
  )
}

/** What `--org` and `--rules` say of one organisation. */
export interface OwnOptions {
  readonly org?: string
  readonly rules?: string
}

/** The organisation that is asked about and the rules in `--rules`; `undefined` without `--org`. */
export function loadOwnRules({ org, rules }: OwnOptions, model: PolicyModel): OwnRules | undefined {
  if (org === undefined) {
    if (rules === undefined) return undefined
    throw new CommandError('Say by --org whose rules --rules holds.')
  }
  const organisation = bareId(org)
  if (rules === undefined) return { organisation, rules: [] }
  const read = parseRules(readOrExplain(rules), rules, model)
  stopOn(read.problems)
  return { organisation, rules: read.rules }
}

/** `acme` and `org:acme` are the same organisation. */
export function bareId(org: string): string {
  const id = org.startsWith('org:') ? org.slice(4) : org
  if (isBareId(id)) return id
  throw new CommandError(`"${org}" is no organisation: write its id, such as acme.`)
}

function readOrExplain(file: string): string {
  try {
    return readText(file, limits.policyFileBytes)
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`)
  }
}
