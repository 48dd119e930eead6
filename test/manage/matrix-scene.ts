/** What every operation is tried with: a good request of it, whoever sends it, and what was recorded. */
import type { ChainedEntry } from '../../src/lib/audit-chain.ts'
import type { Code } from '../../src/lib/problems.ts'
import { operations } from '../../src/manage/operations.ts'
import type { Access, Operation } from '../../src/manage/runner/operation.ts'
import { type Answered, type Management, openManaged, subjects } from '../support/management.ts'
import { peopleSamples } from './people-samples.ts'
import { type Ground, groundIn, type Make, type Sample, samples } from './samples.ts'

/** A request, and who sends it: a name or a credential, and nobody without one. */
export interface Ready {
  readonly sample: Sample
  readonly by: string | undefined
  /** Who is recorded. */
  readonly subject: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

export interface Matrix extends Management {
  readonly ground: Ground
  /** Makes a good request; `make` instead of the operation's own sample. */
  readonly ready: (operation: Operation, make?: Make) => Promise<Ready>
  readonly send: (operation: Operation, asked: Ready) => Promise<Answered>
  /** Does it, and returns the answer with what was recorded meanwhile in any organisation. */
  readonly watched: <T>(work: () => Promise<T>) => Promise<Watched<T>>
}

export interface Watched<T> {
  readonly answer: T
  readonly rows: readonly ChainedEntry[]
  /** The organisations that have another revision than before, each as often as it was raised. */
  readonly raised: readonly string[]
}

export const allSamples: Readonly<Record<string, Make>> = { ...samples, ...peopleSamples }

/** All operations by name. That of set-up comes last, for it puts the platform into other hands. */
export const rows = operations
  .toSorted((one, other) => Number(one.id === 'setUp') - Number(other.id === 'setUp'))
  .map((operation) => [operation.id, operation] as const)

export async function openMatrix(env: Readonly<Record<string, string>> = {}): Promise<Matrix> {
  const scene = await openManaged({ env })
  const ground = groundIn(scene, 'owner', 'acme')
  return {
    ...scene,
    ground,
    ready: async (operation, make = allSamples[operation.id]) => {
      if (make === undefined) throw new Error(`${operation.id} has no sample in test/manage`)
      const sample = await make(ground)
      const path = pathOf(operation, { org: 'acme', ...sample.params }) + (sample.query ?? '')
      const headers = needsMatch(operation) ? { 'if-match': '*' } : {}
      return { sample, path, headers, ...callerOf(operation, sample) }
    },
    send: (operation, { sample, by, path, headers }) =>
      scene.call(by, operation.method, path, sample.body, headers),
    watched: async (work) => {
      const before = await revisions(ground)
      const answer = await work()
      const after = await revisions(ground)
      const changed = [...after].map(([id, to]) => ({ id, from: before.get(id) ?? 0, to }))
      const found = changed.map(async ({ id, from, to }) => {
        return from === to ? [] : (await scene.audit(id)).filter(({ revision }) => revision > from)
      })
      const raised = changed.flatMap(({ id, from, to }) => Array(to - from).fill(id) as string[])
      return { answer, raised, rows: (await Promise.all(found)).flat() }
    },
  }
}

async function revisions({ db }: Ground): Promise<Map<string, number>> {
  const all = await db.query.selectFrom('organisations').select(['id', 'revision']).execute()
  return new Map(all.map(({ id, revision }) => [id, Number(revision)]))
}

function callerOf(operation: Operation, { as, by = 'owner' }: Sample) {
  if (accessOf(operation) === 'anyone') return { by: undefined, subject: 'anonymous' }
  return { by: as?.bearer ?? by, subject: as?.subject ?? subjects[by] }
}

const needsMatch = (operation: Operation) =>
  operation.kind === 'changing' &&
  operation.find !== undefined &&
  ['PATCH', 'PUT'].includes(operation.method)

/** The path with its parts filled in. */
export function pathOf({ path }: Operation, params: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? `no-${name}`)
}

/** Who may ask, as long as administrators of the platform create organisations. */
export function accessOf({ access = 'organisation' }: Operation): Access {
  return typeof access === 'function'
    ? access({ orgCreation: 'platform' } as Parameters<typeof access>[0])
    : access
}

/** The organisation with which a change is recorded. */
export function homeOf(operation: Operation): string {
  return ['organisation', 'member'].includes(accessOf(operation)) ? 'acme' : 'platform'
}

/** A problem without what tells one request from another. */
export function shown({ status, json: { requestId: _, ...json } }: Answered) {
  return [status, json]
}

/** The code of a refusal; a good answer has none. */
export function codeOf({ status, json }: Answered): Code | undefined {
  return status < 400 ? undefined : (json['code'] as Code)
}
