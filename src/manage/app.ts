/** The management listener: health, metrics, and the management API under `/api/v1`. */
import { randomUUID } from 'node:crypto'
import { Hono, type MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import type { Metrics } from '../lib/metrics.ts'
import { operations } from './operations.ts'
import { type ApiDocument, showReference } from './reference/page.ts'
import { styleSource } from './reference/style.ts'
import { type Env, refuse, refuseMethod } from './runner/answers.ts'
import { describeOperations } from './runner/document.ts'
import { mount, type RunnerOptions } from './runner/run.ts'

export interface ManageOptions extends RunnerOptions {
  readonly metrics: Metrics
  /** The origin of this listener, as others see it. */
  readonly adminUrl: string
  /** Why this process should get no traffic, one line a cause; empty when it is ready. */
  readonly notReady: () => readonly string[]
  /** What an operator should look at although requests are served. */
  readonly warnings: () => readonly string[]
}

/** Builds the application; nothing of it reads the environment. */
export function createManageApp(options: ManageOptions): Hono<Env> {
  const { log } = options.tools
  const app = new Hono<Env>()
  app.use(secureHeaders({ contentSecurityPolicy: closedPage, xFrameOptions: 'DENY' }))
  app.use(followed(log))
  addHealth(app, options)
  mount(app, operations, options)
  const document = describeOperations(operations, options.adminUrl)
  app.get('/api/openapi.json', (context) => context.json(document))
  let page: Promise<string> | undefined
  app.get('/api', async (context) => {
    page ??= showReference(document as unknown as ApiDocument)
    return context.html(await page)
  })
  for (const path of ['/api', '/api/openapi.json'])
    app.all(path, (context) => refuseMethod(context))
  app.notFound((context) => refuse(context, 'no_such_page'))
  app.onError((error, context) => {
    const requestId = context.get('requestId')
    log.error({ requestId, error: error.stack ?? error.message }, 'a management request failed')
    return refuse(context, 'internal')
  })
  return app
}

/** What is served here is data and one page: it loads nothing, runs nothing and is framed by nobody. */
const closedPage = {
  defaultSrc: ["'none'"],
  styleSrc: [styleSource],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
}

/** Gives every request an id, and every refusal a line in the log under it. */
function followed(log: Log): MiddlewareHandler<Env> {
  return async (context, next) => {
    const requestId = randomUUID()
    context.set('requestId', requestId)
    const { method, path } = context.req
    const tooLong = (context.env.incoming.url ?? '').length > limits.targetBytes
    if (tooLong) context.res = refuse(context, 'target_too_long')
    else await next()
    context.header('X-Request-Id', requestId)
    context.header('Cache-Control', 'no-store')
    const reason = context.get('refusal')
    if (reason === undefined) return
    const shownPath = path.slice(0, limits.pathShownChars)
    log.info({ requestId, reason, method, path: shownPath }, 'management request refused')
  }
}

function addHealth(app: Hono<Env>, { metrics, notReady, warnings }: ManageOptions): void {
  app.get('/livez', (context) => context.json({ status: 'alive' }))
  app.get('/readyz', (context) => {
    const causes = notReady()
    const ready = causes.length === 0
    const status = ready ? 'ready' : 'not ready'
    return context.json({ status, causes, warnings: warnings() }, ready ? 200 : 503)
  })
  app.get('/metrics', async (context) => {
    const { registry } = metrics
    return context.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType })
  })
  for (const path of ['/livez', '/readyz', '/metrics'])
    app.all(path, (context) => refuseMethod(context))
}
