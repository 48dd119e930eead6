/** Text files of a folder, read so that a change is noticed without trusting a notification. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'

/** The files of `folder` whose names end in one of `endings`, as absolute paths in name order. */
export function listFiles(folder: string, endings: readonly string[]): string[] {
  return readdirSync(folder)
    .filter((name) => endings.some((ending) => name.endsWith(ending)) && !name.startsWith('.'))
    .sort()
    .map((name) => join(folder, name))
}

/**
 * A text that changes whenever one of `files` is written, replaced, added or removed. Notifications
 * of the file system miss mounted volumes and renamed links; asking costs microseconds.
 */
export function signatureOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const { mtimeNs, ctimeNs, size, ino } = statSync(file, { bigint: true })
      return `${file} ${mtimeNs} ${ctimeNs} ${size} ${ino}`
    })
    .join('\n')
}

/** Reads a file as UTF-8; throws when it is longer than `mostBytes`, or no regular file. */
export function readText(file: string, mostBytes: number): string {
  const stats = statSync(file)
  // A pipe would stop the process until somebody writes to it, and a device never ends.
  if (!stats.isFile()) throw new Error(`${file} is no regular file.`)
  if (stats.size > mostBytes) {
    throw new Error(`${file} has ${stats.size} bytes; at most ${mostBytes} are read.`)
  }
  return readFileSync(file, 'utf8')
}

/** The name by which people know a file: relative to where the process was started. */
export function shownName(file: string): string {
  const name = relative(process.cwd(), file)
  return name.startsWith('..') ? join(basename(join(file, '..')), basename(file)) : name
}
