/** The data plane put together: what stands behind the gateway listener, and how it stops. */
import type { BlockList } from 'node:net'
import { type Authenticate, createAuthenticator } from '../identity/authenticate.ts'
import { createKeyUses, type KeyUses } from '../identity/key-uses.ts'
import { createKeySets } from '../identity/keysets.ts'
import { cookieNamesAt } from '../identity/sessions.ts'
import { createTokenVerifier } from '../identity/tokens.ts'
import type { Clock } from '../lib/clock.ts'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import type { Metrics } from '../lib/metrics.ts'
import { type PolicyPlace, policySignature } from '../lib/policy-folder.ts'
import type { Db } from '../store/db.ts'
import { findIdentity, findSubjects } from '../store/identities.ts'
import { findKey, noteKeyUses } from '../store/keys.ts'
import { numberOfFiles } from '../store/policy-files.ts'
import { findSession, touchSession } from '../store/sessions.ts'
import { createAssertions } from './assertion.ts'
import { createAuthorize } from './authorize.ts'
import { createAuthzen } from './authzen.ts'
import { createDecisionLog } from './decision-log.ts'
import { createDoors } from './doors.ts'
import { createIdentityHeaders } from './identity-headers.ts'
import { createOwnPages } from './own-pages.ts'
import { readPolicyFiles, watchPolicyFiles } from './policy-watch.ts'
import { buildRoutes } from './routes.ts'
import { createGateway, type Gateway, type Patience } from './server.ts'
import { createSigning } from './signing.ts'
import { openSnapshots, type Snapshots } from './snapshots.ts'
import { createUpgrades } from './upgrade.ts'
import { createUpstreams } from './upstreams.ts'

export interface PlaneOptions extends Patience {
  readonly db: Db
  readonly place: PolicyPlace
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly publicUrl: string
  readonly adminUrl: string
  /** Ports of our own listeners, where no application may be sent. */
  readonly ownPorts: readonly number[]
  readonly secretKeys: readonly [string, ...string[]]
  readonly trustedProxies: BlockList
  readonly authzSecret: string | undefined
  readonly maxStalenessMs: number
  readonly fetchPrivate: boolean
}

export interface Plane {
  readonly gateway: Gateway
  readonly snapshots: Snapshots
  /** At the management listener, where another cookie counts. */
  readonly authenticateConsole: Authenticate
  /** Why requests cannot be decided now, one line a cause. */
  readonly notReady: () => readonly string[]
  /** What serves on although something is wrong. */
  readonly warnings: () => readonly string[]
  /** After the listener was drained: writes what is left and lets go of everything. */
  readonly close: () => Promise<void>
}

const FILES_REFUSED = 'the policy files on disk are refused, the last good ones serve: see the log'

