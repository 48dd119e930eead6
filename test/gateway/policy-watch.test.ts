import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type PolicyWatch,
  readPolicyFiles,
  watchPolicyFiles,
} from '../../src/gateway/policy-watch.ts'
import { limits } from '../../src/lib/limits.ts'
import { createMetrics } from '../../src/lib/metrics.ts'
import { policySignature } from '../../src/lib/policy-folder.ts'
import type { PolicyFiles } from '../../src/policy/files/files.ts'
import { until } from '../support/until.ts'

const applications = `applications:
  - { id: docs, upstreams: ['http://127.0.0.1:9000'], organisation: credential }
`
const allow = (path: string) => `p, role:reader, *, /docs/${path}, GET, allow\n`
const deny = (path: string) => `p, *, *, /docs/${path}, GET, deny\n`

type Line = { msg: string; problems?: { file: string; line: number; column: number }[] }

interface Watched {
  readonly folder: string
  readonly write: (name: string, text: string) => void
  readonly watch: PolicyWatch
  /** What was put in force, in order. */
  readonly used: PolicyFiles[]
  readonly lines: Line[]
  /** `ok` and `failed` of the metric, and whether the last reload failed. */
  readonly counted: () => Promise<{ ok: number; failed: number; failing: number }>
}

const paths = ({ guardrails }: PolicyFiles) => guardrails.map(({ values }) => values[2])

/** So long that several looks have passed. */
const looks = (count: number) => new Promise((done) => setTimeout(done, (count + 1) * POLL_MS))

/** Shorter than the product's, for there are many tests. */
const POLL_MS = 50

interface StartOptions {
  readonly prepare?: (folder: string) => void
  readonly use?: (files: PolicyFiles) => Promise<void>
  readonly policyDir?: string
  readonly pollMs?: number
}

/** A folder with one application and one rule, watched until the test ends. */
function start({
  prepare,
  use = async () => {},
  policyDir = 'policies',
  pollMs = POLL_MS,
}: StartOptions = {}): Watched {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-watch-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'policies'))
  copyFileSync('model.conf', join(folder, 'model.conf'))
  const write = (name: string, text: string) => writeFileSync(join(folder, 'policies', name), text)
  write('apps.yaml', applications)
  write('rules.csv', allow('a'))
  prepare?.(folder)
  const place = { policyDir: join(folder, policyDir), modelFile: join(folder, 'model.conf') }
  const used: PolicyFiles[] = []
  const lines: Line[] = []
  const log = pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line)) })
  const metrics = createMetrics()
  const watch = watchPolicyFiles({
    place,
    since: policySignature(place),
    files: readPolicyFiles(place),
    use: async (files) => {
      await use(files)
      used.push(files)
    },
    log,
    metrics,
    pollMs,
  })
  onTestFinished(watch.stop)
  const counted = async () => {
    const { values } = await metrics.policyReloads.get()
    const of = (result: string) => values.find(({ labels }) => labels.result === result)?.value ?? 0
    const [failing] = (await metrics.policyReloadFailed.get()).values
    return { ok: of('ok'), failed: of('failed'), failing: failing?.value ?? 0 }
  }
  return { folder, write, watch, used, lines, counted }
}

