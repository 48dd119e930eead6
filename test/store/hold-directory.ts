/** `node hold-directory.ts <folder>`: takes the lock of a data directory and never ends by itself. */
import { DirectoryInUseError, lockDirectory } from '../../src/store/directory-lock.ts'

try {
  await lockDirectory(process.argv[2] ?? '')
  process.stdout.write('locked\n')
  setInterval(() => undefined, 1_000)
} catch (error) {
  if (!(error instanceof DirectoryInUseError)) throw error
  process.stdout.write(`${error.message}\n`)
}
