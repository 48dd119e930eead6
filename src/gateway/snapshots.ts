/**
 * The snapshots in force, one an organisation. Each is built aside from one database transaction,
 * verified, and put in force by the swap of one reference; a decision holds the reference it got,
 * so it never mixes two revisions (I7).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../lib/clock.ts'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import type { Reason } from '../lib/reasons.ts'
import type { PolicyFiles } from '../policy/files/files.ts'
import { buildSnapshot, type Snapshot, updateSnapshot } from '../policy/snapshot.ts'
import type { Db } from '../store/db.ts'
import {
  loadOrganisation,
  type OrganisationState,
  reloadOrganisation,
} from '../store/organisation-state.ts'
import { listRevisions } from '../store/organisations.ts'

/** An organisation as one transaction saw it, and the policy compiled from it. */
export interface OrganisationView {
  readonly state: OrganisationState
  readonly snapshot: Snapshot
}

export type Found =
  | { readonly kind: 'found'; readonly view: OrganisationView }
  | { readonly kind: 'refused'; readonly reason: Reason }

export interface SnapshotOptions {
  readonly db: Db
  readonly files: PolicyFiles
  readonly clock: Clock
  readonly log: Log
  readonly maxStalenessMs: number
}

/** The reserved organisation of platform administrators. */
const PLATFORM = 'platform'

const notReached: Found = { kind: 'refused', reason: 'revision_not_reached' }

type Listener = (organisation: string | undefined) => void

interface Entry {
  readonly view: OrganisationView
  /** When the database last said that this is the newest revision; monotonic milliseconds. */
  confirmedAt: number
}

/** An organisation built on other files; without a view where its own rules do not fit them. */
interface Rebuilt {
  readonly state: OrganisationState
  readonly view: OrganisationView | undefined
}

