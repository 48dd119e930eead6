/** Microseconds a decision: ours beside its peers, from a thousand rules to a million. */
import { allNames, type Cost, compare, type Measured } from './comparison.ts'
import { floor, ours } from './engines/list.ts'
import { figure, ratio, table } from './table.ts'
import { large, type Size, sizes, type Variant } from './world.ts'

const EDITS = 5
const VARIANT_SIZES: readonly Size[] = [...sizes.slice(1, 2), large]
const variants: Readonly<Record<Exclude<Variant, 'keyMatch2'>, string>> = {
  exact: '`==` instead of `keyMatch2`',
  regexMatch: '`regexMatch` on the path',
  denies: '`keyMatch2`, one rule in ten denies',
}

type Column = { readonly size: Size; readonly measured: ReadonlyMap<string, Measured> }

function say(message: string): void {
  process.stderr.write(`${message}\n`)
}

async function measureSizes(): Promise<Column[]> {
  const columns: Column[] = []
  for (const size of [...sizes, large]) {
    say(`decisions: ${size.name}`)
    const edits = size === large ? EDITS : 0
    const race = { size, variant: 'keyMatch2', names: allNames, edits } as const
    columns.push({ size, measured: await compare(race) })
  }
  return columns
}

/** A row for each program, a column for each size. */
function bySize(
  corner: string,
  columns: readonly Column[],
  cell: (measured: Measured, ours: Measured) => string,
): string {
  const rows = allNames.map((name) => {
    const cells = columns.map(({ measured }) => {
      const found = measured.get(name) ?? {}
      return cell(found, measured.get(ours) ?? {})
    })
    return [name, ...cells]
  })
  const shown = rows.filter(([, ...cells]) => cells.some((text) => text !== ''))
  return table([corner, ...columns.map(({ size }) => size.name)], shown)
}

const withRatio = (value: number | undefined, reference: number | undefined, given = '') => {
  if (value === undefined || Number.isNaN(value)) return given
  return figure(value) + (value === reference ? '' : ratio(value, reference ?? Number.NaN))
}

/** Mean and 99th percentile of what asks ours first, again, and ever the same. */
function ownTable(columns: readonly Column[]): string {
  const both = (cost: Cost | undefined) =>
    cost === undefined ? '—' : `${figure(cost.mean)} / ${figure(cost.p99)}`
  const row = (title: string, name: string, cost: (found: Measured) => Cost | undefined) => [
    title,
    ...columns.map(({ measured }) => both(cost(measured.get(name) ?? {}))),
  ]
  return table(
    ['mean / 99th percentile, µs', ...columns.map(({ size }) => size.name)],
    [
      row('hot: 256 requests', ours, ({ hot }) => hot),
      row('distinct: 4,096 requests', ours, ({ distinct }) => distinct),
      row('cold: the first of each principal', ours, ({ cold }) => cold),
      row('the `Map`, hot', floor, ({ hot }) => hot),
      row('the `Map`, distinct', floor, ({ distinct }) => distinct),
    ],
  )
}

async function variantTable(columns: readonly Column[]): Promise<string> {
  const names = allNames.filter((name) => name !== floor && !name.includes('all in one'))
  const rows: string[][] = []
  for (const [variant, title] of Object.entries(variants)) {
    for (const size of VARIANT_SIZES) {
      say(`decisions: ${title}, ${size.name}`)
      const race = { size, variant: variant as Variant, names, edits: 0 }
      rows.push(rowOf(`${title}; ${size.name}`, names, await compare(race)))
    }
  }
  for (const size of VARIANT_SIZES) {
    const measured = columns.find((column) => column.size === size)?.measured
    rows.push(rowOf(`\`keyMatch2\`; ${size.name}`, names, measured ?? new Map()))
  }
  return table(['distinct requests, µs', ...names], rows)
}

function rowOf(title: string, names: readonly string[], measured: ReadonlyMap<string, Measured>) {
  const reference = measured.get(ours)?.distinct?.mean
  const cells = names.map((name) => {
    const { distinct, given } = measured.get(name) ?? {}
    return withRatio(distinct?.mean, reference, given)
  })
  return [title, ...cells]
}

/** A section of the report. */
export async function measureDecisions(): Promise<string> {
  const columns = await measureSizes()
  return [
    'About 110 rules an organisation, so 10 to 10,000 of them, and one with 25,000; a third of the',
    'requests is allowed. Each program is a process of its own and answered a sample as ours did before',
    'it was timed; in brackets how many times as long as ours it takes.\n',
    bySize('4,096 distinct requests, µs a decision', columns, (found, own) =>
      withRatio(found.distinct?.mean, own.distinct?.mean, found.given),
    ),
    ownTable(columns),
    await variantTable(columns),
    bySize('ms to load all', columns, ({ load }, own) =>
      withRatio(load?.milliseconds, own.load?.milliseconds),
    ),
    bySize('bytes kept a rule', columns, ({ load }, own) =>
      withRatio(load?.bytesARule, own.load?.bytesARule),
    ),
    bySize(
      'ms until an edit of one rule is seen',
      columns.filter(({ size }) => size === large),
      ({ editMs }, own) => withRatio(editMs, own.editMs),
    ),
  ].join('\n')
}
