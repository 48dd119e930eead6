import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tour-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The blocks of “Policy as code”, in order. */
function blocks(): string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  return [...readme.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
}

/** A project as a reader has it: the policy under version control, the command line beside it. */
function project(): void {
  for (const name of ['policies', 'model.conf', 'src', 'package.json']) {
    cpSync(join(root, name), join(folder, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const git = (...args: readonly string[]) => execFileSync('git', [...args], { cwd: folder })
  git('init', '--quiet')
  git('add', 'policies', 'model.conf')
  const author = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com']
  git(...author, 'commit', '--quiet', '-m', 'The sample')
}

test('“Policy as code”, pasted block by block, ends each command as its comment says', () => {
  project()
  const path = `${dirname(process.execPath)}:${process.env['PATH']}`
  const said: string[] = []
  for (const block of blocks()) {
    const script = block.replaceAll(
      /^npx gatehouse (.*)$/gm,
      'node src/cli/gatehouse.ts $1; echo "was $?"',
    )
    const { stdout, stderr } = spawnSync('sh', ['-c', script], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: path, HOME: folder },
    })
    expect(stderr).toBe('')
    const expected = [...block.matchAll(/^# exit (\d)$/gm)].map(([, status]) => status)
    const were = [...stdout.matchAll(/^was (\d)$/gm)].map(([, status]) => status)
    expect([block, were]).toEqual([block, expected])
    said.push(stdout)
  }
  expect(said[0]).toMatch(/guardrails\.csv:\d+:4: .*role:reader/)
  expect(said[1]).toContain('it is a guardrail')
  expect(said[2]).toContain('user:ann\n')
  expect(said[3]).toContain('+ role:reader may DELETE /docs/documents/:id in every organisation')
})
