/** `gatehouse audit verify`: whether exported entries are one unbroken chain, without asking anybody. */
import { type ChainedEntry, chainStart, verifyChain } from '../lib/audit-chain.ts'

/** A line that is no entry; the message says which and what would be right. */
export class NotAuditError extends Error {
  override readonly name = 'NotAuditError'
}

const TEXTS = ['organisation', 'at', 'actor', 'requestId', 'operation', 'object'] as const
const HASH = /^[0-9a-f]{64}$/

/** The entries of an export, one JSON object a line. Throws a `NotAuditError`. */
function* readEntries(text: string): Generator<ChainedEntry> {
  let number = 0
  for (const line of text.split('\n')) {
    number += 1
    if (line.trim() === '') continue
    const entry = parse(line)
    if (entry === undefined) {
      throw new NotAuditError(`Line ${number} is no entry of an audit: export it as JSON lines.`)
    }
    yield entry
  }
}

function parse(line: string): ChainedEntry | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const entry = value as Record<string, unknown>
  const texts = TEXTS.every((name) => typeof entry[name] === 'string')
  const hashes = [entry['previous'], entry['hash']].every((hash) => HASH.test(String(hash)))
  const whole = texts && hashes && Number.isSafeInteger(entry['revision'])
  return whole ? (value as ChainedEntry) : undefined
}

export interface Verdict {
  readonly text: string
  readonly sound: boolean
}

/**
 * What to say of an export. `head` is the hash that the last entry must have, noted elsewhere: without
 * it nobody can see that entries are missing at the end.
 */
export function judge(text: string, head?: string): Verdict {
  const entries = [...readEntries(text)]
  const [first] = entries
  if (first === undefined) return { text: 'There is no entry in it.', sound: false }
  const found = verifyChain(entries, first.previous)
  if (found.kind === 'broken') {
    return { text: `Broken at revision ${found.revision}: ${found.because}.`, sound: false }
  }
  if (head !== undefined && head !== found.head) {
    const text = `The last entry has the hash ${found.head}, not ${head}: entries are missing.`
    return { text, sound: false }
  }
  const whole = first.previous === chainStart ? 'from the first entry on' : 'a part of the chain'
  const said = `${found.entries} entries of ${first.organisation}, ${whole}, are one unbroken chain.`
  return { text: `${said}\nThe last has the hash ${found.head}.`, sound: true }
}
