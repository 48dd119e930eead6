/** The questions and changes that the management API is measured by. */
import { type Asking, laterPage } from './management-asking.ts'
import { ownerOf } from './organisations.ts'

export interface Question {
  readonly name: string
  readonly path: string
}

/** Of the platform's administrator. */
export async function platformQuestions(asking: Asking): Promise<Question[]> {
  const orgs = '/orgs'
  return [
    { name: 'organisations', path: orgs },
    {
      name: 'organisations, page 41 of 200 rows',
      path: await laterPage(asking, 'platform', orgs, 40),
    },
    { name: 'organisations, `q` that one in ten has', path: '/orgs?q=granite' },
    { name: 'organisations, `q` that one has', path: '/orgs?q=company-9876' },
    { name: 'organisations, `q` that none has', path: '/orgs?q=zeppelin' },
  ]
}

/** Of the owner of an organisation; `far` is how many pages of 200 there are of everything. */
export async function organisationQuestions(
  asking: Asking,
  organisation: number,
  far: { readonly members: number; readonly audit: number },
): Promise<Question[]> {
  const later = (path: string, pages: number) => laterPage(asking, organisation, path, pages)
  const moments = 'since=2025-03-01T00:00:00Z&until=2025-06-01T00:00:00Z'
  const { text } = await asking.ask(organisation, 'GET', '/members?limit=3')
  const { items } = JSON.parse(text) as { items: { id?: string; subject?: string }[] }
  const member = items[2]?.id ?? items[2]?.subject ?? ''
  return [
    ...listed('members', 'ada', '49'),
    { name: 'members, last page', path: await later('/members', far.members) },
    { name: 'members who are suspended', path: '/members?state=suspended' },
    { name: 'one member', path: `/members/${member}` },
    ...listed('teams', 'amber', 't1'),
    { name: 'teams, newest first', path: '/teams?sort=newest' },
    { name: 'members of a team', path: '/teams/team:t1/members' },
    ...listed('roles', 'keeper', 'r0'),
    ...listed('service-accounts', 'robot', '-0'),
    { name: 'rules', path: '/policies/rules' },
    { name: 'rules, `q` of many', path: '/policies/rules?q=invoices' },
    { name: 'rules, `q` of none', path: '/policies/rules?q=zeppelin' },
    { name: 'rules of a subject', path: '/policies/rules?subject=role:r0' },
    { name: 'revisions of the rules', path: '/policies/revisions' },
    { name: 'assignments', path: '/assignments' },
    { name: 'assignments of a team', path: '/assignments?subject=team:t1' },
    { name: 'assignments of a role', path: '/assignments?role=role:owner' },
    { name: 'keys', path: '/keys' },
    { name: 'keys of a member', path: `/keys?subject=${member}` },
    { name: 'sessions', path: '/sessions' },
    { name: 'audit', path: '/audit' },
    { name: 'audit, a page far back', path: await later('/audit', far.audit) },
    { name: 'audit of an actor', path: `/audit?actor=${member}` },
    { name: 'audit of an operation', path: '/audit?operation=publishRules' },
    { name: 'audit of an object', path: '/audit?object=/gatehouse/teams/team:t1' },
    {
      name: 'audit of an object that nobody changed',
      path: '/audit?object=/gatehouse/teams/team:none',
    },
    { name: 'audit of three months', path: `/audit?${moments}` },
    { name: 'audit of an actor who did nothing', path: '/audit?actor=user:nobody' },
    { name: 'permissions of a member', path: `/members/${member}/permissions` },
    { name: 'permissions of a team', path: '/teams/team:t1/permissions' },
    { name: 'permissions of the owner role', path: '/roles/role:owner/permissions' },
  ]
}

function listed(what: string, many: string, few: string): Question[] {
  return [
    { name: what, path: `/${what}` },
    { name: `${what}, \`q\` of many`, path: `/${what}?q=${many}` },
    { name: `${what}, \`q\` of few`, path: `/${what}?q=${few}` },
    { name: `${what}, \`q\` of none`, path: `/${what}?q=zeppelin` },
  ]
}

/** Makes every kind of change once, with names that no other round has, and says how long each took. */
export async function changeOnce(
  asking: Asking,
  organisation: number,
  round: string,
): Promise<Map<string, number>> {
  const took = new Map<string, number>()
  const post = async (name: string, path: string, body: object) => {
    const { text, milliseconds } = await asking.ask(organisation, 'POST', path, body)
    took.set(name, milliseconds)
    return text
  }
  const before = await revisionOf(asking, organisation)
  const { id } = JSON.parse(await post('create a team', '/teams', { name: `Measured ${round}` }))
  const owner = ownerOf(organisation)
  await post('put a member into a team', `/teams/${id}/members`, { add: [owner] })
  await post('give a role to a team', '/assignments', { subject: id, role: 'role:viewer' })
  for (const count of [1, 10, 100]) {
    const add = Array.from({ length: count }, (_, at) => {
      const object = `/docs/measured/${round}-${count}/${at}/:id`
      return ['p', 'role:r0', `org:o${organisation}`, object, 'GET', 'allow']
    })
    const name = count === 1 ? 'publish 1 rule' : `publish ${count} rules`
    await post(name, '/policies/publish', { message: 'Measured', add })
  }
  // So that no round has more rules to look at than the one before.
  const back = { message: 'Measured', revision: before }
  await post('roll 111 rules back', '/policies/rollback', back)
  return took
}

/** The newest one, by the entry of the audit that it has. */
async function revisionOf({ ask }: Asking, organisation: number): Promise<number> {
  const { text } = await ask(organisation, 'GET', '/audit?limit=1')
  const { items } = JSON.parse(text) as { items: { revision: number }[] }
  return items[0]?.revision ?? 0
}
