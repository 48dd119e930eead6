/** Files that hold a secret for whoever runs the process. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomText } from './ids.ts'

/** Writes a file of `folder` that its owner alone may read, whole or not at all; returns its path. */
export function writePrivately(folder: string, name: string, text: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, name)
  // A mode is given to a new file only, and an old one may be a link to somewhere else.
  const aside = `${file}.${randomText(8)}`
  writeFileSync(aside, text, { mode: 0o600, flag: 'wx' })
  renameSync(aside, file)
  return file
}