/** Use `openSnapshots`; `stop` when done. */
export class Snapshots {
  readonly #options: SnapshotOptions
  /** One that nobody asks for is dropped, so that memory follows the organisations in use. */
  readonly #entries = new LRUCache<string, Entry>({
    max: limits.organisationsCached,
    ttl: limits.organisationIdleMs,
    updateAgeOnGet: true,
    noUpdateTTL: true,
    perf: { now: () => this.#options.clock.elapsed() },
  })
  /**
   * Why an id has no entry. Apart from the entries, so that made-up ids evict no organisation; short,
   * so that one costs no query each time it is sent and does not stay for long.
   */
  readonly #missing = new LRUCache<string, Reason>({
    max: limits.organisationsCached,
    ttl: limits.revisionPollMs,
  })
  readonly #loading = new Map<string, Promise<Found>>()
  readonly #asking = new Map<string, Promise<number>>()
  readonly #listeners: Listener[] = []
  #files: PolicyFiles
  #confirmedAt: number
  #timer: NodeJS.Timeout | undefined
  #confirming: Promise<void> | undefined
  #unlisten: () => Promise<void> = async () => {}
  #stopped = false
  #waiting = 0

  constructor(options: SnapshotOptions) {
    this.#options = options
    this.#files = options.files
    this.#confirmedAt = options.clock.elapsed()
  }

  /** The organisation with this bare id; without a promise when it is already loaded. */
  find(organisation: string): Found | Promise<Found> {
    const entry = this.#entries.get(organisation)
    if (entry !== undefined && !this.#expired(entry)) return this.#answer(entry)
    const reason = entry === undefined ? this.#missing.get(organisation) : undefined
    if (reason !== undefined) return { kind: 'refused', reason }
    return this.#load(organisation)
  }

  /**
   * The organisation at `revision` or a later one, for which it waits a while; only for a caller who
   * is known, since everyone who waits is held in memory.
   */
  async atLeast(organisation: string, revision: number): Promise<Found> {
    const found = await this.find(organisation)
    if (found.kind === 'refused' || found.view.state.revision >= revision) return found
    if (this.#waiting >= limits.revisionWaiters) return notReached
    this.#waiting += 1
    try {
      return await this.#waitFor(organisation, revision)
    } finally {
      this.#waiting -= 1
    }
  }

  async #waitFor(organisation: string, revision: number): Promise<Found> {
    const { clock } = this.#options
    const deadline = clock.elapsed() + limits.revisionWaitMs
    for (;;) {
      const found = await this.find(organisation)
      if (found.kind === 'refused' || found.view.state.revision >= revision) return found
      if (clock.elapsed() >= deadline) return notReached
      // A load costs more than the question whether there is anything to load.
      const newest = await this.#newest(organisation)
      if (newest >= revision) await this.#reload(organisation, newest)
      else await sleep(limits.revisionWaitStepMs)
    }
  }

  /** What the database says; those who wait for one organisation ask together. */
  #newest(organisation: string): Promise<number> {
    const running = this.#asking.get(organisation)
    if (running !== undefined) return running
    const asked = listRevisions(this.#options.db, [organisation])
      .then((revisions) => revisions.get(organisation) ?? 0)
      .finally(() => this.#asking.delete(organisation))
    this.#asking.set(organisation, asked)
    return asked
  }

  /** The revision in force here, or `undefined` when the organisation is not loaded. */
  revisionOf(organisation: string): number | undefined {
    return this.#entries.peek(organisation)?.view.state.revision
  }

  files(): PolicyFiles {
    return this.#files
  }

  /** Whether the database confirmed the revisions recently enough to decide. */
  fresh(): boolean {
    return this.#young(this.#confirmedAt)
  }

  /** Calls back with the id of an organisation whose snapshot was swapped; `undefined` means all. */
  onSwap(listener: Listener): void {
    this.#listeners.push(listener)
  }

  /**
   * Puts new files in force for every loaded organisation in one moment. One whose own rules do not
   * fit them is refused until they do, and one that is published all the while is loaded when it is
   * next asked for: neither has a say over the others, nor over the files.
   */
  async useFiles(files: PolicyFiles): Promise<void> {
    if (files.hash === this.#files.hash) return
    const rebuilt = new Map<string, Rebuilt>()
    // An organisation that is swapped while others are rebuilt is rebuilt again, so that the new
    // files never bring back an older revision.
    for (let round = 0; round < limits.filesRounds; round += 1) {
      const views = [...this.#entries.values()].map(({ view }) => view)
      const behind = views.filter(({ state }) => rebuilt.get(state.id)?.state !== state)
      if (behind.length === 0) break
      for (const { state } of behind) rebuilt.set(state.id, await this.#rebuild(state, files))
    }
    this.#files = files
    for (const [id, entry] of [...this.#entries.entries()]) {
      const next = rebuilt.get(id)
      if (next?.state !== entry.view.state) this.#entries.delete(id)
      else if (next.view !== undefined) this.#entries.set(id, { ...entry, view: next.view })
      else this.#refuse(id, 'policy_unavailable')
    }
    this.#tell(undefined)
  }

  /** Listens for changes, and asks for revisions every second as well: a hint may be lost. */
  async start(): Promise<void> {
    this.#unlisten = await this.#options.db.listen('gatehouse', (payload) => this.#hear(payload))
    await this.find(PLATFORM)
    this.#schedule()
  }

  /** Ends when nothing of it asks the database any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#unlisten()
    await this.#confirming
    await Promise.all(this.#loading.values())
  }

  #young(confirmedAt: number): boolean {
    const { clock, maxStalenessMs } = this.#options
    return clock.elapsed() - confirmedAt <= maxStalenessMs + 2 * limits.revisionPollMs
  }

  /** A grant that ended leaves by itself: what holds it is built again before anything is decided. */
  #expired({ view }: Entry): boolean {
    const expiry = view.state.nextExpiry
    return expiry !== undefined && expiry <= this.#options.clock.now()
  }

  #answer({ view, confirmedAt }: Entry): Found {
    if (this.#young(confirmedAt)) return { kind: 'found', view }
    return { kind: 'refused', reason: 'policy_stale' }
  }

  #refuse(organisation: string, reason: Reason): Found {
    const served = this.#entries.delete(organisation)
    this.#missing.set(organisation, reason)
    if (served) this.#tell(organisation)
    return { kind: 'refused', reason }
  }

  async #rebuild(state: OrganisationState, files: PolicyFiles): Promise<Rebuilt> {
    try {
      return { state, view: await build(state, files) }
    } catch (error) {
      const about = { organisation: state.id, error: String(error) }
      this.#options.log.error(about, 'the rules of an organisation do not fit the new policy files')
      return { state, view: undefined }
    }
  }

  #load(organisation: string): Promise<Found> {
    const running = this.#loading.get(organisation)
    if (running !== undefined) return running
    const started = this.#loadNow(organisation)
      .catch((error: unknown): Found => {
        this.#options.log.error({ organisation, error: String(error) }, 'organisation not loaded')
        // What was in force serves on, for as long as it is young.
        const entry = this.#entries.peek(organisation)
        if (entry !== undefined && !this.#expired(entry)) return this.#answer(entry)
        return this.#refuse(organisation, 'policy_unavailable')
      })
      .finally(() => this.#loading.delete(organisation))
    this.#loading.set(organisation, started)
    return started
  }

  /** Loads again when the files were swapped meanwhile. */
  async #loadNow(organisation: string): Promise<Found> {
    for (;;) {
      const files = this.#files
      const confirmedAt = this.#options.clock.elapsed()
      const before = this.#entries.peek(organisation)?.view
      const view = await loadView(this.#options.db, organisation, before, files)
      if (view === undefined) return this.#refuse(organisation, 'organisation_unknown')
      if (files !== this.#files) continue
      const slow = view.snapshot.engine.interpreted
      if (slow !== undefined && before === undefined) this.#options.log.warn({ organisation }, slow)
      this.#entries.set(organisation, { view, confirmedAt })
      this.#missing.delete(organisation)
      this.#tell(organisation)
      return { kind: 'found', view }
    }
  }

  /**
   * Loads what the database says is the newest revision. A load that runs already may have begun before
   * that was committed, so it is awaited; mostly it has not missed it.
   */
  async #reload(organisation: string, newest: number | undefined): Promise<void> {
    await this.#loading.get(organisation)
    if (newest === undefined || this.revisionOf(organisation) !== newest) {
      await this.#load(organisation)
    }
  }

  #hear(payload: string): void {
    // The subscription began (again): whatever was told before may have been missed.
    if (payload === '') return void this.#confirm().catch(() => undefined)
    const [organisation = '', revision] = payload.split(':')
    this.#missing.delete(organisation)
    // A first load may have begun before the change as well.
    const known = this.#entries.has(organisation) || this.#loading.has(organisation)
    const newest = Number(revision)
    if (known && this.revisionOf(organisation) !== newest) void this.#reload(organisation, newest)
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#confirming = this.#confirm()
        .catch((error: unknown) => {
          this.#options.log.warn({ error: String(error) }, 'revisions could not be confirmed')
        })
        .finally(() => this.#schedule())
    }, limits.revisionPollMs)
    this.#timer.unref()
  }

  /** The table is the truth and a notification a hint (fault "NOTIFY lost"). */
  async #confirm(): Promise<void> {
    this.#entries.purgeStale()
    const asked = this.#options.clock.elapsed()
    // Somebody is always asked for, or a process that loaded nothing would never notice an outage.
    const ids = [PLATFORM, ...this.#entries.keys()]
    const revisions = await listRevisions(this.#options.db, ids)
    this.#confirmedAt = asked
    const behind: string[] = []
    for (const [id, entry] of this.#entries.entries()) {
      if (revisions.get(id) === entry.view.state.revision) entry.confirmedAt = asked
      else behind.push(id)
    }
    // One that takes long to load must not make the others look old.
    for (const id of behind) await this.#reload(id, revisions.get(id))
    // Its revision tells whether sessions still hold, so it is loaded whether or not it is asked for;
    // to ask keeps it from being dropped.
    await this.find(PLATFORM)
  }

  #tell(organisation: string | undefined): void {
    for (const listener of this.#listeners) listener(organisation)
  }
}

async function build(state: OrganisationState, files: PolicyFiles): Promise<OrganisationView> {
  const { id: organisation, revision, roles, rules } = state
  return {
    state,
    snapshot: await buildSnapshot({ files, organisation, revision, roles, rules, known: state }),
  }
}

/** Loads what there is; of an organisation that was loaded `before`, only what changed if it can. */
async function loadView(
  db: Db,
  organisation: string,
  before: OrganisationView | undefined,
  files: PolicyFiles,
): Promise<OrganisationView | undefined> {
  if (before === undefined) {
    const state = await loadOrganisation(db, organisation)
    return state && build(state, files)
  }
  const reloaded = await reloadOrganisation(db, before.state)
  if (reloaded === undefined) return undefined
  const { state, change } = reloaded
  const { revision, roles } = state
  const snapshot =
    change && updateSnapshot(before.snapshot, { ...change, files, revision, roles, known: state })
  return snapshot === undefined ? build(state, files) : { state, snapshot }
}

/** Opens the registry and begins to listen. */
export async function openSnapshots(options: SnapshotOptions): Promise<Snapshots> {
  const snapshots = new Snapshots(options)
  await snapshots.start()
  return snapshots
}
