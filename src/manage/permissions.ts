/** `permissions`: the catalogue, and what a team, a member, a service account or a role may do. */
import { z } from 'zod'
import { checkStanding } from '../identity/standing.ts'
import { emptyPage } from '../policy/questions/page.ts'
import { whatCan } from '../policy/questions/what-can.ts'
import { listPermissions } from '../policy/rules/catalogue.ts'
import { inSnapshot } from '../store/db.ts'
import { findTeam } from '../store/teams.ts'
import { fixedRoles } from './role-names.ts'
import { pageOfItems } from './runner/fields.ts'
import { type Call, type Operation, reading } from './runner/operation.ts'
import { pageIn, pageQuery, readPage } from './runner/pages.ts'
import type { PartName } from './runner/paths.ts'
import { allowed, showAllowed } from './searches.ts'

const permission = z
  .object({
    name: z.string().meta({ example: 'teams:write' }),
    description: z.string(),
    allows: z.array(z.object({ object: z.string(), method: z.string() })),
  })
  .meta({ id: 'Permission' })

const catalogue = reading({
  id: 'listPermissions',
  method: 'GET',
  path: '/orgs/{org}/permissions',
  summary: 'List every permission that a custom role or the scopes of a key can name',
  answer: z.object({ items: z.array(permission) }),
  run: async ({ tools }) => {
    const items = listPermissions(tools.files().applications)
    return { items: items.map(({ allows, ...rest }) => ({ ...rest, allows: [...allows] })) }
  },
})

type AnyCall = Call<Readonly<Record<string, unknown>>, unknown>

interface Holder {
  readonly id: string
  readonly part: PartName
  readonly path: string
  readonly summary: string
  readonly exists: (call: AnyCall, id: string) => boolean | Promise<boolean>
}

const isMember = ({ view }: AnyCall, id: string) => view.state.members.has(id)

const holders: readonly Holder[] = [
  {
    id: 'listTeamPermissions',
    part: 'team',
    path: '/orgs/{org}/teams/{team}/permissions',
    summary: 'List what a team may do',
    exists: async ({ tools, organisation }, id) =>
      (await inSnapshot(tools.db, (trx) => findTeam(trx, organisation, id))) !== undefined,
  },
  {
    id: 'listMemberPermissions',
    part: 'member',
    path: '/orgs/{org}/members/{member}/permissions',
    summary: 'List what a member may do',
    exists: isMember,
  },
  {
    id: 'listServiceAccountPermissions',
    part: 'service',
    path: '/orgs/{org}/service-accounts/{service}/permissions',
    summary: 'List what a service account may do',
    exists: isMember,
  },
  {
    id: 'listRolePermissions',
    part: 'role',
    path: '/orgs/{org}/roles/{role}/permissions',
    summary: 'List what a role may do',
    exists: ({ view }, id) =>
      [...fixedRoles(view.snapshot), ...view.state.roles].some((one) => one.id === id),
  },
]

function permissionsOf({ id, part, path, summary, exists }: Holder): Operation {
  return reading({
    id,
    method: 'GET',
    path,
    summary,
    description: 'Rule by rule, each with what denies take away of it and how it is come by.',
    query: pageQuery,
    answer: pageOfItems(allowed),
    run: async (call) => {
      const holder = call.params[part] ?? ''
      if (!(await exists(call, holder))) return undefined
      return listAllowed(call, holder)
    },
  })
}

function listAllowed({ view, query }: Call<Parameters<typeof pageIn>[0], unknown>, holder: string) {
  const { snapshot, state } = view
  // A suspended member is refused before any rule is looked at.
  const stands = !state.members.has(holder) || checkStanding(holder, state) === undefined
  return readPage(stands ? whatCan(snapshot, holder, pageIn(query)) : emptyPage(), showAllowed)
}

export const permissionOperations: readonly Operation[] = [catalogue, ...holders.map(permissionsOf)]