describe('an edit is seen', () => {
  test.each<[string, (watched: Watched) => void, string[]]>([
    ['written in place', ({ write }) => write('rules.csv', allow('b')), ['/docs/b']],
    ['of the same length', ({ write }) => write('rules.csv', allow('z')), ['/docs/z']],
    [
      'renamed over the old one',
      ({ folder, write }) => {
        write('.rules.csv.swp', allow('b'))
        renameSync(
          join(folder, 'policies', '.rules.csv.swp'),
          join(folder, 'policies', 'rules.csv'),
        )
      },
      ['/docs/b'],
    ],
    ['in a new file', ({ write }) => write('more.csv', allow('b')), ['/docs/b', '/docs/a']],
    [
      'that removes a file',
      ({ folder, write }) => {
        write('second.csv', allow('c'))
        unlinkSync(join(folder, 'policies', 'rules.csv'))
      },
      ['/docs/c'],
    ],
  ])('%s', async (_title, edit, expected) => {
    const watched = start()
    edit(watched)
    await until(() => watched.used.length > 0)
    expect(watched.used.map(paths)).toEqual([expected])
    expect(watched.watch.failure()).toBeUndefined()
    expect(await watched.counted()).toEqual({ ok: 1, failed: 0, failing: 0 })
  })

  test('of the model', async () => {
    const { folder, used } = start()
    const file = join(folder, 'model.conf')
    writeFileSync(file, `# A remark.\n${execFileSync('cat', [file], { encoding: 'utf8' })}`)
    await until(() => used.length === 1)
  })

  test('when a mounted folder is swapped by its link, as Kubernetes does', async () => {
    const prepare = (folder: string) => {
      renameSync(join(folder, 'policies'), join(folder, '..2026_01'))
      mkdirSync(join(folder, 'policies'))
      symlinkSync(join(folder, '..2026_01'), join(folder, 'policies', '..data'))
      for (const name of ['apps.yaml', 'rules.csv']) {
        symlinkSync(join('..data', name), join(folder, 'policies', name))
      }
    }
    const { folder, used } = start({ prepare })
    mkdirSync(join(folder, '..2026_02'))
    writeFileSync(join(folder, '..2026_02', 'apps.yaml'), applications)
    writeFileSync(join(folder, '..2026_02', 'rules.csv'), allow('b'))
    const [link, next] = ['..data', '..data_tmp'].map((name) => join(folder, 'policies', name))
    symlinkSync(join(folder, '..2026_02'), next ?? '')
    renameSync(next ?? '', link ?? '')
    await until(() => used.length === 1)
    expect(used.map(paths)).toEqual([['/docs/b']])
  })

  test('when the folder itself is a link that is moved', async () => {
    const prepare = (folder: string) => symlinkSync(join(folder, 'policies'), join(folder, 'link'))
    const { folder, used } = start({ prepare, policyDir: 'link' })
    mkdirSync(join(folder, 'next'))
    writeFileSync(join(folder, 'next', 'apps.yaml'), applications)
    writeFileSync(join(folder, 'next', 'rules.csv'), allow('b'))
    symlinkSync(join(folder, 'next'), join(folder, 'link.new'))
    renameSync(join(folder, 'link.new'), join(folder, 'link'))
    await until(() => used.length === 1)
    expect(used.map(paths)).toEqual([['/docs/b']])
  })
})

describe('what is no edit does nothing', () => {
  test.each<[string, (watched: Watched) => void]>([
    ['a touch', ({ folder }) => utimesSync(join(folder, 'policies', 'rules.csv'), 1, 1)],
    ['the same text written again', ({ write }) => write('rules.csv', allow('a'))],
    ['a file of another kind', ({ write }) => write('notes.txt', 'p, nonsense')],
    ['a hidden file', ({ write }) => write('.rules.csv', 'p, nonsense')],
  ])('%s', async (_title, touch) => {
    const watched = start()
    touch(watched)
    await looks(3)
    expect(watched.used).toEqual([])
    expect(watched.lines).toEqual([])
    expect(await watched.counted()).toEqual({ ok: 0, failed: 0, failing: 0 })
  })
})

describe('a broken edit', () => {
  test('changes nothing, and is named with file, line, column and cause', async () => {
    const { write, watch, used, lines, counted } = start()
    write('rules.csv', `${allow('a')}p, role:reader, *, /docs/b, GET, Allow\n`)
    await until(() => watch.failure() !== undefined)
    expect(watch.failure()).toMatch(/policies\/rules\.csv:2:34: .*"Allow"/)
    expect(used).toEqual([])
    const [line] = lines
    expect(line?.msg).toContain('policy files refused, the last good policy serves: ')
    expect(line?.problems).toMatchObject([{ line: 2, column: 34 }])
    expect(await counted()).toEqual({ ok: 0, failed: 1, failing: 1 })
  })

  test('is told once, not at every look', async () => {
    const { write, watch, lines } = start()
    write('rules.csv', 'nonsense\n')
    await until(() => watch.failure() !== undefined)
    await looks(2)
    expect(lines).toHaveLength(1)
  })

  test('that is taken back is over, and nothing was swapped', async () => {
    const { write, watch, used, counted } = start()
    write('rules.csv', 'nonsense\n')
    await until(() => watch.failure() !== undefined)
    write('rules.csv', allow('a'))
    await until(() => watch.failure() === undefined)
    expect(used).toEqual([])
    expect(await counted()).toEqual({ ok: 1, failed: 1, failing: 0 })
  })

  test('that is mended is used', async () => {
    const { write, watch, used } = start()
    write('rules.csv', 'nonsense\n')
    await until(() => watch.failure() !== undefined)
    write('rules.csv', allow('b'))
    await until(() => used.length === 1)
    expect(watch.failure()).toBeUndefined()
  })

  test('of every organisation at once is refused as a whole: what cannot be put in force is not', async () => {
    let refuse = true
    const use = async () => {
      if (refuse) throw new Error('an organisation holds a rule of the application that is gone')
    }
    const { write, watch, used } = start({ use })
    write('rules.csv', allow('b'))
    await until(() => watch.failure() !== undefined)
    expect(watch.failure()).toContain('is gone')
    refuse = false
    write('rules.csv', allow('b'))
    await until(() => used.length === 1)
    expect(watch.failure()).toBeUndefined()
  })
})

