import { expect, test } from 'vitest'
import { type AllowedRequest, issueTicket } from '../../src/gateway/ticket.ts'

const allowed = {
  path: '/a',
  headers: [],
  requestId: 'r',
  decisionId: 'd',
  credentialed: true,
} as unknown as AllowedRequest

test('I1: a ticket gives its request once and then never again', () => {
  const ticket = issueTicket(allowed)
  expect(ticket.take().path).toBe('/a')
  expect(() => ticket.take()).toThrow('used twice')
})

test('I1: what was allowed cannot be changed on its way', () => {
  const source = { ...allowed, path: '/a' } as { path: string }
  const ticket = issueTicket(source as unknown as AllowedRequest)
  source.path = '/b'
  const taken = ticket.take()
  expect(taken.path).toBe('/a')
  expect(() => Object.assign(taken, { path: '/b' })).toThrow()
})
