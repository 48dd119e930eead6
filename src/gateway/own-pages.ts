/**
 * What the gateway listener answers itself, under `/.gatehouse/`. Routed by Hono's router on the
 * raw target, byte for byte: a path that only becomes one of these by normalisation is not one, and
 * `authorize` keeps it from the applications as well.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { TrieRouter } from 'hono/router/trie-router'
import { finish, writeProblem } from './answers.ts'
import { hasUnreadBody } from './request-body.ts'

export type Page = (req: IncomingMessage, res: ServerResponse) => Promise<void>

export interface OwnPages {
  /** Whether the raw target is ours; such a request never reaches an application. */
  readonly owns: (target: string) => boolean
  readonly answer: Page
}

export interface OwnPagesOptions {
  readonly doors: Record<'nginx' | 'forward' | 'envoy', Page>
  /** The public signing keys, as a JWK set (RFC 7517). */
  readonly jwks: () => object
}

const JWKS_MAX_AGE_SECONDS = 300

/** Binds the pages to what they show; the doors are pages like the others. */
export function createOwnPages({ doors, jwks }: OwnPagesOptions): OwnPages {
  const router = new TrieRouter<Page>()
  router.add('GET', '/.gatehouse/jwks.json', async (req, res) => writeKeys(req, res, jwks()))
  router.add('ALL', '/.gatehouse/jwks.json', async (req, res) => {
    writeProblem(req, res, { reason: 'method_not_allowed', headers: [['Allow', 'GET, HEAD']] })
  })
  // A proxy's check may come with any method: Envoy repeats the client's.
  router.add('ALL', '/.gatehouse/authz/nginx', doors.nginx)
  router.add('ALL', '/.gatehouse/authz/forward', doors.forward)
  router.add('ALL', '/.gatehouse/authz/envoy/*', doors.envoy)
  return {
    owns: (target) => target.startsWith('/.gatehouse/'),
    answer: async (req, res) => {
      const path = (req.url ?? '').split('?', 1)[0] ?? ''
      const method = req.method === 'HEAD' ? 'GET' : (req.method ?? '')
      const page = router.match(method, path)[0][0]?.[0]
      if (page === undefined) writeProblem(req, res, { reason: 'no_such_page' })
      else await page(req, res)
    },
  }
}

/** Node leaves the body of an answer to HEAD out, and its length in. */
function writeKeys(req: IncomingMessage, res: ServerResponse, keys: object): void {
  const body = JSON.stringify(keys)
  if (hasUnreadBody(req)) res.setHeader('Connection', 'close')
  res.writeHead(200, {
    'Content-Type': 'application/jwk-set+json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': `public, max-age=${JWKS_MAX_AGE_SECONDS}`,
  })
  res.write(body)
  finish(req, res)
}
