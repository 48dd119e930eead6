/**
 * `/api/v1/orgs/{org}/decisions/who-can` and its like: the policy asked the other way round. Answered
 * from the snapshot in force when the question came, in the order of ids, a page at a time.
 */
import { type Context, Hono } from 'hono'
import { checkStanding } from '../identity/standing.ts'
import type { Steps } from '../lib/turns.ts'
import type { Application } from '../policy/applications.ts'
import {
  emptyPage,
  type Page,
  type PageRequest,
  type Unsupported,
} from '../policy/questions/page.ts'
import { type Question, whichActions, whoCan } from '../policy/questions/search.ts'
import { type Allowed, whatCan } from '../policy/questions/what-can.ts'
import { type AllowedOperation, whichOperations } from '../policy/questions/which-operations.ts'
import { anonymous } from '../policy/rules/grammar.ts'
import { showRule } from './explanation.ts'
import { whyNotReached } from './reach.ts'
import { type Env, refuse, refuseInput, refuseMethod } from './runner/answers.ts'
import { answerPage, pageIn, pageQuery } from './runner/pages.ts'
import { type PermitOptions, permitTo, type View } from './runner/permit.ts'
import {
  actInQuery,
  objectInQuery,
  readQuery,
  type Shape,
  subjectInQuery,
  type Values,
} from './runner/query.ts'

export interface SearchRoutesOptions extends PermitOptions {
  readonly applications: () => readonly Application[]
}

type Asked<Q> = (
  context: Context<Env>,
  view: View,
  query: Q,
  applications: readonly Application[],
) => Response | Promise<Response>

/** The resources. Each asks `permit` before it looks at anything of the organisation. */
export function searchRoutes(options: SearchRoutesOptions): Hono<Env> {
  const app = new Hono<Env>()
  const add = <S extends Shape>(name: string, shape: S, answer: Asked<Values<S>>) => {
    app.get(`/${name}`, async (context) => {
      const permitted = await permitTo(options, context, `/gatehouse/decisions/${name}`)
      if (permitted.kind === 'refused') return refuse(context, permitted.shown, permitted.reason)
      const query = readQuery(context.req.url, shape)
      if (query.kind === 'refused') return refuseInput(context, query.mistakes)
      return answer(context, permitted.view, query.value, options.applications())
    })
    app.all(`/${name}`, (context) => refuseMethod(context))
  }
  const subject = { sub: subjectInQuery }
  add(
    'who-can',
    { obj: objectInQuery, act: actInQuery, ...pageQuery },
    (context, view, query, all) =>
      answerPage(context, searchWho(view, query, all, pageIn(query)), (found) => found),
  )
  add('what-can', { ...subject, ...pageQuery }, (context, view, query) =>
    answerPage(context, searchWhat(view, query.sub, pageIn(query)), showAllowed),
  )
  add('which-actions', { ...subject, obj: objectInQuery }, (context, view, query, all) =>
    context.json({ items: listActions(view, query, all) }),
  )
  add('which-operations', { ...subject, ...pageQuery }, (context, view, query, all) =>
    answerPage(context, searchOperations(view, query.sub, all, pageIn(query)), showOperation),
  )
  return app
}

/** Only those whom the gateway lets as far as the rules: active members, mostly. */
function searchWho(
  { state, snapshot }: View,
  { obj, act }: Question,
  applications: readonly Application[],
  at: PageRequest,
): Steps<Page<string> | Unsupported> {
  return whoCan(snapshot, { obj, act }, at, state.members.keys(), (sub) => {
    return whyNotReached({ sub, obj }, state, applications) === undefined
  })
}

/** Whether somebody gets as far as the rules at all. */
function isKnown(subject: string, { state }: View): boolean {
  return subject === anonymous || checkStanding(subject, state) === undefined
}

function searchWhat(view: View, subject: string, at: PageRequest) {
  return isKnown(subject, view) ? whatCan(view.snapshot, subject, at) : emptyPage()
}

function searchOperations(
  view: View,
  subject: string,
  applications: readonly Application[],
  at: PageRequest,
) {
  if (!isKnown(subject, view)) return emptyPage()
  return whichOperations(view.snapshot, subject, applications, at)
}

/** The methods that the gateway lets through; none of them where it refuses before any rule. */
function listActions(
  { state, snapshot }: View,
  { sub, obj }: { readonly sub: string; readonly obj: string },
  applications: readonly Application[],
): readonly string[] {
  const missing = whyNotReached({ sub, obj }, state, applications)
  return missing === undefined ? whichActions(snapshot, sub, obj) : []
}

export function showAllowed({ rule, rolePath, method, object, except }: Allowed) {
  return { method, object, except, rolePath, ...showRule(rule) }
}

function showOperation({ application, operation, extent, allow, except }: AllowedOperation) {
  const { id, method, path } = operation
  return { application, operation: id, method, path, extent, allow, except }
}
