/**
 * Passwords at rest: Argon2id in PHC string form. A hash costs memory on purpose, so only a few are
 * made at the same time, and an account that does not exist costs as much as one that does (I24).
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { createGate } from '../lib/gate.ts'
import { limits } from '../lib/limits.ts'

export type Verified =
  /** `stale`: made with other parameters than today's, so hash it again while it is at hand. */
  { readonly right: true; readonly stale: boolean } | { readonly right: false }

export interface Passwords {
  /** The PHC string to store. Throws `BusyError` when too many wait. */
  readonly hash: (password: string) => Promise<string>
  /**
   * Whether `password` is the one whose hash was `stored`; without an account or without a password
   * it is wrong, after the same work. Throws `BusyError` when too many wait.
   */
  readonly verify: (password: string, stored: string | null | undefined) => Promise<Verified>
}

interface Parameters {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

interface Hashed extends Parameters {
  readonly nonce: Buffer
  readonly tag: Buffer
}

const derive = promisify(argon2)
const NONCE_BYTES = 16
const TAG_BYTES = 32
/** Each base64 without padding, in one spelling: 8 to 48 bytes of salt, 16 to 64 of hash. */
const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$/

const today: Parameters = {
  memory: limits.passwordMemoryKib,
  passes: limits.passwordPasses,
  parallelism: limits.passwordLanes,
}

/** The one form in which a password is checked, hashed and compared, however it was typed. */
export function normalisePassword(password: string): string {
  return password.normalize('NFKC')
}

/** Makes the hasher of this process; there is one, for it bounds the memory of them all. */
export function createPasswords(): Passwords {
  const gate = createGate({
    running: limits.passwordHashes,
    waiting: limits.passwordHashesWaiting,
  })
  const run = (password: string, { nonce, tag, ...parameters }: Hashed) =>
    gate(() => {
      const message = Buffer.from(normalisePassword(password))
      return derive('argon2id', { message, nonce, tagLength: tag.length, ...parameters })
    })
  // Nobody knows a password with this hash.
  const nobody: Hashed = {
    ...today,
    nonce: randomBytes(NONCE_BYTES),
    tag: randomBytes(TAG_BYTES),
  }
  return {
    hash: async (password) => {
      const fresh = { ...today, nonce: randomBytes(NONCE_BYTES), tag: Buffer.alloc(TAG_BYTES) }
      return toPhc({ ...fresh, tag: await run(password, fresh) })
    },
    verify: async (password, stored) => {
      // No stored one is as long, and normalising it could be made to cost something.
      const known = password.length <= 2 * limits.passwordMostChars && stored
      const hashed = known ? parsePhc(known) : nobody
      const tag = await run(known ? password : '', hashed)
      if (!timingSafeEqual(tag, hashed.tag)) return { right: false }
      return { right: true, stale: isStale(hashed) }
    },
  }
}

function isStale({ memory, passes, parallelism, nonce, tag }: Hashed): boolean {
  return (
    memory !== today.memory ||
    passes !== today.passes ||
    parallelism !== today.parallelism ||
    nonce.length !== NONCE_BYTES ||
    tag.length !== TAG_BYTES
  )
}

function toPhc({ memory, passes, parallelism, nonce, tag }: Hashed): string {
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${text(nonce)}$${text(tag)}`
}

/** Throws on anything else: a damaged row is our mistake and not a wrong password. */
function parsePhc(text: string): Hashed {
  const [, m = '', t = '', p = '', salt = '', hash = ''] = PHC.exec(text) ?? []
  const [memory, passes, parallelism] = [Number(m), Number(t), Number(p)]
  const modest =
    memory <= limits.passwordMemoryMostKib &&
    passes <= limits.passwordPassesMost &&
    parallelism <= limits.passwordLanesMost
  if (hash === '' || !modest) throw new Error('a stored password is not Argon2id as we make it')
  const [nonce, tag] = [Buffer.from(salt, 'base64'), Buffer.from(hash, 'base64')]
  return { memory, passes, parallelism, nonce, tag }
}
