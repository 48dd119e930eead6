/** Where the values and keys of a YAML document begin, each found in a step or two. */
import { type Document, isMap, isNode, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml'

export type Path = readonly PropertyKey[]

/** Which of the two is meant where a path ends at a key with a value. */
export type Part = 'key' | 'value'

export interface Places {
  /** Whether there is something at `path`. */
  readonly has: (path: Path) => boolean
  /** The offset of what is at `path`, or of the nearest that is above it. */
  readonly offset: (path: Path, part?: Part) => number
}

/** The text by which a key is known. */
export function keyText(key: unknown): string {
  const value = isScalar(key) ? key.value : key
  return value === null ? '' : String(value)
}

/** Keys are looked up in a table of each map: a file may have tens of thousands in one. */
export function placesIn(document: Document): Places {
  const tables = new Map<YAMLMap, ReadonlyMap<string, Pair>>()
  const pairAt = (map: YAMLMap, key: PropertyKey): Pair | undefined => {
    const table = tables.get(map) ?? new Map(map.items.map((pair) => [keyText(pair.key), pair]))
    tables.set(map, table)
    return table.get(String(key))
  }
  /** The nodes from the first to the last of `path`; fewer where it leads to nothing. */
  const walk = (path: Path): unknown[] => {
    const found: unknown[] = [document.contents]
    for (const step of path) {
      const above = found.at(-1)
      const pair = isMap(above) ? pairAt(above, step) : undefined
      if (pair === undefined && !(isSeq(above) && Number(step) in above.items)) break
      found.push(pair === undefined && isSeq(above) ? above.items[Number(step)] : pair?.value)
    }
    return found
  }
  return {
    has: (path) => walk(path).length > path.length,
    offset: (path, part = 'value') => {
      const nodes = walk(path)
      const above = nodes[path.length - 1]
      const pair = isMap(above) ? pairAt(above, path.at(-1) ?? '') : undefined
      if (part === 'key' && isNode(pair?.key)) return pair.key.range?.[0] ?? 0
      const node = nodes.findLast(isNode)
      const quoted = isScalar(node) && /^QUOTE/.test(node.type ?? '')
      return (node?.range?.[0] ?? 0) + (quoted ? 1 : 0)
    },
  }
}
