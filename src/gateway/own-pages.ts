/**
 * What the gateway listener answers itself, under `/.gatehouse/` and, for AuthZEN's discovery, below
 * `/.well-known/`. Routed by Hono's router on the
 * raw target, byte for byte: a path that only becomes one of these by normalisation is not one, and
 * `authorize` keeps it from the applications as well.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { TrieRouter } from 'hono/router/trie-router'
import { limits } from '../lib/limits.ts'
import { type Page, writeJson, writeProblem } from './answers.ts'
import type { AuthzenPages } from './authzen.ts'

export interface OwnPages {
  /** Whether the raw target is ours; such a request never reaches an application. */
  readonly owns: (target: string) => boolean
  readonly answer: Page
}

export interface OwnPagesOptions {
  readonly doors: Record<'nginx' | 'forward' | 'envoy', Page>
  /** The public signing keys, as a JWK set (RFC 7517). */
  readonly jwks: () => object
  readonly authzen: AuthzenPages
}

const CONFIGURATION = '/.well-known/authzen-configuration/.gatehouse/'

/** Binds the pages to what they show; the doors are pages like the others. */
export function createOwnPages({ doors, jwks, authzen }: OwnPagesOptions): OwnPages {
  const router = new TrieRouter<Page>()
  const only = (allow: string, path: string, page: Page) => {
    router.add(allow.startsWith('GET') ? 'GET' : allow, path, page)
    router.add('ALL', path, async (req, res) => {
      writeProblem(req, res, { reason: 'method_not_allowed', headers: [['Allow', allow]] })
    })
  }
  only('GET, HEAD', '/.gatehouse/jwks.json', async (req, res) => writeKeys(req, res, jwks()))
  only('GET, HEAD', `${CONFIGURATION}authzen/:org`, authzen.configuration)
  for (const [path, page] of authzen.calls) {
    only('POST', `/.gatehouse/authzen/:org/access/v1/${path}`, page)
  }
  // A proxy's check may come with any method: Envoy repeats the client's.
  router.add('ALL', '/.gatehouse/authz/nginx', doors.nginx)
  router.add('ALL', '/.gatehouse/authz/forward', doors.forward)
  router.add('ALL', '/.gatehouse/authz/envoy/*', doors.envoy)
  return {
    owns: (target) => target.startsWith('/.gatehouse/') || target.startsWith(CONFIGURATION),
    answer: async (req, res) => {
      const path = (req.url ?? '').split('?', 1)[0] ?? ''
      const method = req.method === 'HEAD' ? 'GET' : (req.method ?? '')
      const page = router.match(method, path)[0][0]?.[0]
      if (page === undefined) writeProblem(req, res, { reason: 'no_such_page' })
      else await page(req, res)
    },
  }
}

function writeKeys(req: IncomingMessage, res: ServerResponse, keys: object): void {
  writeJson(req, res, keys, [
    ['Content-Type', 'application/jwk-set+json'],
    ['Cache-Control', `public, max-age=${limits.metadataAgeSeconds}`],
  ])
}
