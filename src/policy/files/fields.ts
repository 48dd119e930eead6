/** The small grammars of `apps.yaml` and `issuers.yaml`, each a text with its own sentence. */
import { BlockList, isIP } from 'node:net'
import { z } from 'zod'
import { isBareId } from '../../lib/ids.ts'
import { checkPattern, type PatternProblem } from '../patterns/pattern.ts'
import { managementId, methods } from '../rules/grammar.ts'

/** Text that `check` finds nothing wrong with. */
export function textWith(check: (text: string) => string | PatternProblem | undefined) {
  return z.string().superRefine((text, context) => {
    const wrong = check(text)
    if (wrong === undefined) return
    if (typeof wrong === 'string') context.addIssue({ code: 'custom', message: wrong })
    else
      context.addIssue({
        code: 'custom',
        message: wrong.message,
        params: { offset: wrong.column - 1 },
      })
  })
}

const idForm = 'is no id: write a-z, 0-9 and "-" inside, at most 64.'

export const bareId = textWith((id) => (isBareId(id) ? undefined : `"${id}" ${idForm}`))

export const applicationId = textWith((id) => {
  if (id === managementId) return `"${id}" is reserved for the management API; choose another id.`
  return isBareId(id) ? undefined : `"${id}" ${idForm}`
})

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const HOST = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`)

export const host = textWith((name) => {
  if (name.length <= 253 && HOST.test(name)) return undefined
  return `"${name}" is no host: write a lower-case name such as docs.example.com, without a port.`
})

export const pattern = textWith(checkPattern)

/** A pattern without parameters and stars: one path. */
export const plainPath = textWith((path) => {
  return (
    checkPattern(path) ??
    (/\/[:*]/.test(path) ? `"${path}" is one path: no ":name" and no star.` : undefined)
  )
})

export const prefix = textWith((path) => {
  const problem = checkPattern(path)
  if (problem !== undefined) return problem
  if (/\/[:*]/.test(path)) return `"${path}" is one path: no ":name" and no star.`
  if (path !== '/' && path.endsWith('/'))
    return `Write "${path.slice(0, -1)}": a prefix ends at a segment.`
  if (/^\/\.gatehouse(?:\/|$)/.test(path))
    return 'Paths under "/.gatehouse" are the gateway\'s own.'
  return undefined
})

export const organisationPath = textWith((path) => {
  const problem = checkPattern(path)
  if (problem !== undefined) return problem
  const segments = path.split('/')
  const place = segments.indexOf(':org')
  if (place < 0 || segments.lastIndexOf(':org') !== place)
    return 'Write one segment as ":org", as in /t/:org/*.'
  const star = segments.indexOf('*')
  return star >= 0 && star < place ? 'The segment ":org" stands before every star.' : undefined
})

const NAME = /^[a-z][a-z0-9_-]{0,63}$/
const nameForm = 'write a-z, then a-z, 0-9, "_" and "-", at most 64.'

export const resourceType = textWith((name) => {
  if (name === 'route') return '"route" is every path of an application; choose another type.'
  return NAME.test(name) ? undefined : `"${name}" is no type: ${nameForm}`
})

/** Lower case, so that none is an HTTP method (RFC 9110 section 9.1: methods are case-sensitive). */
export const action = textWith((name) =>
  NAME.test(name) ? undefined : `"${name}" is no action: ${nameForm}`,
)

export const method = textWith((name) => {
  if (methods.some((known) => known === name)) return undefined
  if (name === 'HEAD') return 'HEAD is decided as GET: write GET.'
  return `"${name}" is no method: write one of ${methods.join(', ')}.`
})

const linkLocal = new BlockList()
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4')
linkLocal.addSubnet('fe80::', 10, 'ipv6')

/** Link-local addresses hold the metadata services of clouds, which give out credentials (A6 124). */
function isLinkLocal(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '')
  const version = isIP(address)
  return version !== 0 && linkLocal.check(address, version === 4 ? 'ipv4' : 'ipv6')
}

export const upstream = textWith((text) => {
  const right = 'write an origin such as http://127.0.0.1:8090, without path, query and user.'
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return `"${text}" is no upstream: ${right}`
  const { origin, hostname } = new URL(text)
  if (isLinkLocal(hostname)) return `"${text}" is a link-local address, which is never an upstream.`
  return text === origin ? undefined : `"${text}" is no upstream: ${right}`
})

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }
const LONGEST_MS = 3_600_000

/** A duration such as `500ms`, `30s` or `2m`, in milliseconds. */
export const duration = z.string().transform((text, context) => {
  const [, count = '', unit = ''] = /^([1-9]\d{0,8})(ms|s|m)$/.exec(text) ?? []
  const milliseconds = Number(count) * (UNITS[unit] ?? 0)
  if (milliseconds > 0 && milliseconds <= LONGEST_MS) return milliseconds
  context.addIssue({
    code: 'custom',
    message: `"${text}" is no duration: write one such as 500ms, 30s or 2m, at most an hour.`,
  })
  return z.NEVER
})

/** https, or http on loopback: a key set read on the way could be exchanged. */
export const secureUrl = textWith((text) => {
  const right = 'write https://…, or http:// on loopback.'
  if (!URL.canParse(text)) return `"${text}" is no URL: ${right}`
  const { protocol, hostname, username, password, hash, search } = new URL(text)
  const loopback = /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/.test(hostname)
  const safe = protocol === 'https:' || (protocol === 'http:' && loopback)
  if (!safe) return `"${text}" is not safe: ${right}`
  if (username || password || hash || search)
    return `"${text}" has a user, a query or a fragment: take it away.`
  return isLinkLocal(hostname)
    ? `"${text}" is a link-local address, which is never asked.`
    : undefined
})
