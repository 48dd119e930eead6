/** `policies`: an organisation's own rules, and what others in their place would change. */
import { z } from 'zod'
import { limits } from '../lib/limits.ts'
import { inTurns, type Steps } from '../lib/turns.ts'
import type { Application } from '../policy/applications.ts'
import { PolicyError, stopOn } from '../policy/problem.ts'
import { comparePolicies, type Difference } from '../policy/questions/diff.ts'
import { findVoids } from '../policy/questions/voids.ts'
import type { Rule } from '../policy/rule.ts'
import { propose } from '../policy/rules/proposal.ts'
import { inSnapshot } from '../store/db.ts'
import { listRuleRecords, type RuleRecord } from '../store/rule-records.ts'
import { candidateText, columns, readCandidate } from './candidate.ts'
import { decodeNumber, pageOf } from './runner/cursor.ts'
import { moment, pageOfItems, textBody } from './runner/fields.ts'
import { type Call, type Operation, reading } from './runner/operation.ts'
import { pageIn, pageQuery, readPage } from './runner/pages.ts'
import type { View } from './runner/permit.ts'
import { limitInQuery, textInQuery, wordsInQuery } from './runner/query.ts'
import { describeVoid } from './void-rules.ts'

const rule = z
  .object({
    id: z.string().meta({ example: '42' }),
    columns,
    text: z.string().meta({ example: 'p, role:editor, org:acme, /docs/documents/:id, PUT, allow' }),
    author: z.string().meta({ example: 'user:olga' }),
    at: moment,
    revision: z.int(),
    expiresAt: moment.nullable(),
  })
  .meta({ id: 'Rule' })

function show(record: RuleRecord): z.output<typeof rule> {
  const { id, values, author, created_at, revision, expires_at } = record
  const all = ['p', ...values]
  return {
    id,
    columns: all,
    text: all.join(', '),
    author,
    at: created_at.toISOString(),
    revision,
    expiresAt: expires_at?.toISOString() ?? null,
  }
}

const value = z.string().max(limits.patternBytes, 'is too long').optional()

const list = reading({
  id: 'listRules',
  method: 'GET',
  path: '/orgs/{org}/policies/rules',
  summary: "List and search the organisation's own rules",
  description:
    'Rules of type `p`, oldest first. `q` looks for a part of the rule as a file would hold it. Who ' +
    'is in which team and holds which role is listed by teams and assignments.',
  query: {
    q: wordsInQuery,
    subject: value,
    object: value,
    method: value,
    effect: z.enum(['allow', 'deny'], { error: 'is allow or deny' }).optional(),
    limit: limitInQuery,
    cursor: textInQuery,
  },
  answer: pageOfItems(rule),
  run: async ({ tools, organisation, query }) => {
    const { q: words, limit, cursor, ...columnsAsked } = query
    const after = decodeNumber(cursor)
    const asked = { ...columnsAsked, organisation, words, after, limit: limit + 1 }
    const rows = await inSnapshot(tools.db, (trx) => listRuleRecords(trx, asked))
    return pageOf(rows, limit, show, ({ id }) => [id])
  },
})

const place = {
  line: z.int().meta({ description: 'Of the text; in a list the position of the rule, from 1.' }),
  column: z.int().meta({ description: 'Of the line; in a list the number of the column, from 1.' }),
  message: z.string(),
}

const check = reading({
  id: 'checkRules',
  method: 'POST',
  path: '/orgs/{org}/policies/check',
  summary: 'Check rules without writing them',
  description:
    'Says what a publish would refuse, at its line and column, and warns of rules that allow nothing. ' +
    'Without `g` lines those of the organisation count.',
  bodyText: candidateText,
  body: textBody,
  answer: z.object({ problems: z.array(z.object(place)), warnings: z.array(z.object(place)) }),
  run: async ({ view, body, tools }) => {
    const { rules, problems } = await inTurns(readCandidate(body, view.snapshot.model))
    let warnings: readonly Place[] = []
    try {
      warnings = await inTurns(findWarnings(view, rules, tools.files().applications))
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error
      problems.push(...error.problems)
    }
    return { problems: showPlaces(problems), warnings: showPlaces(warnings) }
  },
})

