/**
 * `decisions/who-can` and its like: the policy asked the other way round. Answered from the snapshot
 * in force when the question came, in the order of ids, a page at a time.
 */
import { z } from 'zod'
import { checkStanding } from '../identity/standing.ts'
import { emptyPage } from '../policy/questions/page.ts'
import { type Question, whichActions, whoCan } from '../policy/questions/search.ts'
import { type Allowed, whatCan } from '../policy/questions/what-can.ts'
import { type AllowedOperation, whichOperations } from '../policy/questions/which-operations.ts'
import { anonymous } from '../policy/rules/grammar.ts'
import { shownRule, showRule } from './explanation.ts'
import { whyNotReached } from './reach.ts'
import { pageOfItems } from './runner/fields.ts'
import { type Operation, reading } from './runner/operation.ts'
import { pageIn, pageQuery, readPage } from './runner/pages.ts'
import type { View } from './runner/permit.ts'
import { actInQuery, objectInQuery, subjectInQuery } from './runner/query.ts'

const who = reading({
  id: 'whoCan',
  method: 'GET',
  path: '/orgs/{org}/decisions/who-can',
  summary: 'List the members who may use a method on an object',
  description: 'Only those whom the gateway lets as far as the rules: active members, mostly.',
  query: { obj: objectInQuery, act: actInQuery, ...pageQuery },
  answer: pageOfItems(z.string().meta({ example: 'user:ann' })),
  run: ({ tools, view: { state, snapshot }, query }) => {
    const { obj, act }: Question = query
    const { applications } = tools.files()
    const reaches = (sub: string) => whyNotReached({ sub, obj }, state, applications) === undefined
    const known = state.members.keys()
    return readPage(whoCan(snapshot, { obj, act }, pageIn(query), known, reaches), (sub) => sub)
  },
})

const pattern = z.string().meta({ example: '/docs/items/:id' })
const method = z.string().meta({ example: 'GET' })

/** What one rule allows somebody. */
export const allowed = z
  .object({
    method,
    object: pattern,
    except: z.array(z.object({ method, object: pattern })).meta({
      description: 'What denies take away of it.',
    }),
    rolePath: z.array(z.string()).meta({ example: ['user:ann', 'role:editor'] }),
    ...shownRule.shape,
  })
  .meta({ id: 'Allowed' })

export function showAllowed(found: Allowed): z.output<typeof allowed> {
  const { rule, rolePath, method: act, object, except } = found
  const shown = { method: act, object, except: [...except], rolePath: [...rolePath] }
  return { ...shown, ...showRule(rule) }
}

const what = reading({
  id: 'whatCan',
  method: 'GET',
  path: '/orgs/{org}/decisions/what-can',
  summary: 'List what somebody may do, rule by rule',
  query: { sub: subjectInQuery, ...pageQuery },
  answer: pageOfItems(allowed),
  run: ({ view, query }) => {
    const { sub } = query
    const work = isKnown(sub, view) ? whatCan(view.snapshot, sub, pageIn(query)) : emptyPage()
    return readPage(work, showAllowed)
  },
})

/** Whether somebody gets as far as the rules at all. */
function isKnown(subject: string, { state }: View): boolean {
  return subject === anonymous || checkStanding(subject, state) === undefined
}

const actions = reading({
  id: 'whichActions',
  method: 'GET',
  path: '/orgs/{org}/decisions/which-actions',
  summary: 'List the methods that somebody may use on an object',
  description: 'None of them where the gateway refuses before it looks at any rule.',
  query: { sub: subjectInQuery, obj: objectInQuery },
  answer: z.object({ items: z.array(method) }),
  run: async ({ tools, view: { state, snapshot }, query }) => {
    const missing = whyNotReached(query, state, tools.files().applications)
    return { items: missing === undefined ? whichActions(snapshot, query.sub, query.obj) : [] }
  },
})

const allowedOperation = z
  .object({
    application: z.string().meta({ example: 'docs' }),
    operation: z.string(),
    method,
    path: z.string(),
    extent: z.enum(['all', 'some']).meta({ description: 'All of its paths, or only some.' }),
    allow: z.array(pattern),
    except: z.array(pattern),
  })
  .meta({ id: 'AllowedOperation' })

function showOperation(found: AllowedOperation): z.output<typeof allowedOperation> {
  const { application, operation, extent, allow, except } = found
  const { id, method: act, path } = operation
  const paths = { extent, allow: [...allow], except: [...except] }
  return { application, operation: id, method: act, path, ...paths }
}

const ofApplications = reading({
  id: 'whichOperations',
  method: 'GET',
  path: '/orgs/{org}/decisions/which-operations',
  summary: 'List the declared operations of all applications that somebody may use',
  query: { sub: subjectInQuery, ...pageQuery },
  answer: pageOfItems(allowedOperation),
  run: ({ tools, view, query }) => {
    const { applications } = tools.files()
    const work = isKnown(query.sub, view)
      ? whichOperations(view.snapshot, query.sub, applications, pageIn(query))
      : emptyPage()
    return readPage(work, showOperation)
  },
})

export const searchOperations: readonly Operation[] = [who, what, actions, ofApplications]
