import { describe, expect, test } from 'vitest'
import { checkClaims } from '../../src/identity/claims.ts'
import { limits } from '../../src/lib/limits.ts'
import { AUDIENCE, claims, type Json, START } from './issuing.ts'

const check = (changes: Json, now = START) => checkClaims({ ...claims, ...changes }, AUDIENCE, now)
const seconds = START / 1_000
const skew = limits.clockSkewSeconds

describe('a token says who, for whom and until when', () => {
  test('and its end includes the allowed skew of clocks', () => {
    const valid = { sub: 'auth0|ann', expiresAt: START + 300_000 + skew * 1_000 }
    expect(check({})).toEqual({ kind: 'valid', claims: valid })
  })

  const accepted: [string, Json][] = [
    ['our audience among others', { aud: ['other', AUDIENCE] }],
    ['neither iat nor nbf', { iat: undefined, nbf: undefined }],
    ['fractions of a second', { exp: seconds + 0.5, iat: seconds - 0.5 }],
    ['a subject of 255 characters', { sub: 'a'.repeat(255) }],
    ['a subject in any script', { sub: 'Ánna 安娜' }],
  ]
  test.each(accepted)('%s', (_name, changes) => {
    expect(check(changes).kind).toBe('valid')
  })
})

describe('a claim of the wrong type or value is refused', () => {
  const refused: [string, Json][] = [
    ['exp missing', { exp: undefined }],
    ['exp null', { exp: null }],
    ['exp as text', { exp: String(seconds + 300) }],
    ['exp as a list', { exp: [seconds + 300] }],
    ['exp as an object', { exp: { valueOf: seconds } }],
    ['exp infinite, as 1e400 is read', { exp: Number.POSITIVE_INFINITY }],
    ['exp true', { exp: true }],
    ['nbf as text', { nbf: '0' }],
    ['nbf null', { nbf: null }],
    ['iat as text', { iat: '0' }],
    ['iat infinitely long ago', { iat: Number.NEGATIVE_INFINITY }],
    ['aud missing', { aud: undefined }],
    ['aud of another', { aud: 'https://other.example' }],
    ['aud with a slash more', { aud: `${AUDIENCE}/` }],
    ['aud in capitals', { aud: AUDIENCE.toUpperCase() }],
    ['aud that begins with ours', { aud: `${AUDIENCE}.attacker.example` }],
    ['aud list without us', { aud: ['a', 'b'] }],
    ['aud list empty', { aud: [] }],
    ['aud list in a list', { aud: [[AUDIENCE]] }],
    ['aud list with a number', { aud: [AUDIENCE, 1] }],
    ['aud list of several in one text', { aud: `${AUDIENCE} other` }],
    ['aud as an object', { aud: { [AUDIENCE]: true } }],
    ['sub missing', { sub: undefined }],
    ['sub empty', { sub: '' }],
    ['sub a number', { sub: 1 }],
    ['sub a list', { sub: ['ann'] }],
    ['sub with a line break', { sub: 'ann\nben' }],
    ['sub with a NUL, which no database takes', { sub: 'ann\u0000' }],
    ['sub with half a character', { sub: 'ann\ud800' }],
    ['sub too long', { sub: 'a'.repeat(256) }],
  ]
  test.each(refused)('%s', (_name, changes) => {
    expect(check(changes)).toEqual({ kind: 'refused', reason: 'token_claims' })
  })
})

describe('time is judged with the allowed skew and not a millisecond more', () => {
  const exp = seconds + 300
  const cases: [string, Json, number, string][] = [
    ['before its end', { exp }, exp * 1_000 - 1, 'valid'],
    ['within the skew after its end', { exp }, (exp + skew) * 1_000 - 1, 'valid'],
    ['at the end of the skew', { exp }, (exp + skew) * 1_000, 'token_expired'],
    ['five minutes late', { exp }, (exp + 300) * 1_000, 'token_expired'],
    ['long ago', { exp: 0 }, START, 'token_expired'],
    ['before all time', { exp: -1e300 }, START, 'token_expired'],
    ['begins now', { nbf: seconds }, START, 'valid'],
    ['begins within the skew', { nbf: seconds + skew }, START, 'valid'],
    ['begins beyond the skew', { nbf: seconds + skew + 0.001 }, START, 'token_not_yet_valid'],
    ['issued within the skew', { iat: seconds + skew }, START, 'valid'],
    ['issued in the future', { iat: seconds + skew + 1 }, START, 'token_not_yet_valid'],
    ['our clock five minutes behind', {}, START - 300_000, 'token_not_yet_valid'],
  ]
  test.each(cases)('%s', (_name, changes, now, outcome) => {
    const checked = check(changes, now)
    expect(checked.kind === 'refused' ? checked.reason : checked.kind).toBe(outcome)
  })
})
