/** One good request for each operation, by its id: what the matrix of all operations is made of. */
import type { Json, Management } from '../support/management.ts'

export interface Sample {
  /** The parts of the path; the organisation is the ground's, unless it says otherwise. */
  readonly params?: Readonly<Record<string, string>>
  /** As in `?limit=1`. */
  readonly query?: string
  readonly body?: unknown
  /** Who may: `owner` of acme, unless it says otherwise. */
  readonly by?: 'owner' | 'platform'
  readonly status?: number
}

/** What a sample may begin with in an organisation: `path` is below it, `by` its owner. */
export interface Ground {
  readonly made: (path: string, body: unknown, method?: 'POST' | 'PUT') => Promise<Json>
  /** A new organisation of the platform's owner, in this state. */
  readonly organisation: (state: 'active' | 'suspended') => Promise<string>
}

/** Makes the sample in an organisation; each call makes what it names anew. */
type Make = (ground: Ground) => Sample | Promise<Sample>

let count = 0
/** A word that no other sample uses. */
function fresh(): string {
  count += 1
  return `sample-${count}`
}
const team = async ({ made }: Ground) => ({
  team: String((await made('/teams', { name: fresh() }))['id']),
})
const assignment = async (ground: Ground) => {
  const body = { subject: (await team(ground)).team, role: 'role:viewer' }
  return { assignment: String((await ground.made('/assignments', body))['id']) }
}

export const samples: Readonly<Record<string, Make>> = {
  listOrganisations: () => ({ by: 'platform' }),
  createOrganisation: () => ({ by: 'platform', body: { name: 'Gamma', slug: fresh() } }),
  getOrganisation: () => ({}),
  updateOrganisation: () => ({ body: { name: fresh() } }),
  suspendOrganisation: async ({ organisation }) => {
    return { by: 'platform', params: { org: await organisation('active') } }
  },
  resumeOrganisation: async ({ organisation }) => {
    return { by: 'platform', params: { org: await organisation('suspended') } }
  },
  listTeams: () => ({ query: '?q=a&limit=1' }),
  createTeam: () => ({ body: { name: fresh() } }),
  getTeam: async (ground) => ({ params: await team(ground) }),
  updateTeam: async (ground) => ({ params: await team(ground), body: { name: fresh() } }),
  deleteTeam: async (ground) => ({ params: await team(ground) }),
  listTeamMembers: async (ground) => ({ params: await team(ground) }),
  changeTeamMembers: async (ground) => ({ params: await team(ground), body: { add: [] } }),
  listAssignments: () => ({}),
  createAssignment: async (ground) => {
    return { body: { subject: (await team(ground)).team, role: 'role:viewer' } }
  },
  deleteAssignment: async (ground) => ({ params: await assignment(ground) }),
  getAttributes: async ({ made }) => {
    await made('/attributes', { items: [{ entity: 'user:ann', attributes: {} }] }, 'PUT')
    return { query: '?entity=user:ann' }
  },
  putAttributes: () => ({ body: { items: [{ entity: 'user:ann', attributes: {} }] } }),
  deleteAttributes: () => ({ query: '?entity=user:ann' }),
  listAudit: () => ({ query: '?order=oldest' }),
}

/** Lets samples begin with what `owner` makes in an organisation. */
export function groundIn({ call }: Management, owner: string, organisation: string): Ground {
  const made = async (by: string, path: string, body?: unknown, method = 'POST') => {
    const { status, json } = await call(by, method, path, body)
    if (status >= 300) throw new Error(`${path}: ${JSON.stringify(json)}`)
    return json
  }
  return {
    made: (path, body, method) => made(owner, `/orgs/${organisation}${path}`, body, method),
    organisation: async (state) => {
      const { id } = await made('platform', '/orgs', { name: 'Another', slug: fresh() })
      if (state === 'suspended') await made('platform', `/orgs/${id}/suspend`)
      return String(id)
    },
  }
}
