/** `policies/plans.yaml`: what organisations can subscribe to. */
import { z } from 'zod'
import { limits } from '../../lib/limits.ts'
import type { Application } from '../applications.ts'
import type { Plan, PlanUsage, Quota } from '../plans.ts'
import type { PolicyProblem } from '../problem.ts'
import { everything } from '../rules/grammar.ts'
import { nearest } from '../rules/nearest.ts'
import { bareId } from './fields.ts'
import { type ReportAt, readYaml } from './yaml-file.ts'

const count = wholeNumber(0, 'Write a whole number from 0 on.')
const positive = wholeNumber(1, 'Write a whole number from 1 on.')

function wholeNumber(least: number, error: string) {
  return z
    .int({ error })
    .min(least, { error })
    .max(limits.planNumber, {
      error: `Write at most ${limits.planNumber}.`,
    })
}

const name = z
  .string()
  .trim()
  .min(1, { error: 'Write the name that people read.' })
  .max(limits.nameChars, { error: `A name has at most ${limits.nameChars} characters.` })

const currency = z.string().refine((code) => Intl.supportedValuesOf('currency').includes(code), {
  error: 'Write a currency of ISO 4217 in capitals, such as EUR.',
})

/** Text, for a YAML number is a binary fraction and 0.1 would not be a tenth. */
const decimal = z.custom<string>(
  (value) => typeof value === 'string' && /^(?:0|[1-9]\d{0,11})(?:\.\d{1,12})?$/.test(value),
  { error: 'Write minor units as a decimal in quotes, such as "0.25", with at most 12 places.' },
)

const quotaForms = 'Write {soft: 10000} or {hard: 10000}.'
const quota = z.union([z.strictObject({ soft: positive }), z.strictObject({ hard: positive })], {
  error: quotaForms,
})

const usage = z.strictObject({
  operation: z.string(),
  included: count,
  each: decimal.default('0'),
  quota: quota.optional(),
})

const periods = { second: 1_000, minute: 60_000, hour: 3_600_000 } as const

const rate = z.strictObject({
  requests: positive,
  per: z.enum(['second', 'minute', 'hour'], { error: 'Write second, minute or hour.' }),
  burst: positive.optional(),
})

const plan = z.strictObject({
  id: bareId,
  name,
  price: count,
  currency,
  usage: z.array(usage).default([]),
  rate: rate.optional(),
})

const schema = z.strictObject({ plans: z.array(plan) })
type Declared = z.infer<typeof plan>

/** Reads every plan, or names every problem of the file. */
export function parsePlans(
  text: string,
  file: string,
  applications: readonly Application[],
): { plans: Plan[]; problems: PolicyProblem[] } {
  const read = readYaml(text, file, schema)
  if (read.value === undefined) return { plans: [], problems: read.problems }
  const names = operationNames(applications)
  const ids = new Set<string>()
  for (const [index, declared] of read.value.plans.entries()) {
    if (ids.has(declared.id)) {
      read.report(['plans', index, 'id'], `"${declared.id}" is declared twice.`)
    }
    ids.add(declared.id)
    refuseUnclear(declared, index, names, read.report)
  }
  return { plans: read.value.plans.map(build), problems: read.problems }
}

/** `docs:read-item`, and `docs:*` for every operation of it, as custom roles name them. */
function operationNames(applications: readonly Application[]): readonly string[] {
  return applications.flatMap(({ id, operations }) => [
    ...operations.map((operation) => `${id}:${operation.id}`),
    `${id}:${everything}`,
  ])
}

function refuseUnclear(
  { usage: lines, rate: limit }: Declared,
  index: number,
  names: readonly string[],
  report: ReportAt,
): void {
  const seen = new Set<string>()
  for (const [at, line] of lines.entries()) {
    const path = ['plans', index, 'usage', at]
    const { operation, included } = line
    if (!names.includes(operation)) {
      const message = `"${operation}" is no declared operation; ${nearest(operation, names)}`
      report([...path, 'operation'], message)
    } else if (seen.has(operation)) {
      report([...path, 'operation'], `"${operation}" stands in this plan twice.`)
    }
    seen.add(operation)
    const most = quotaOf(line.quota)?.limit
    if (most !== undefined && most < included) {
      report([...path, 'quota'], `The quota is below what is included: write ${included} or more.`)
    }
  }
  if (limit?.burst !== undefined && limit.burst < limit.requests) {
    const message = `A burst is at least what the rate allows: write ${limit.requests} or more.`
    report(['plans', index, 'rate', 'burst'], message)
  }
}

function build({ id, name: shown, price, currency: code, usage: lines, rate: limit }: Declared) {
  const built: Plan = {
    id,
    name: shown,
    price,
    currency: code,
    usage: lines.map(buildUsage),
    rate: limit && {
      requests: limit.requests,
      periodMs: periods[limit.per],
      burst: limit.burst ?? limit.requests,
    },
  }
  return Object.freeze(built)
}

function buildUsage(line: Declared['usage'][number]): PlanUsage {
  const [application = '', operation = everything] = line.operation.split(':')
  return {
    application,
    operation: operation === everything ? undefined : operation,
    included: line.included,
    priceEach: line.each,
    quota: quotaOf(line.quota),
  }
}

function quotaOf(declared: Declared['usage'][number]['quota']): Quota | undefined {
  if (declared === undefined) return undefined
  return 'hard' in declared
    ? { kind: 'hard', limit: declared.hard }
    : { kind: 'soft', limit: declared.soft }
}
