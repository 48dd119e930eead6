/** `/api/v1/orgs/{org}/decisions`: the log of decisions, and why a request is allowed or denied. */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { isTypedId } from '../lib/ids.ts'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import { anonymous, methods } from '../policy/grammar.ts'
import type { Db } from '../store/db.ts'
import { CursorError, listDecisions, type StoredDecision } from '../store/decisions.ts'
import { type Env, refuse, refuseInput, refuseMethod } from './answers.ts'
import { showExplanation } from './explanation.ts'
import { type Permit, type PermitOptions, permit } from './permit.ts'
import { readQuery } from './query.ts'

export interface DecisionRoutesOptions extends PermitOptions {
  readonly db: Db
  readonly log: Log
}

const PAGE = 50
const asked = ['HEAD', ...methods] as const
/** The path that is decided: what the gateway would spell in another way is another question. */
const OBJECT = /^(?:\/(?!\.{0,2}(?:\/|$))[A-Za-z0-9._~!$&'()*+,=:@%-]+)+\/?$/

const listQuery = {
  limit: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, `is a number from 1 to ${limits.pageRows}`)
    .transform(Number)
    .refine((limit) => limit <= limits.pageRows, `is at most ${limits.pageRows}`)
    .default(PAGE),
  cursor: z.string().optional(),
}

const needed = (example: string) => ({ error: `is needed, as in ${example}` })
const explainQuery = {
  sub: z
    .string(needed('user:ann'))
    .refine(isSubject, 'is user: or service: and an id, or anonymous; nobody else asks'),
  obj: z
    .string(needed('/docs/documents/1'))
    .regex(OBJECT, 'is /<application><path> without a query, empty or dot segments'),
  act: z.enum(asked, { error: `is one of ${asked.join(', ')}` }),
}

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
    return context.json(showExplanation(permitted.view, query.value))
  })
  app.all('/', refuseMethod)
  app.all('/explain', refuseMethod)
  return app
}

function permitTo(options: PermitOptions, context: Context<Env>, obj: string): Promise<Permit> {
  const { rawHeaders } = context.env.incoming
  return permit(options, {
    rawHeaders,
    organisation: context.req.param('org') ?? '',
    obj,
    act: 'GET',
  })
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

function isSubject(text: string): boolean {
  return text === anonymous || isTypedId(text, 'user', 'service')
}
