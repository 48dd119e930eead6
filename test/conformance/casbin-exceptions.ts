/**
 * The cases of public suites that Gatehouse answers otherwise than npm casbin, on purpose: by the
 * reason, as single cases and as ranges of them.
 */

export const vectorExceptions: Readonly<Record<string, readonly string[]>> = {
  // zero rules: casbin evaluates the matcher against blanks and may allow (H4), so no engine is built.
  'empty policy': [
    'cv-0009..0016',
    'cv-0029..0040',
    'cv-0219..0226',
    'cv-0414..0418',
    'cv-0499..0509',
    'cv-0652..0663',
  ],
  // an effect is allow or deny; another word would leave an allow standing (H5).
  'unknown effect': ['cv-0166', 'cv-0574'],
  // matching functions of roles and domains are not offered: a `g` line of domain * is written out instead.
  'role matching function': [
    'cv-0167..0196',
    'cv-0420..0435',
    'cv-0445',
    'cv-0512..0513',
    'cv-0545..0563',
    'cv-0591..0600',
  ],
  // "in" binds as loosely as "||", so the model means something else than it says (hazard 3).
  'in without brackets': ['cv-0197', 'cv-0436..0439', 'cv-0664..0671'],
  // a second set of definitions is never asked.
  'enforce context': ['cv-0297..0298', 'cv-0373..0374', 'cv-0441..0444'],
  // organisations do not inherit from each other.
  'domain hierarchy': ['cv-0322..0351'],
  // a row has the columns of its definition, no more and no fewer (H5).
  'number of columns': ['cv-0537..0544'],
}

export const functionExceptions: Readonly<Record<string, readonly string[]>> = {
  // a star inside a segment, which the library reads as a repetition.
  'pattern refused': [
    'cf-0020',
    'cf-0042',
    'cf-0045',
    'cf-0048',
    'cf-0068',
    'cf-0071',
    'cf-0074',
    'cf-0262',
    'cf-0265',
    'cf-0268',
  ],
}

/** A table as the reason of each case. */
export function spelledOut(table: Readonly<Record<string, readonly string[]>>) {
  const cases = Object.entries(table).flatMap(([reason, ranges]) =>
    ranges.flatMap(idsOf).map((id) => [id, reason] as const),
  )
  return Object.fromEntries(cases)
}

/** `cv-0009..0012` as its four cases. */
function idsOf(range: string): string[] {
  const [prefix = '', numbers = ''] = range.split('-')
  const [first = '', last = first] = numbers.split('..')
  const length = Number(last) - Number(first) + 1
  return Array.from(
    { length },
    (_, at) => `${prefix}-${String(Number(first) + at).padStart(4, '0')}`,
  )
}
