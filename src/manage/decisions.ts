/** `/api/v1/orgs/{org}/decisions`: the log of decisions, and why a request is allowed or denied. */
import { Hono } from 'hono'
import { z } from 'zod'
import { explain } from '../policy/explain.ts'
import type { Db } from '../store/db.ts'
import { listDecisions } from '../store/decisions.ts'
import { type Env, refuse, refuseInput } from './answers.ts'
import { type PermitOptions, permit } from './permit.ts'

const MOST_ROWS = 200

const explainQuery = z.strictObject({
  sub: z
    .string()
    .regex(/^(?:user|service):[a-z0-9-]{1,64}$|^anonymous$/, 'is user:…, service:… or anonymous'),
  obj: z.string().startsWith('/', 'is /<application><path>, as in /docs/documents').max(8192),
  act: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']),
})

const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MOST_ROWS).default(50),
  cursor: z.string().max(100).optional(),
})

/** One sentence of every mistake in a query. */
function mistakes({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.') || 'query'} ${message}`).join('; ')
}

/** The two resources. Each asks `permit` before it looks at anything of the organisation. */
export function decisionRoutes(options: PermitOptions & { readonly db: Db }): Hono<Env> {
  const app = new Hono<Env>()

  app.get('/', async (context) => {
    const permitted = await permit(options, {
      rawHeaders: context.env.incoming.rawHeaders,
      organisation: context.req.param('org') ?? '',
      obj: '/gatehouse/decisions',
      act: 'GET',
    })
    if (permitted.kind === 'refused') return refuse(context, permitted.reason)
    const query = listQuery.safeParse(context.req.query())
    if (!query.success) return refuseInput(context, mistakes(query.error))
    const { limit, cursor } = query.data
    const page = await listDecisions(options.db, permitted.view.state.id, {
      limit,
      ...(cursor !== undefined && { cursor }),
    })
    return context.json(page)
  })

  app.get('/explain', async (context) => {
    const permitted = await permit(options, {
      rawHeaders: context.env.incoming.rawHeaders,
      organisation: context.req.param('org') ?? '',
      obj: '/gatehouse/decisions/explain',
      act: 'GET',
    })
    if (permitted.kind === 'refused') return refuse(context, permitted.reason)
    const query = explainQuery.safeParse(context.req.query())
    if (!query.success) return refuseInput(context, mistakes(query.error))
    const { state, snapshot } = permitted.view
    const { revision, id } = state
    const explanation = explain(snapshot, { ...query.data, dom: `org:${id}` })
    return context.json({ organisation: id, revision, ...explanation })
  })
  return app
}
