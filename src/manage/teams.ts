/** `teams`: named groups of members. Roles that a team holds are held by its members. */
import { z } from 'zod'
import { mintId } from '../lib/ids.ts'
import { sqlState } from '../store/db.ts'
import {
  addTeam,
  findTeam,
  listTeams,
  removeTeam,
  type Team,
  type TeamQuery,
  updateTeam,
} from '../store/teams.ts'
import { changeRules } from './rule-change.ts'
import { decodeCursor, isMoment, pageOf } from './runner/cursor.ts'
import { descriptionField, moment, nameField, pageOfItems } from './runner/fields.ts'
import { type Change, changing, type Operation, reading } from './runner/operation.ts'
import { limitInQuery, textInQuery, wordsInQuery } from './runner/query.ts'
import { Refusal } from './runner/refusal.ts'

const team = z
  .object({
    id: z.string().meta({ example: 'team:writers' }),
    name: z.string(),
    description: z.string(),
    createdAt: moment,
  })
  .meta({ id: 'Team' })

function show({ id, name, description, created_at }: Team): z.output<typeof team> {
  return { id, name, description, createdAt: created_at.toISOString() }
}

const list = reading({
  id: 'listTeams',
  method: 'GET',
  path: '/orgs/{org}/teams',
  summary: 'List and search the teams of an organisation',
  query: {
    q: wordsInQuery,
    sort: z.enum(['name', 'newest'], { error: 'is name or newest' }).default('name'),
    limit: limitInQuery,
    cursor: textInQuery,
  },
  answer: pageOfItems(team),
  run: async ({ tools, organisation, query }) => {
    const { q, sort, limit, cursor } = query
    const after = decodeCursor(cursor, 2, sort === 'name' ? [] : [isMoment]) as TeamQuery['after']
    const asked = { organisation, words: q, sort, after, limit: limit + 1 }
    const rows = await tools.db.query.transaction().execute((trx) => listTeams(trx, asked))
    return pageOf(rows, limit, show, ({ id, name, created_at }) => [
      sort === 'name' ? name : created_at.toISOString(),
      id,
    ])
  },
})

const create = changing({
  id: 'createTeam',
  method: 'POST',
  path: '/orgs/{org}/teams',
  summary: 'Create a team',
  body: z.strictObject({ name: nameField, description: descriptionField.default('') }),
  answer: team,
  status: 201,
  codes: ['conflict'],
  run: async ({ trx, organisation, body, now }) => {
    const row = { id: mintId('team'), created_at: now, ...body }
    await named(addTeam(trx, organisation, row))
    const made = show(row)
    return { answer: made, after: made, made: `teams/${row.id}` }
  },
})

const get = reading({
  id: 'getTeam',
  method: 'GET',
  path: '/orgs/{org}/teams/{team}',
  summary: 'Read a team',
  answer: team,
  run: async ({ tools, organisation, params }) => {
    const id = params['team'] ?? ''
    const row = await tools.db.query.transaction().execute((trx) => findTeam(trx, organisation, id))
    return row && show(row)
  },
})

const update = changing({
  id: 'updateTeam',
  method: 'PATCH',
  path: '/orgs/{org}/teams/{team}',
  summary: 'Rename or describe a team',
  body: z
    .strictObject({
      name: nameField.exactOptional(),
      description: descriptionField.exactOptional(),
    })
    .refine((body) => Object.keys(body).length > 0, 'name or description is needed'),
  answer: team,
  codes: ['conflict'],
  find: findShown,
  run: async ({ trx, organisation, params, body }, before) => {
    const after = { ...before, ...body }
    const { name, description } = after
    await named(updateTeam(trx, organisation, params['team'] ?? '', { name, description }))
    return { answer: after, after }
  },
})

const remove = changing({
  id: 'deleteTeam',
  method: 'DELETE',
  path: '/orgs/{org}/teams/{team}',
  summary: 'Delete a team, and with it what its members held through it',
  codes: ['conflict'],
  find: findShown,
  run: async (change) => {
    const { trx, organisation, params, view } = change
    const id = params['team'] ?? ''
    // A rule that outlived its team would wait for whoever takes its id.
    const removed = view.state.rules.filter(({ values }) => values.includes(id))
    await changeRules(change, { removed })
    await removeTeam(trx, organisation, id)
    return { answer: undefined }
  },
})

export const teamOperations: readonly Operation[] = [list, create, get, update, remove]

async function findShown({ trx, organisation, params }: Change<never, never>) {
  const row = await findTeam(trx, organisation, params['team'] ?? '')
  return row && show(row)
}

/** Two teams of one name could not be told apart in a list. */
async function named<T>(write: Promise<T>): Promise<T> {
  try {
    return await write
  } catch (error) {
    if (sqlState(error) !== '23505') throw error
    throw new Refusal('conflict', 'Another team has this name, or one that differs in case only.')
  }
}
