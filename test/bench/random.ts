/** Random choices with a seed, so that every program and every run meets the same work. */

export interface Random {
  /** In [0, 1). */
  readonly next: () => number
  readonly below: (count: number) => number
  readonly pick: <T>(values: readonly T[]) => T
}

/** Marsaglia's xorshift of 32 bits, after a scramble that keeps neighbouring seeds apart. */
export function seeded(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  for (let round = 0; round < 8; round += 1) next()
  const below = (count: number) => Math.floor(next() * count)
  const pick = <T>(values: readonly T[]): T => {
    if (values.length === 0) throw new Error('There is nothing to choose from.')
    return values[below(values.length)] as T
  }
  return { next, below, pick }
}
