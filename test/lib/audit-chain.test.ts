import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AuditEntry,
  type ChainedEntry,
  chainStart,
  hashEntry,
  verifyChain,
} from '../../src/lib/audit-chain.ts'

function entryOf(revision: number, over: Partial<AuditEntry> = {}): AuditEntry {
  return {
    organisation: 'acme',
    revision,
    at: new Date(revision * 1_000).toISOString(),
    actor: 'user:ann',
    credential: null,
    address: '192.0.2.7',
    requestId: `r${revision}`,
    operation: 'createTeam',
    object: '/gatehouse/teams/team:x',
    before: null,
    after: { name: 'Writers', list: [1, { b: 2, a: 1 }] },
    ...over,
  }
}

function chain(entries: readonly AuditEntry[]): ChainedEntry[] {
  let previous = chainStart
  return entries.map((entry) => {
    const chained = { ...entry, previous, hash: hashEntry(entry, previous) }
    previous = chained.hash
    return chained
  })
}

const chains = fc
  .tuple(fc.integer({ min: 1, max: 99 }), fc.array(fc.jsonValue(), { minLength: 2, maxLength: 9 }))
  .map(([first, afters]) => chain(afters.map((after, at) => entryOf(first + at, { after }))))
const broken = (entries: readonly ChainedEntry[]) => verifyChain(entries).kind === 'broken'

describe('a chain', () => {
  test('that is whole is verified, and its head is the last hash', () => {
    fc.assert(
      fc.property(chains, (entries) => {
        const head = entries.at(-1)?.hash
        expect(verifyChain(entries)).toEqual({ kind: 'verified', entries: entries.length, head })
      }),
    )
  })

  test('of nothing is one, and its head is where it starts', () => {
    expect(verifyChain([])).toEqual({ kind: 'verified', entries: 0, head: chainStart })
    expect(verifyChain([], 'a'.repeat(64))).toMatchObject({ head: 'a'.repeat(64) })
  })

  test('goes on from the hash of a part that was verified before', () => {
    const entries = chain([entryOf(1), entryOf(2), entryOf(3)])
    expect(verifyChain(entries.slice(1), entries[0]?.hash).kind).toBe('verified')
    expect(verifyChain(entries.slice(1)).kind).toBe('broken')
  })

  test.each<[keyof AuditEntry, unknown]>([
    ['organisation', 'beta'],
    ['revision', 77],
    ['at', new Date(0).toISOString()],
    ['actor', 'user:eve'],
    ['credential', 'key:abc'],
    ['address', null],
    ['requestId', 'other'],
    ['operation', 'deleteTeam'],
    ['object', '/gatehouse/teams/team:y'],
    ['before', {}],
    ['after', null],
  ])('shows another %s in any of its entries', (name, value) => {
    const entries = chain([entryOf(1), entryOf(2), entryOf(3)])
    for (const at of entries.keys()) {
      expect(
        broken(entries.map((one, index) => (index === at ? { ...one, [name]: value } : one))),
      ).toBe(true)
    }
  })

  test('shows a change of the content deep within, at its revision', () => {
    fc.assert(
      fc.property(chains, fc.nat(), fc.jsonValue(), (entries, nat, after) => {
        const at = nat % entries.length
        const one = entries[at]
        fc.pre(one !== undefined && hashEntry({ ...one, after }, one.previous) !== one.hash)
        const changed = entries.with(at, { ...(one as ChainedEntry), after })
        expect(verifyChain(changed)).toMatchObject({ kind: 'broken', revision: one?.revision })
      }),
    )
  })

  test('shows a change even where its own hash was made anew', () => {
    const entries = chain([entryOf(1), entryOf(2), entryOf(3)])
    const [, second] = entries
    const forged = { ...(second as ChainedEntry), actor: 'user:eve' }
    const hash = hashEntry(forged, forged.previous)
    expect(verifyChain(entries.with(1, { ...forged, hash }))).toMatchObject({ revision: 3 })
  })

  test('shows any entry that is missing, but at its end', () => {
    fc.assert(
      fc.property(chains, fc.nat(), (entries, nat) => {
        const at = nat % (entries.length - 1)
        expect(broken(entries.toSpliced(at, 1))).toBe(true)
      }),
    )
    expect(verifyChain(chain([entryOf(1), entryOf(2)]).slice(0, 1)).kind).toBe('verified')
  })

  test('shows an entry that was put in, or is there twice', () => {
    fc.assert(
      fc.property(chains, fc.nat(), fc.nat(), (entries, from, to) => {
        const one = entries[from % entries.length] as ChainedEntry
        expect(broken(entries.toSpliced(to % (entries.length + 1), 0, one))).toBe(true)
      }),
    )
  })

  test('shows two that changed places', () => {
    fc.assert(
      fc.property(chains, fc.nat(), fc.nat(), (entries, first, second) => {
        const [a, b] = [first % entries.length, second % entries.length]
        fc.pre(a !== b)
        const swapped = entries
          .with(a, entries[b] as ChainedEntry)
          .with(b, entries[a] as ChainedEntry)
        expect(broken(swapped)).toBe(true)
      }),
    )
  })

  test('shows a gap between revisions although every hash fits', () => {
    const found = verifyChain(chain([entryOf(1), entryOf(3)]))
    expect(found).toEqual({
      kind: 'broken',
      revision: 3,
      because: 'the entry before it is of revision 1',
    })
  })

  test('shows an entry of another organisation although every hash fits', () => {
    const found = verifyChain(chain([entryOf(1), entryOf(2, { organisation: 'beta' })]))
    expect(found).toMatchObject({ because: 'it belongs to another organisation' })
  })
})

describe('the hash of an entry', () => {
  const hash = (after: unknown) => hashEntry(entryOf(1, { after }), chainStart)

  test('does not depend on the order of members, as a database keeps none', () => {
    expect(hash({ a: 1, b: { c: 2, d: 3 } })).toBe(hash({ b: { d: 3, c: 2 }, a: 1 }))
  })

  test('depends on the order of a list', () => {
    expect(hash([1, 2])).not.toBe(hash([2, 1]))
  })

  test('takes nothing and null for the same, as the column does', () => {
    expect(hash(undefined)).toBe(hash(null))
    expect(hash({})).not.toBe(hash(null))
  })

  test('keeps neighbouring columns apart', () => {
    const one = entryOf(1, { operation: 'ab', object: 'c' })
    const two = entryOf(1, { operation: 'a', object: 'bc' })
    expect(hashEntry(one, chainStart)).not.toBe(hashEntry(two, chainStart))
  })

  test('H2: knows a member of a name that every object has', () => {
    expect(hash(JSON.parse('{"__proto__": 1}'))).not.toBe(hash({}))
  })
})