/** Reads the policy files (throws `PolicyError`) and opens everything but the listener. */
export async function openPlane(options: PlaneOptions): Promise<Plane> {
  const { db, place, clock, log } = options
  const since = policySignature(place)
  const files = readPolicyFiles(place)
  log.info({ files: files.hash, number: await numberOfFiles(db, files.hash) }, 'policy files read')

  const snapshots = await openSnapshots({ ...options, files })
  const signing = await createSigning(options)
  const upstreams = createUpstreams(options)
  const upgrades = createUpgrades({ upstreams })
  const decisionLog = createDecisionLog(options)
  const keyUses = createKeyUses({ clock, log, write: (uses) => noteKeyUses(db, uses) })
  const { authenticate, authenticateConsole } = openIdentity(options, snapshots, keyUses)
  const assertions = createAssertions({ ...options, signingKey: signing.keyAt })
  let routes = buildRoutes(files.applications)
  upstreams.update(files.applications)
  // In the same moment as the rules, so that no request meets the one without the other (I7).
  snapshots.onSwap((organisation) => {
    if (organisation !== undefined) return
    const { applications } = snapshots.files()
    routes = buildRoutes(applications)
    upstreams.update(applications)
  })

  const deciding = { snapshots, authenticate, clock, log: decisionLog, onError: reportTo(log) }
  const identityHeaders = createIdentityHeaders(assertions)
  const authorize = createAuthorize({ ...deciding, routes: () => routes, identityHeaders })
  const doors = createDoors({ ...options, authorize })
  const authzen = createAuthzen({
    ...options,
    ...deciding,
    findSubjects: (sub, issuers) => findSubjects(db, sub, issuers),
  })
  const ownPages = createOwnPages({ doors, authzen, jwks: () => signing.jwksAt(clock.now()) })
  const gateway = createGateway({ ...options, authorize, ownPages, upstreams, upgrades })
  const stopRechecks = recheckTunnels(snapshots, gateway)
  const watch = watchPolicyFiles({
    ...options,
    since,
    files,
    use: async (next) => {
      await snapshots.useFiles(next)
      // They are in force by now, whether or not the database hears of it.
      await numberOfFiles(db, next.hash).catch((error: unknown) => {
        log.warn({ files: next.hash, error: String(error) }, 'policy files were not numbered')
      })
    },
  })
  return {
    gateway,
    snapshots,
    authenticateConsole,
    notReady: () => (snapshots.fresh() ? [] : ['the database did not confirm the policy of late']),
    // Anybody may ask whether we are ready, so the problems themselves are in the log alone.
    warnings: () => (watch.failure() === undefined ? [] : [FILES_REFUSED]),
    close: async () => {
      watch.stop()
      stopRechecks()
      signing.stop()
      await upstreams.destroy()
      await decisionLog.close()
      await keyUses.close()
      await snapshots.stop()
    },
  }
}

function reportTo(log: Log) {
  return (error: unknown, { requestId }: { readonly requestId: string }) => {
    const cause = error instanceof Error ? (error.stack ?? error.message) : String(error)
    log.error({ requestId, error: cause }, 'a request could not be decided')
  }
}

function openIdentity(
  options: PlaneOptions,
  snapshots: Snapshots,
  keyUses: KeyUses,
): Pick<Plane, 'authenticateConsole'> & { readonly authenticate: Authenticate } {
  const { db, place, clock, log, fetchPrivate, publicUrl, adminUrl } = options
  const issuers = () => snapshots.files().issuers
  const keySets = createKeySets({ directory: place.policyDir, fetchPrivate, clock, log })
  const prepare = () => void keySets.prepare(issuers())
  prepare()
  snapshots.onSwap((organisation) => organisation === undefined && prepare())
  const shared = {
    issuers,
    tokens: createTokenVerifier({ issuers, keySets, clock }),
    findKey: (id: string) => findKey(db, id),
    findIdentity: (issuer: string, sub: string) => findIdentity(db, issuer, sub),
    noteKeyUse: keyUses.note,
    findSession: (id: string) => findSession(db, id),
    touchSession: (id: string) => touchSession(db, id),
    revisionOf: (organisation: string) => snapshots.revisionOf(organisation),
    clock,
    log,
  }
  const at = (cookieNames: readonly string[]) => createAuthenticator({ ...shared, cookieNames })
  return {
    authenticate: at(cookieNamesAt('session', publicUrl)),
    authenticateConsole: at(cookieNamesAt('console', adminUrl)),
  }
}

/** A tunnel is judged again when a policy was swapped and, since credentials end, every while. */
function recheckTunnels(snapshots: Snapshots, { recheck }: Gateway): () => void {
  let running = false
  let again = false
  const run = async (): Promise<void> => {
    again = running
    if (running) return
    running = true
    await recheck().finally(() => {
      running = false
    })
    if (again) await run()
  }
  snapshots.onSwap(() => void run())
  const timer = setInterval(() => void run(), limits.tunnelRecheckMs).unref()
  return () => clearInterval(timer)
}
