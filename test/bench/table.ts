/** Figures as people read them. */

/** The middle value; of an even number the lower one. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}

/** The value that a share of all values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n')
}

/** Two digits that count, and no more of large numbers than anybody reads. */
export function figure(value: number): string {
  if (Number.isNaN(value)) return '—'
  if (value >= 1_000) return Number(value.toPrecision(3)).toLocaleString('en')
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2)
}

/** How many times as much as ours. */
export function ratio(value: number, ours: number): string {
  return Number.isNaN(value) || Number.isNaN(ours) ? '' : ` (×${figure(value / ours)})`
}
