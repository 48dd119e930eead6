/** The management listener: health, metrics, and the management API under `/api/v1`. */
import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import type { Metrics } from '../lib/metrics.ts'
import type { Db } from '../store/db.ts'
import { type Env, refuse } from './answers.ts'
import { decisionRoutes } from './decisions.ts'
import type { PermitOptions } from './permit.ts'

export interface ManageOptions extends PermitOptions {
  readonly db: Db
  readonly metrics: Metrics
  /** Why this process should get no traffic, one line a cause; empty when it is ready. */
  readonly notReady: () => readonly string[]
  /** What an operator should look at although requests are served. */
  readonly warnings: () => readonly string[]
}

/** Builds the application; nothing of it reads the environment. */
export function createManageApp(options: ManageOptions): Hono<Env> {
  const app = new Hono<Env>()
  app.use(async (context, next) => {
    context.set('requestId', randomUUID())
    await next()
    context.header('X-Request-Id', context.get('requestId'))
    if (!context.res.headers.has('Cache-Control')) context.header('Cache-Control', 'no-store')
    context.header('X-Content-Type-Options', 'nosniff')
  })
  app.get('/livez', (context) => context.json({ status: 'alive' }))
  app.get('/readyz', (context) => {
    const causes = options.notReady()
    const warnings = options.warnings()
    const ready = causes.length === 0
    return context.json(
      { status: ready ? 'ready' : 'not ready', causes, warnings },
      ready ? 200 : 503,
    )
  })
  app.get('/metrics', async (context) => {
    const { registry } = options.metrics
    return context.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType })
  })
  app.route('/api/v1/orgs/:org/decisions', decisionRoutes(options))
  app.notFound((context) => refuse(context, 'no_such_page'))
  app.onError((_error, context) => refuse(context, 'internal'))
  return app
}
