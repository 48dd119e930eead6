import { describe, expect, test } from 'vitest'
import type { Principal } from '../../src/identity/principal.ts'
import { checkStanding, chooseOrganisation } from '../../src/identity/standing.ts'
import type { Member } from '../../src/store/members.ts'
import type { MemberState } from '../../src/store/organisations.ts'

const principal = (organisation: string | undefined): Principal => ({
  subject: 'user:ann',
  credential: { kind: 'key', id: 'k' },
  organisation,
  expiresAt: Number.POSITIVE_INFINITY,
})

describe('the organisation that a principal acts in', () => {
  test.each<[string | undefined, string | undefined, string]>([
    ['acme', undefined, 'acme'],
    ['acme', 'acme', 'acme'],
    ['acme', 'beta', 'organisation_disagrees'],
    ['acme', 'acm', 'organisation_disagrees'],
    ['acme', 'ACME', 'organisation_disagrees'],
    ['acme', '', 'organisation_disagrees'],
    [undefined, 'beta', 'beta'],
    [undefined, undefined, 'organisation_missing'],
  ])('a credential of %s and a request of %s: %s', (own, named, expected) => {
    const chosen = chooseOrganisation(principal(own), named)
    expect(chosen.kind === 'chosen' ? chosen.organisation : chosen.reason).toBe(expected)
  })
})

describe('a session', () => {
  const session = (over: Partial<Principal>) => ({ ...principal(undefined), ...over })
  const outcome = (who: Principal, named: string | undefined) => {
    const chosen = chooseOrganisation(who, named)
    return chosen.kind === 'chosen' ? chosen.organisation : chosen.reason
  }

  test.each<[readonly string[] | undefined, string | undefined, string]>([
    [['acme', 'beta'], 'beta', 'beta'],
    [['acme', 'beta'], 'gamma', 'organisation_disagrees'],
    [['acme'], undefined, 'acme'],
    [[], 'acme', 'organisation_disagrees'],
    [undefined, 'acme', 'acme'],
  ])('valid in %j and a request of %s: %s', (organisations, named, expected) => {
    expect(outcome(session({ organisations }), named)).toBe(expected)
  })

  test('that an organisation has ended acts there no more, and everywhere else', () => {
    const ended = session({ endedIn: ['acme', 'gamma'] })
    expect(outcome(ended, 'acme')).toBe('session_ended')
    expect(outcome(ended, 'beta')).toBe('beta')
    // What it never was valid in comes first: nobody learns that there was something to end.
    expect(outcome({ ...ended, organisations: ['beta'] }, 'acme')).toBe('organisation_disagrees')
  })

  test.each(['acme', undefined])('of a password to be changed acts nowhere, not in %s', (named) => {
    expect(outcome(session({ mustChangePassword: true }), named)).toBe('password_must_change')
    expect(outcome(session({ mustChangePassword: false }), 'acme')).toBe('acme')
  })
})

describe('standing in an organisation', () => {
  const member = (state: MemberState): Member => ({
    subject: 'user:ann',
    state,
    email: null,
    name: null,
  })
  const organisation = (state: 'active' | 'suspended', ann?: MemberState) => ({
    state,
    members: new Map(ann === undefined ? [] : [['user:ann', member(ann)]]),
  })

  test.each<[string, string | undefined, ReturnType<typeof organisation>, string | undefined]>([
    ['an active member', 'user:ann', organisation('active', 'active'), undefined],
    ['a suspended one', 'user:ann', organisation('active', 'suspended'), 'member_suspended'],
    ['one who was only invited', 'user:ann', organisation('active', 'invited'), 'not_a_member'],
    ['nobody there', 'user:ann', organisation('active'), 'not_a_member'],
    ['somebody else', 'user:ben', organisation('active', 'active'), 'not_a_member'],
    ['another spelling', 'user:Ann', organisation('active', 'active'), 'not_a_member'],
    ['a token of nobody we know', undefined, organisation('active', 'active'), 'subject_unknown'],
    [
      'an active member of a suspended one',
      'user:ann',
      organisation('suspended', 'active'),
      'organisation_suspended',
    ],
    ['nobody in a suspended one', undefined, organisation('suspended'), 'organisation_suspended'],
  ])('%s', (_title, subject, state, expected) => {
    expect(checkStanding(subject, state)).toBe(expected)
  })
})
