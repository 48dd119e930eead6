/** `policies/apps.yaml`: the applications behind the gateway. */
import { z } from 'zod'
import { limits } from '../../lib/limits.ts'
import type { Application, OrganisationSource } from '../applications.ts'
import { checkPattern } from '../patterns/pattern.ts'
import type { PolicyProblem } from '../problem.ts'
import { isManagementPermission } from '../rules/catalogue.ts'
import {
  action,
  applicationId,
  bareId,
  duration,
  host,
  method,
  organisationPath,
  pattern,
  plainPath,
  prefix,
  resourceType,
  upstream,
} from './fields.ts'
import { type ReportAt, readYaml } from './yaml-file.ts'

const sourceForms = 'Write credential, {path: /t/:org/*} or {subdomain: docs.example.com}.'

const source = z.union(
  [
    z.literal('credential'),
    z.strictObject({ path: organisationPath }),
    z.strictObject({ subdomain: host }),
  ],
  { error: sourceForms },
)

const application = z.strictObject({
  id: applicationId,
  match: z.strictObject({ host: host.optional(), prefix: prefix.optional() }).optional(),
  strip: z.boolean().default(false),
  upstreams: z.array(upstream).min(1, { error: 'Write at least one upstream.' }),
  health: plainPath.optional(),
  timeouts: z
    .strictObject({
      connect: duration.optional(),
      firstByte: duration.optional(),
      idle: duration.optional(),
    })
    .optional(),
  organisation: source,
  public: z.array(pattern).default([]),
  operations: z.array(z.strictObject({ id: bareId, method, path: pattern })).default([]),
  resources: z
    .array(
      z.strictObject({
        type: resourceType,
        actions: z.array(action).min(1, { error: 'Write at least one action.' }),
      }),
    )
    .default([]),
})

const schema = z.strictObject({ applications: z.array(application) })
type Declared = z.infer<typeof application>

/** Reads every application, or names every problem of the file. */
export function parseApplications(
  text: string,
  file: string,
): { applications: Application[]; problems: PolicyProblem[] } {
  const read = readYaml(text, file, schema)
  if (read.value === undefined) return { applications: [], problems: read.problems }
  const { applications } = read.value
  refuseRepeated(applications, read.report)
  refuseRepeatedTypes(applications, read.report)
  for (const [index, declared] of applications.entries()) {
    refuseUnclear(declared, index, read.report)
    refuseUnnameable(declared, index, read.report)
  }
  return { applications: applications.map(build), problems: read.problems }
}

function refuseRepeated(applications: readonly Declared[], report: ReportAt): void {
  const ids = new Set<string>()
  const places = new Map<string, string>()
  for (const [index, declared] of applications.entries()) {
    const { id, match } = declared
    if (ids.has(id)) report(['applications', index, 'id'], `"${id}" is declared twice.`)
    ids.add(id)
    const place = JSON.stringify([match?.host ?? parentOf(declared), match?.prefix ?? '/'])
    const other = places.get(place)
    if (other !== undefined) {
      report(
        ['applications', index, match === undefined ? 'id' : 'match'],
        `"${id}" matches exactly what "${other}" matches.`,
      )
    }
    places.set(place, id)
    const operations = new Set<string>()
    for (const [at, operation] of declared.operations.entries()) {
      if (!operations.has(operation.id)) operations.add(operation.id)
      else
        report(
          ['applications', index, 'operations', at, 'id'],
          `"${operation.id}" is declared twice.`,
        )
    }
  }
}

/** A type alone says whose resource it is, so two applications never share one. */
function refuseRepeatedTypes(applications: readonly Declared[], report: ReportAt): void {
  const owners = new Map<string, string>()
  for (const [index, { id, resources }] of applications.entries()) {
    for (const [at, { type, actions }] of resources.entries()) {
      const path = ['applications', index, 'resources', at]
      const other = owners.get(type)
      if (other !== undefined)
        report([...path, 'type'], `"${type}" is declared by "${other}" already.`)
      owners.set(type, id)
      for (const [place, name] of actions.entries()) {
        if (actions.indexOf(name) === place) continue
        report([...path, 'actions', place], `"${name}" is declared twice.`)
      }
    }
  }
}

function refuseUnclear({ match, strip, organisation }: Declared, index: number, report: ReportAt) {
  if (
    typeof organisation === 'object' &&
    'subdomain' in organisation &&
    match?.host !== undefined
  ) {
    report(
      ['applications', index, 'match', 'host'],
      'The sub-domain names the host; take "host" away.',
    )
  }
  if (strip && (match?.prefix ?? '/') === '/') {
    report(['applications', index, 'strip'], 'There is no prefix to strip.')
  }
}

/** An operation is a permission as well, which roles and scopes name and rules spell out. */
function refuseUnnameable({ id, operations }: Declared, index: number, report: ReportAt): void {
  for (const [at, operation] of operations.entries()) {
    const place = ['applications', index, 'operations', at]
    const name = `${id}:${operation.id}`
    if (isManagementPermission(name)) {
      report(
        [...place, 'id'],
        `"${name}" is a permission of the management API; choose another id.`,
      )
    }
    const wrong = checkPattern(`/${id}${operation.path}`)
    if (wrong !== undefined) report([...place, 'path'], `Behind "/${id}": ${wrong.message}`)
  }
}

/** What stands in for a host: the parent domain, spelt as no host can be. */
function parentOf({ organisation }: Declared): string | null {
  if (typeof organisation === 'string' || !('subdomain' in organisation)) return null
  return `*.${organisation.subdomain}`
}

function build(declared: Declared): Application {
  const { id, match, strip, upstreams, health, timeouts, operations, resources } = declared
  return Object.freeze({
    id,
    host: match?.host,
    prefix: match?.prefix ?? '/',
    strip,
    upstreams,
    healthPath: health,
    timeouts: {
      connectMs: timeouts?.connect ?? limits.upstreamConnectTimeoutMs,
      firstByteMs: timeouts?.firstByte ?? limits.upstreamFirstByteTimeoutMs,
      idleMs: timeouts?.idle ?? limits.upstreamIdleTimeoutMs,
    },
    organisation: buildSource(declared.organisation),
    publicPaths: declared.public,
    operations,
    resources,
  })
}

function buildSource(declared: Declared['organisation']): OrganisationSource {
  if (declared === 'credential') return { from: 'credential' }
  if ('path' in declared) return { from: 'path', pattern: declared.path }
  return { from: 'subdomain', parent: declared.subdomain }
}