type Place = z.output<z.ZodObject<typeof place>>

/** In the order of the text, as many as a reader looks at. */
function showPlaces(places: readonly Place[]): Place[] {
  const inOrder = places.toSorted(
    (one, other) => one.line - other.line || one.column - other.column,
  )
  const shown = inOrder.slice(0, limits.problemsShown)
  return shown.map(({ line, column, message }) => ({ line, column, message }))
}

/** Throws a `PolicyError` of everything that a publish would refuse. */
function* findWarnings(
  { snapshot, state }: View,
  candidate: readonly Rule[],
  applications: readonly Application[],
): Steps<readonly Place[]> {
  const links = state.rules.filter(({ ptype }) => ptype === 'g')
  const whole = candidate.some(({ ptype }) => ptype === 'g')
  // The candidate comes first, so that positions are those that the caller counts.
  const after = yield* propose(snapshot, whole ? candidate : [...candidate, ...links], applications)
  const own = new Set(candidate)
  const positions = new Map([...candidate.entries()].map(([at, of]) => [of, at + 1]))
  return (yield* findVoids(after, candidate)).map((found) => {
    const { source } = found.rule
    const line = source.kind === 'file' ? source.line : (positions.get(found.rule) ?? 0)
    return { line, column: 1, message: describeVoid(found, own) }
  })
}

const difference = z
  .object({
    kind: z.enum(['gains', 'loses']),
    method: z.string().meta({ example: 'GET' }),
    object: z.string().meta({ example: '/docs/documents/:id' }),
    except: z.array(z.string()),
    who: z.array(z.string()).meta({ description: 'In the fewest words.' }),
    subjects: z.array(z.string()).meta({ description: 'By name.' }),
    whoCount: z.int(),
    subjectCount: z.int(),
  })
  .meta({ id: 'Difference' })

const diff = reading({
  id: 'diffRules',
  method: 'POST',
  path: '/orgs/{org}/policies/diff',
  summary: 'Compare what may be done now with what other rules would let be done',
  description:
    "The body is the whole list of the organisation's own rules, `p` and `g`. Says who gains and who " +
    'loses which method on which paths; rules that would not be taken are a 400 with their places.',
  query: pageQuery,
  bodyText: candidateText,
  body: textBody,
  answer: pageOfItems(difference).extend({
    organisation: z.string().meta({ example: 'acme' }),
    revision: z.int(),
    files: z.string().meta({ description: 'The hash of the policy files.' }),
  }),
  run: compare,
})

/** Over the snapshot in force when the question came, whatever is published meanwhile. */
async function compare({
  view: { state, snapshot },
  body,
  tools,
  query,
}: Call<Parameters<typeof pageIn>[0], z.output<typeof textBody>>) {
  const { rules, problems } = await inTurns(readCandidate(body, snapshot.model))
  stopOn(problems)
  const after = await inTurns(propose(snapshot, rules, tools.files().applications))
  const page = await readPage(comparePolicies(snapshot, after, pageIn(query)), showDifference)
  return { organisation: state.id, revision: state.revision, files: snapshot.files, ...page }
}

/** So many names as fit a page; the counts say how many there are. */
function showDifference({ kind, method, object, except, who, subjects }: Difference) {
  const some = (names: readonly string[]) => names.slice(0, limits.pageRows)
  const counts = { whoCount: who.length, subjectCount: subjects.length }
  return {
    kind,
    method,
    object,
    except: [...except],
    who: some(who),
    subjects: some(subjects),
    ...counts,
  }
}

export const policyOperations: readonly Operation[] = [list, check, diff]
