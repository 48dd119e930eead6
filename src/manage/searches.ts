/**
 * `/api/v1/orgs/{org}/decisions/who-can` and `/what-can`: the policy asked the other way round.
 * Answered from the snapshot in force, in the order of ids, a page at a time.
 */
import { type Context, Hono } from 'hono'
import { checkStanding } from '../identity/standing.ts'
import type { Application } from '../policy/applications.ts'
import { anonymous } from '../policy/grammar.ts'
import type { Page, PageRequest } from '../policy/page.ts'
import { EntangledPatternsError } from '../policy/pattern-algebra.ts'
import { type Question, whoCan } from '../policy/search.ts'
import { type Allowed, whatCan } from '../policy/what-can.ts'
import { type Env, refuse, refuseInput, refuseMethod } from './answers.ts'
import { showRule } from './explanation.ts'
import { type PermitOptions, permitTo, type View } from './permit.ts'
import {
  actInQuery,
  limitInQuery,
  objectInQuery,
  readQuery,
  subjectInQuery,
  textInQuery,
} from './query.ts'
import { whyNotReached } from './reach.ts'

const page = { limit: limitInQuery, cursor: textInQuery }
const whoQuery = { obj: objectInQuery, act: actInQuery, ...page }
const whatQuery = { sub: subjectInQuery, ...page }

export interface SearchRoutesOptions extends PermitOptions {
  readonly applications: () => readonly Application[]
}

/** The two resources. Each asks `permit` before it looks at anything of the organisation. */
export function searchRoutes(options: SearchRoutesOptions): Hono<Env> {
  const app = new Hono<Env>()
  app.get('/who-can', async (context) => {
    const permitted = await permitTo(options, context, '/gatehouse/decisions/who-can')
    if (permitted.kind === 'refused') return refuse(context, permitted.shown, permitted.reason)
    const query = readQuery(context.req.url, whoQuery)
    if (query.kind === 'refused') return refuseInput(context, query.mistakes)
    const { obj, act, ...asked } = query.value
    return answer(context, () =>
      showWhoCan(permitted.view, { obj, act }, options.applications(), pageOf(asked)),
    )
  })
  app.get('/what-can', async (context) => {
    const permitted = await permitTo(options, context, '/gatehouse/decisions/what-can')
    if (permitted.kind === 'refused') return refuse(context, permitted.shown, permitted.reason)
    const query = readQuery(context.req.url, whatQuery)
    if (query.kind === 'refused') return refuseInput(context, query.mistakes)
    const { sub, ...asked } = query.value
    return answer(context, () => showWhatCan(permitted.view, sub, pageOf(asked)))
  })
  app.all('/who-can', (context) => refuseMethod(context))
  app.all('/what-can', (context) => refuseMethod(context))
  return app
}

function pageOf({
  limit,
  cursor,
}: {
  readonly limit: number
  readonly cursor?: string | undefined
}) {
  return { limit, ...(cursor !== undefined && { cursor }) }
}

/** Only those whom the gateway lets as far as the rules: active members, mostly. */
function showWhoCan(
  { state, snapshot }: View,
  question: Question,
  applications: readonly Application[],
  at: PageRequest,
): Shown {
  const found = whoCan(snapshot, question, at, state.members.keys(), (subject) => {
    return whyNotReached({ sub: subject, obj: question.obj }, state, applications) === undefined
  })
  return found.kind === 'unsupported' ? found : showPage(found, (subject) => subject)
}

function showWhatCan({ state, snapshot }: View, subject: string, at: PageRequest): Shown {
  const standing = subject === anonymous ? undefined : checkStanding(subject, state)
  if (standing !== undefined) return { kind: 'page', items: [] }
  const found = whatCan(snapshot, subject, at)
  return found.kind === 'unsupported' ? found : showPage(found, showAllowed)
}

function showPage<T>({ results, next }: Page<T>, show: (result: T) => unknown): Shown {
  return { kind: 'page', items: results.map(show), ...(next !== undefined && { next }) }
}

function showAllowed({ rule, rolePath, method, object, except }: Allowed) {
  return { method, object, except, rolePath, ...showRule(rule) }
}

type Shown =
  | { readonly kind: 'page'; readonly items: readonly unknown[]; readonly next?: string }
  | { readonly kind: 'unsupported'; readonly because: string }

/** What cannot be told from the rules is said, never guessed. */
function answer(context: Context<Env>, ask: () => Shown): Response {
  try {
    const shown = ask()
    if (shown.kind === 'unsupported') return refuseInput(context, shown.because)
    const { items, next } = shown
    return context.json({ items, ...(next !== undefined && { next }) })
  } catch (error) {
    if (!(error instanceof EntangledPatternsError)) throw error
    return refuseInput(context, 'The patterns of these rules are too entangled to be told apart.')
  }
}
