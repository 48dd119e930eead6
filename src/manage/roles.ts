/**
 * `roles`: those that exist without an organisation making them, and custom ones, which name permissions
 * of the catalogue. What a role gains, everybody who holds it gains, so nobody adds what they do not hold.
 */
import { z } from 'zod'
import { mintId } from '../lib/ids.ts'
import { limits } from '../lib/limits.ts'
import type { CustomRole } from '../policy/rules/custom-roles.ts'
import { inSnapshot } from '../store/db.ts'
import {
  findRole,
  insertRole,
  listRoles,
  type Role,
  RoleTakenError,
  removeRole,
  updateRole,
} from '../store/roles.ts'
import { checkPermissions, permissionNames } from './permission-names.ts'
import { type FixedRole, fixedRoles, slugOf } from './role-names.ts'
import { changeRules, listRules } from './rule-change.ts'
import { decodeCursor, pageOf } from './runner/cursor.ts'
import { descriptionField, moment, nameField, pageOfItems, slugField } from './runner/fields.ts'
import { type Call, type Change, changing, type Operation, reading } from './runner/operation.ts'
import { limitInQuery, textInQuery, wordsInQuery } from './runner/query.ts'
import { Refusal } from './runner/refusal.ts'

const role = z
  .object({
    id: z.string().meta({ example: 'role:8f3k0v2m5q9x7d1c4b6n' }),
    name: z.string(),
    slug: z.string().meta({ example: 'release-editor' }),
    description: z.string(),
    source: z.enum(['built-in', 'files', 'custom']),
    permissions: z
      .array(z.string())
      .nullable()
      .meta({ description: 'Names of the catalogue; null where rules say what the role may do.' }),
    createdAt: moment.nullable(),
  })
  .meta({ id: 'Role' })

type Shown = z.output<typeof role>

function show({ id, name, slug, description, permissions, created_at }: Role): Shown {
  const createdAt = created_at.toISOString()
  return { id, name, slug, description, source: 'custom', permissions, createdAt }
}

function showFixed({ id, name, description, source }: FixedRole): Shown {
  const slug = slugOf(id)
  return { id, name, slug, description, source, permissions: null, createdAt: null }
}

const list = reading({
  id: 'listRoles',
  method: 'GET',
  path: '/orgs/{org}/roles',
  summary: 'List and search the roles of an organisation',
  description:
    'Built-in roles come first, then those of the policy files, then custom ones by name.',
  query: { q: wordsInQuery, limit: limitInQuery, cursor: textInQuery },
  answer: pageOfItems(role),
  run: async ({ tools, organisation, view, query: { q, limit, cursor } }) => {
    // The source, the name and the id of the role before.
    const [source, name = '', id = ''] = decodeCursor(cursor, 3) ?? []
    const fixed = source === 'custom' ? [] : fixedRoles(view.snapshot).map(showFixed)
    const from = fixed.findIndex((one) => one.id === id) + 1
    const rows = fixed.slice(from).filter((one) => holds(one, q))
    if (rows.length <= limit) {
      const after = source === 'custom' ? { by: name, id } : undefined
      const asked = { q, sort: 'name', after, limit: limit + 1 - rows.length } as const
      const custom = await inSnapshot(tools.db, (trx) => listRoles(trx, organisation, asked))
      rows.push(...custom.map(show))
    }
    return pageOf(
      rows,
      limit,
      (row) => row,
      (row) => [row.source, row.name, row.id],
    )
  },
})

function holds({ name, id }: Shown, words: string | undefined): boolean {
  if (words === undefined) return true
  return [name, id].some((text) => text.toLowerCase().includes(words.toLowerCase()))
}

const create = changing({
  id: 'createRole',
  method: 'POST',
  path: '/orgs/{org}/roles',
  summary: 'Create a role out of permissions that you hold yourself',
  body: z.strictObject({
    name: nameField,
    slug: slugField,
    description: descriptionField.default(''),
    permissions: permissionNames,
  }),
  answer: role,
  status: 201,
  codes: ['conflict'],
  run: async (change) => {
    const { trx, organisation, body, view } = change
    if (view.state.roles.length >= limits.rolesPerOrganisation) {
      const most = limits.rolesPerOrganisation
      throw new Refusal('conflict', `An organisation has at most ${most} custom roles.`)
    }
    checkPermissions(change, body.permissions)
    refuseFixedSlug(change, body.slug)
    const made = { id: mintId('role'), ...body }
    await changeRules(change, { roles: [...view.state.roles, made] })
    await unlessTaken(insertRole(trx, organisation, made), body.slug)
    const row = await findRole(trx, organisation, made.id)
    if (row === undefined) throw new Error('a role that was written is not there')
    const after = show(row)
    return { answer: after, after, made: `roles/${row.id}` }
  },
})

