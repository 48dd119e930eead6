import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { listFiles, readText, shownName, signatureOf } from '../../src/lib/folder.ts'

const root = mkdtempSync(join(tmpdir(), 'gatehouse-folder-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let count = 0
let folder = root
beforeEach(() => {
  folder = join(root, String(++count))
  mkdirSync(folder)
})
const at = (name: string) => join(folder, name)
const write = (name: string, text = '') => writeFileSync(at(name), text)

describe('the files of a folder', () => {
  test('are those with one of the endings, in the order of their names, hidden ones left out', () => {
    for (const name of ['b.csv', 'a.yaml', 'B.csv', 'c.txt', '.d.csv', 'e.csv~', 'csv']) write(name)
    expect(listFiles(folder, ['.csv', '.yaml'])).toEqual(['B.csv', 'a.yaml', 'b.csv'].map(at))
  })

  test('of a folder that is not there are an error', () => {
    expect(() => listFiles(at('nowhere'), ['.csv'])).toThrow('ENOENT')
  })
})

describe('the signature', () => {
  test.each<[string, () => void]>([
    ['another text', () => write('a', 'two')],
    ['another text of the same length', () => write('a', 'eno')],
    ['the same text again', () => write('a', 'one')],
    ['a time that was set back', () => utimesSync(at('a'), 1, 1)],
    [
      'a file of the same text renamed over it',
      () => {
        write('b', 'one')
        renameSync(at('b'), at('a'))
      },
    ],
  ])('changes with %s', async (_title, edit) => {
    write('a', 'one')
    const before = signatureOf([at('a')])
    // The file system's clock may stand still for some milliseconds.
    await new Promise((done) => setTimeout(done, 30))
    edit()
    expect(signatureOf([at('a')])).not.toBe(before)
  })

  test('changes with what a link leads to', () => {
    write('a', 'one')
    write('b', 'one')
    symlinkSync(at('a'), at('link'))
    const before = signatureOf([at('link')])
    symlinkSync(at('b'), at('next'))
    renameSync(at('next'), at('link'))
    expect(signatureOf([at('link')])).not.toBe(before)
  })

  test('changes with a file that is added or removed, and with nothing else', () => {
    write('a')
    write('b')
    const both = signatureOf([at('a'), at('b')])
    expect(signatureOf([at('a')])).not.toBe(both)
    expect(signatureOf([at('a'), at('b')])).toBe(both)
  })

  test('of a file that is gone is an error', () => {
    expect(() => signatureOf([at('a')])).toThrow('ENOENT')
  })
})

describe('a text', () => {
  test('is read as UTF-8 up to the bound and not beyond', () => {
    write('a', 'ä€')
    expect(readText(at('a'), 5)).toBe('ä€')
    expect(() => readText(at('a'), 4)).toThrow(`${at('a')} has 5 bytes; at most 4 are read.`)
  })

  test('is read from a regular file alone: a pipe, a device or a folder would never end', () => {
    execFileSync('sh', ['-c', 'mkfifo "$0"', at('pipe')])
    symlinkSync('/dev/zero', at('zero'))
    for (const name of ['pipe', 'zero', '.']) {
      expect(() => readText(at(name), 10)).toThrow('is no regular file')
    }
  })
})

describe('the name that is shown', () => {
  test.each([
    [join(process.cwd(), 'policies', 'docs.csv'), 'policies/docs.csv'],
    [join(process.cwd(), 'model.conf'), 'model.conf'],
    ['/etc/gatehouse/policies/docs.csv', 'policies/docs.csv'],
    ['/model.conf', 'model.conf'],
  ])('of %s is %s', (file, shown) => {
    expect(shownName(file)).toBe(shown)
  })
})
