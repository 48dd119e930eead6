/** `/api/v1/orgs/{org}/policies`: what would change if an organisation had other rules. */
import { type Context, Hono } from 'hono'
import { limits } from '../lib/limits.ts'
import { inTurns } from '../lib/turns.ts'
import type { Application } from '../policy/applications.ts'
import { PolicyError } from '../policy/problem.ts'
import { comparePolicies, type Difference } from '../policy/questions/diff.ts'
import { propose } from '../policy/rules/proposal.ts'
import { readCandidate, readText } from './candidate.ts'
import {
  type Env,
  refuse,
  refuseInput,
  refuseLarge,
  refuseMethod,
  refuseRules,
} from './runner/answers.ts'
import { readBytes } from './runner/body.ts'
import { answerPage, pageIn, pageQuery } from './runner/pages.ts'
import { type PermitOptions, permitTo, type View } from './runner/permit.ts'
import { readQuery } from './runner/query.ts'

export interface PolicyRoutesOptions extends PermitOptions {
  readonly applications: () => readonly Application[]
}

/** The one resource. It asks `permit` before it reads the body. */
export function policyRoutes(options: PolicyRoutesOptions): Hono<Env> {
  const app = new Hono<Env>()
  app.post('/diff', async (context) => {
    const permitted = await permitTo(options, context, '/gatehouse/policies/diff', 'POST')
    if (permitted.kind === 'refused') return refuse(context, permitted.shown, permitted.reason)
    const query = readQuery(context.req.url, pageQuery)
    if (query.kind === 'refused') return refuseInput(context, query.mistakes)
    const bytes = await readBytes(context.req.raw, limits.policyFileBytes)
    if (bytes === undefined) return refuseLarge(context)
    const text = readText(bytes)
    if (text === undefined) return refuseInput(context, 'The body is text in UTF-8.')
    return compare(context, permitted.view, text, options.applications(), query.value)
  })
  app.all('/diff', (context) => refuseMethod(context, 'POST'))
  return app
}

/** Over the snapshot in force when the question came, whatever is published meanwhile. */
async function compare(
  context: Context<Env>,
  { state, snapshot }: View,
  text: string,
  applications: readonly Application[],
  query: Parameters<typeof pageIn>[0],
): Promise<Response> {
  try {
    const type = context.req.header('content-type') ?? ''
    const candidate = await inTurns(readCandidate(text, type, snapshot.model))
    if (candidate.kind === 'refused') return refuseInput(context, candidate.mistake)
    const after = await inTurns(propose(snapshot, candidate.rules, applications))
    const work = comparePolicies(snapshot, after, pageIn(query))
    const asked = { organisation: state.id, revision: state.revision, files: snapshot.files }
    return await answerPage(context, work, showDifference, asked)
  } catch (error) {
    if (error instanceof PolicyError) return refuseRules(context, error.problems)
    throw error
  }
}

/** So many names as fit a page; the counts say how many there are. */
function showDifference({ kind, method, object, except, who, subjects }: Difference) {
  const some = (names: readonly string[]) => names.slice(0, limits.pageRows)
  const counts = { whoCount: who.length, subjectCount: subjects.length }
  return { kind, method, object, except, who: some(who), subjects: some(subjects), ...counts }
}