const get = reading({
  id: 'getRole',
  method: 'GET',
  path: '/orgs/{org}/roles/{role}',
  summary: 'Read a role',
  answer: role,
  run: async ({ tools, organisation, view, params }) => {
    const id = params['role'] ?? ''
    const fixed = fixedRoles(view.snapshot).find((one) => one.id === id)
    if (fixed !== undefined) return showFixed(fixed)
    const row = await inSnapshot(tools.db, (trx) => findRole(trx, organisation, id))
    return row && show(row)
  },
})

const update = changing({
  id: 'updateRole',
  method: 'PATCH',
  path: '/orgs/{org}/roles/{role}',
  summary: 'Rename a custom role, or change what it may do within what you hold yourself',
  body: z
    .strictObject({
      name: nameField.exactOptional(),
      slug: slugField.exactOptional(),
      description: descriptionField.exactOptional(),
      permissions: permissionNames.exactOptional(),
    })
    .refine((body) => Object.keys(body).length > 0, 'something to change is needed'),
  answer: role,
  codes: ['conflict'],
  find: findShown,
  run: async (change, before) => {
    const { trx, organisation, body, view } = change
    const { permissions = [], slug } = body
    checkPermissions(change, permissions, before.permissions ?? [])
    if (slug !== undefined && slug !== before.slug) refuseFixedSlug(change, slug)
    const after = { ...before, ...body }
    if (body.permissions !== undefined) {
      await changeRules(change, { roles: replaced(view.state.roles, before.id, permissions) })
    }
    await unlessTaken(updateRole(trx, organisation, before.id, body), after.slug)
    return { answer: after, after }
  },
})

function replaced(roles: readonly CustomRole[], id: string, permissions: readonly string[]) {
  return roles.map((one) => (one.id === id ? { id, permissions } : one))
}

const remove = changing({
  id: 'deleteRole',
  method: 'DELETE',
  path: '/orgs/{org}/roles/{role}',
  summary: 'Delete a custom role, its assignments and every rule that names it',
  description: 'The audit lists the rules that went with it.',
  codes: ['conflict'],
  find: findShown,
  run: async (change, { id }) => {
    const { trx, organisation, view } = change
    // A rule that outlived its role would name nobody, and be read as if it did.
    const removed = view.state.rules.filter(({ values }) => values.includes(id))
    await changeRules(change, { removed, roles: view.state.roles.filter((one) => one.id !== id) })
    await removeRole(trx, organisation, id)
    return { answer: undefined, after: { removed: listRules(removed) } }
  },
})

export const roleOperations: readonly Operation[] = [list, create, get, update, remove]

async function findShown(change: Change<never, never>): Promise<Shown | undefined> {
  const { trx, organisation, view, params } = change
  const id = params['role'] ?? ''
  const fixed = fixedRoles(view.snapshot).find((one) => one.id === id)
  if (fixed !== undefined) {
    const where = fixed.source === 'files' ? 'comes from the policy files' : 'is built in'
    throw new Refusal('conflict', `${id} ${where} and cannot be changed; create a role instead.`)
  }
  const row = await findRole(trx, organisation, id)
  return row && show(row)
}

/** A label that reads like a role that everybody knows would be taken for it. */
function refuseFixedSlug({ view }: Pick<Call<unknown, unknown>, 'view'>, slug: string): void {
  if (fixedRoles(view.snapshot).some(({ id }) => slugOf(id) === slug)) throw takenSlug(slug)
}

async function unlessTaken<T>(writing: Promise<T>, slug: string): Promise<T> {
  try {
    return await writing
  } catch (error) {
    if (error instanceof RoleTakenError) throw takenSlug(slug)
    throw error
  }
}

function takenSlug(slug: string): Refusal {
  return new Refusal('conflict', `slug: "${slug}" is that of another role; choose another.`)
}