describe('what cannot be read is refused, and watched on', () => {
  test.each<[string, (watched: Watched) => void, RegExp]>([
    [
      'a file that is too large',
      ({ folder, write }) => {
        write('huge.csv', '')
        truncateSync(join(folder, 'policies', 'huge.csv'), limits.policyFileBytes + 1)
      },
      /huge\.csv has \d+ bytes; at most \d+ are read/,
    ],
    [
      'a folder with the name of a file',
      ({ folder }) => mkdirSync(join(folder, 'policies', 'old.csv')),
      /old\.csv is no regular file/,
    ],
    [
      'a pipe, which would never end',
      ({ folder }) =>
        execFileSync('sh', ['-c', 'mkfifo "$0"', join(folder, 'policies', 'pipe.csv')]),
      /pipe\.csv is no regular file/,
    ],
    [
      'a link to nowhere',
      ({ folder }) => symlinkSync('nowhere', join(folder, 'policies', 'gone.csv')),
      /ENOENT.*gone\.csv/,
    ],
    [
      'a model that is gone',
      ({ folder }) => unlinkSync(join(folder, 'model.conf')),
      /ENOENT.*model\.conf/,
    ],
    [
      'a folder that is gone',
      ({ folder }) => renameSync(join(folder, 'policies'), join(folder, 'moved')),
      /ENOENT.*policies/,
    ],
    ['a folder without a rule', ({ write }) => write('rules.csv', ''), /hold no rule/],
  ])('%s', async (_title, spoil, failure) => {
    const watched = start()
    spoil(watched)
    await until(() => watched.watch.failure() !== undefined)
    expect(watched.watch.failure()).toMatch(failure)
    expect(watched.used).toEqual([])
    rmSync(join(watched.folder, 'policies'), { recursive: true, force: true })
    mkdirSync(join(watched.folder, 'policies'))
    copyFileSync('model.conf', join(watched.folder, 'model.conf'))
    watched.write('apps.yaml', applications)
    watched.write('rules.csv', allow('b'))
    await until(() => watched.used.length > 0)
    expect(watched.used.map(paths)).toEqual([['/docs/b']])
    expect(watched.watch.failure()).toBeUndefined()
  })
})

describe('a file that is still being written', () => {
  test('is not taken before it rests: no policy without its denies is ever in force', async () => {
    // The product's own interval, so that a busy machine cannot look like an editor at rest.
    const { write, used, watch } = start({ pollMs: limits.policyPollMs })
    const end = performance.now() + 8 * limits.policyPollMs
    let lines = allow('a')
    while (performance.now() < end) {
      // Each state is a valid policy of its own, and each lacks the deny that comes last.
      lines += allow(`n${used.length}-${lines.length}`)
      write('rules.csv', lines)
      await new Promise((done) => setTimeout(done, limits.policyPollMs / 8))
    }
    expect(used).toEqual([])
    write('rules.csv', lines + deny('a'))
    await until(() => used.length === 1)
    expect(used[0]?.guardrails.at(-1)?.values.at(-1)).toBe('deny')
    expect(watch.failure()).toBeUndefined()
  })

  test('and left half-done is refused until it is complete', async () => {
    const { write, used, watch } = start()
    write('rules.csv', `${allow('b')}p, *, *, /docs/b, GE`)
    await until(() => watch.failure() !== undefined)
    write('rules.csv', allow('b') + deny('b'))
    await until(() => used.length === 1)
    expect(watch.failure()).toBeUndefined()
  })
})

test('after a stop nothing is looked at any more', async () => {
  const { write, watch, used } = start()
  watch.stop()
  write('rules.csv', allow('b'))
  await looks(3)
  expect(used).toEqual([])
})

test('a signature is the same while nothing changes, and is a text for a folder that is not there', () => {
  const place = { policyDir: 'policies', modelFile: 'model.conf' }
  expect(policySignature(place)).toBe(policySignature(place))
  expect(policySignature({ ...place, policyDir: 'nowhere' })).toMatch(/ENOENT/)
})
