/** How services that are more forgiving than we are read a path (I2). */

type Reading = (path: string) => string

const asItIs: Reading = (path) => path

/** A percent decoder as forgiving as any: what it cannot read it leaves. */
const decode: Reading = (path) =>
  path.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  )

const resolveDots: Reading = (path) => {
  const kept: string[] = []
  for (const segment of path.split('/').slice(1)) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  }
  return `/${kept.join('/')}`
}

/** One of each group is taken, in this order. */
const habits: readonly (readonly Reading[])[] = [
  [asItIs, decode, (path) => decode(decode(path)), (path) => decode(decode(decode(path)))],
  [asItIs, (path) => path.replaceAll('\\', '/')],
  [asItIs, (path) => path.replace(/[#?\0].*$/s, '')],
  [asItIs, (path) => path.replace(/;[^/]*/g, '')],
  [asItIs, (path) => path.replace(/\/+/g, '/')],
  [asItIs, resolveDots],
]

const readers = habits.reduce<Reading[]>(
  (all, ways) =>
    all.flatMap((before) =>
      ways.map(
        (way): Reading =>
          (path) =>
            way(before(path)),
      ),
    ),
  [asItIs],
)

/** Every path that some reader takes `path` for, each once. */
export function readingsOf(path: string): string[] {
  return [...new Set(readers.map((read) => read(path)))]
}
