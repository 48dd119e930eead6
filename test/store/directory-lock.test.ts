import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { DirectoryInUseError, lockDirectory } from '../../src/store/directory-lock.ts'
import { startChild } from '../support/children.ts'

const HOLDER = fileURLToPath(new URL('hold-directory.ts', import.meta.url))

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'gatehouse-lock-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return join(made, 'data')
}

/** Takes the lock and gives it back when the test ends, unless the test did. */
async function lock(directory: string): Promise<() => void> {
  const unlock = await lockDirectory(directory)
  onTestFinished(unlock)
  return unlock
}

test('a second process is told the directory, the holder and what to do, in one line', async () => {
  const directory = folder()
  await lock(directory)
  expect(await startChild(HOLDER, directory).line()).toBe(
    `Another Gatehouse (pid ${process.pid}) uses the data directory ${directory}: stop it, set ` +
      'DATA_DIR to another directory, or set DATABASE_URL to share one PostgreSQL.',
  )
})

test('a process that was killed leaves nothing that has to be cleaned up', async () => {
  const directory = folder()
  for (let round = 0; round < 3; round++) {
    const child = startChild(HOLDER, directory)
    expect(await child.line()).toBe('locked')
    await expect(lockDirectory(directory, { waitMs: 0 })).rejects.toThrow(`(pid ${child.pid})`)
    await child.kill()
    const unlock = await lockDirectory(directory)
    unlock()
  }
})

test('of several that start at once after a crash exactly one wins', async () => {
  const directory = folder()
  const crashed = startChild(HOLDER, directory)
  expect(await crashed.line()).toBe('locked')
  await crashed.kill()
  const starters = Array.from({ length: 4 }, () => startChild(HOLDER, directory))
  const lines = await Promise.all(starters.map(({ line }) => line()))
  const winner = starters[lines.indexOf('locked')]
  expect(lines.filter((line) => line === 'locked').length).toBe(1)
  for (const line of lines.filter((text) => text !== 'locked')) {
    expect(line).toContain(`(pid ${winner?.pid})`)
  }
})

test('the pid of a living stranger in the pid file keeps nobody out', async () => {
  const directory = folder()
  mkdirSync(directory)
  writeFileSync(join(directory, 'gatehouse.pid'), `${process.ppid}\n`)
  await lock(directory)
})

test('a copy of a locked directory is free', async () => {
  const directory = folder()
  const child = startChild(HOLDER, directory)
  expect(await child.line()).toBe('locked')
  cpSync(directory, `${directory}-copy`, { recursive: true })
  await lock(`${directory}-copy`)
})

test('the same process does not get the lock twice, and gets it again when it was given back', async () => {
  const directory = folder()
  const unlock = await lock(directory)
  await expect(lockDirectory(directory, { waitMs: 0 })).rejects.toThrow(DirectoryInUseError)
  unlock()
  unlock()
  expect(existsSync(join(directory, 'gatehouse.pid'))).toBe(false)
  await lock(directory)
})

test('a late second release does not free the lock of a successor', async () => {
  const directory = folder()
  const first = await lock(directory)
  first()
  await lock(directory)
  first()
  await expect(lockDirectory(directory, { waitMs: 0 })).rejects.toThrow(DirectoryInUseError)
})

test('a predecessor that is just leaving is waited for', async () => {
  const directory = folder()
  const unlock = await lock(directory)
  const waiting = lockDirectory(directory)
  setTimeout(unlock, 150)
  const second = await waiting
  second()
})

test('a path far longer than a socket address may be is locked as any other', async () => {
  const directory = join(folder(), ...Array.from({ length: 6 }, () => 'd'.repeat(60)))
  await lock(directory)
  expect(await startChild(HOLDER, directory).line()).toContain(`(pid ${process.pid})`)
})

test('a damaged pid file is not quoted', async () => {
  const directory = folder()
  await lock(directory)
  writeFileSync(join(directory, 'gatehouse.pid'), 'rubbish\u001b[31m')
  await expect(lockDirectory(directory, { waitMs: 0 })).rejects.toThrow(
    /^Another Gatehouse uses the data/,
  )
})

test('a directory that is made is closed to other users', async () => {
  const directory = folder()
  await lock(directory)
  expect(statSync(directory).mode & 0o777).toBe(0o700)
})

test('a directory that cannot be made, and one that cannot be locked, are other errors', async () => {
  const directory = folder()
  writeFileSync(directory, 'a file')
  await expect(lockDirectory(directory, { waitMs: 0 })).rejects.toMatchObject({ code: 'EEXIST' })
  const other = folder()
  mkdirSync(join(other, 'gatehouse.lock'), { recursive: true })
  await expect(lockDirectory(other)).rejects.toThrow(/^DATA_DIR cannot be locked/)
})
