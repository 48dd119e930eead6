import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { answers, type Code, problem } from '../../src/lib/problems.ts'
import { reasons } from '../../src/lib/reasons.ts'

const codes = Object.keys(answers) as Code[]
/** Every source file but the two tables, as one text. */
const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/lib\/(?:reasons|problems)\.ts$/.test(name))
  .map((name) => readFileSync(join('src', name), 'utf8'))
  .join('\n')

describe('a problem document', () => {
  test('has the members of RFC 9457 and ours, and nothing more', () => {
    expect(problem('denied', 'r1', 'd1')).toEqual({
      type: 'about:blank',
      title: 'denied',
      status: 403,
      detail: 'You may not do this.',
      code: 'denied',
      requestId: 'r1',
      decisionId: 'd1',
    })
  })

  test('names no decision where none was made', () => {
    expect(problem('not_found', 'r1')).not.toHaveProperty('decisionId')
  })

  test.each(codes)('%s has a status of HTTP and one sentence without an inner reason', (code) => {
    const { status, detail, title } = problem(code, 'r1')
    expect(status === 200 || (status >= 400 && status <= 504)).toBe(true)
    expect(detail).toMatch(/^[A-Z][^_]+\.$/)
    expect(title).toBe(code.replaceAll('_', ' '))
    for (const reason of Object.keys(reasons)) {
      if (reason.includes('_')) expect(detail).not.toContain(reason)
    }
  })
})

describe('the closed list of reasons', () => {
  test('only one of them is an allow', () => {
    const allowed = Object.entries(reasons).filter(([, code]) => answers[code].status < 400)
    expect(allowed).toEqual([['allowed_by_rule', 'allowed']])
  })

  test('each is given somewhere in the source', () => {
    const unused = Object.keys(reasons).filter((reason) => !source.includes(`'${reason}'`))
    expect(unused).toEqual([])
  })

  test('each code is the answer to some reason, or named where it is given', () => {
    const used = new Set<string>(Object.values(reasons))
    const unused = codes.filter((code) => !used.has(code) && !source.includes(`'${code}'`))
    expect(unused).toEqual([])
  })

  test('whatever cannot be decided is a 503, never a pass and never a deny that looks final', () => {
    const undecided = Object.entries(reasons).filter(([reason]) =>
      /_(?:stale|unavailable)$|^pipeline_/.test(reason),
    )
    expect(undecided.length).toBeGreaterThan(3)
    for (const [, code] of undecided) expect(answers[code].status).toBe(503)
  })
})
