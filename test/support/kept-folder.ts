/** A temporary folder that is removed when the test run ends, also when the run is killed. */
import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface KeptFolder {
  readonly path: string
  readonly remove: () => Promise<void>
}

/** Makes a folder whose name begins with `prefix`. */
export function keepFolder(prefix: string): KeptFolder {
  const path = mkdtempSync(join(tmpdir(), prefix))
  // The shell waits for the end of its standard input, which comes with our death of any kind.
  const keeper = spawn('/bin/sh', ['-c', 'cat >/dev/null; rm -rf "$1"', 'keeper', path], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = new Promise<void>((done) => keeper.once('exit', () => done()))
  const remove = async () => {
    keeper.stdin.end()
    await ended
  }
  return { path, remove }
}
