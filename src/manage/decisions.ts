/** `/api/v1/orgs/{org}/decisions`: the log of decisions, and why a request is allowed or denied. */
import { type Context, Hono } from 'hono'
import type { Log } from '../lib/log.ts'
import { inTurns } from '../lib/turns.ts'
import type { Application } from '../policy/applications.ts'
import type { Db } from '../store/db.ts'
import { CursorError, listDecisions, type StoredDecision } from '../store/decisions.ts'
import { showExplanation } from './explanation.ts'
import { type Env, refuse, refuseInput, refuseMethod } from './runner/answers.ts'
import { type PermitOptions, permitTo } from './runner/permit.ts'
import {
  actInQuery,
  limitInQuery,
  objectInQuery,
  readQuery,
  subjectInQuery,
  textInQuery,
} from './runner/query.ts'

export interface DecisionRoutesOptions extends PermitOptions {
  readonly db: Db
  readonly log: Log
  /** Those of the policy files in force: no rule is proposed for any other. */
  readonly applications: () => readonly Application[]
}

const listQuery = { limit: limitInQuery, cursor: textInQuery }
const explainQuery = { sub: subjectInQuery, obj: objectInQuery, act: actInQuery }

/** The two resources. Each asks `permit` before it looks at anything of the organisation. */
export function decisionRoutes(options: DecisionRoutesOptions): Hono<Env> {
  const app = new Hono<Env>()
  app.get('/', async (context) => {
    const permitted = await permitTo(options, context, '/gatehouse/decisions')
    if (permitted.kind === 'refused') return refuse(context, permitted.shown, permitted.reason)
    const query = readQuery(context.req.url, listQuery)
    if (query.kind === 'refused') return refuseInput(context, query.mistakes)
    return list(options, context, permitted.view.state.id, query.value)
  })
  app.get('/explain', async (context) => {
    const permitted = await permitTo(options, context, '/gatehouse/decisions/explain')
    if (permitted.kind === 'refused') return refuse(context, permitted.shown, permitted.reason)
    const query = readQuery(context.req.url, explainQuery)
    if (query.kind === 'refused') return refuseInput(context, query.mistakes)
    const work = showExplanation(permitted.view, query.value, options.applications())
    return context.json(await inTurns(work))
  })
  app.all('/', (context) => refuseMethod(context))
  app.all('/explain', (context) => refuseMethod(context))
  return app
}

async function list(
  { db, log }: DecisionRoutesOptions,
  context: Context<Env>,
  organisation: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Response> {
  try {
    const page = await listDecisions(db, organisation, {
      limit,
      ...(cursor !== undefined && { cursor }),
    })
    return context.json({ ...page, items: page.items.map(show) })
  } catch (error) {
    if (error instanceof CursorError) {
      return refuseInput(context, 'cursor is none that a page named as its "next".')
    }
    log.warn({ requestId: context.get('requestId'), error: String(error) }, 'decisions not listed')
    return refuse(context, 'database_unavailable')
  }
}

/** The names that the gateway's own answers and log use. */
function show({ id, request_id, organisation: _own, ...decision }: StoredDecision) {
  return { decisionId: id, requestId: request_id, ...decision }
}
