/** The policy files of a git revision, read without touching the working tree. */
import { execFileSync } from 'node:child_process'
import { limits } from '../lib/limits.ts'
import type { PolicyTexts } from '../policy/files/files.ts'
import { CommandError } from './terminal.ts'

/**
 * `model.conf` and `policies/` as `revision` has them, below the folder this was started in. Throws a
 * `CommandError` where there is no such revision or no policy in it.
 */
export function readRevision(revision: string): PolicyTexts {
  const commit = git('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`)
  if (commit === undefined) {
    throw new CommandError(`"${revision}" is neither a folder nor a revision that git knows here.`)
  }
  const id = commit.trim()
  const listed = git('ls-tree', '-z', '--name-only', id, '--', 'model.conf', 'policies/') ?? ''
  const names = listed.split('\0').filter(Boolean)
  if (!names.includes('model.conf')) {
    throw new CommandError(`${revision} has no model.conf in this folder.`)
  }
  const read = (name: string) => {
    const text = git('cat-file', 'blob', `${id}:./${name}`)
    if (text === undefined) throw new CommandError(`git cannot show ${name} of ${revision}.`)
    return text
  }
  // The same names as in the working tree, so that the same rules in the same files are the same.
  const files = names.filter((name) => /^policies\/[^./][^/]*\.(?:csv|yaml)$/.test(name))
  return {
    model: { name: 'model.conf', text: read('model.conf') },
    files: new Map(files.map((name) => [name, read(name)])),
  }
}

/** What git prints, or `undefined` where it refuses. */
function git(...args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', [...args], {
      encoding: 'utf8',
      maxBuffer: limits.policyFileBytes + 1,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return undefined
    throw new CommandError('git is not installed here: compare two folders instead.')
  }
}
