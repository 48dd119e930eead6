/** Microseconds a decision, by the size of the organisation, on one thread. */
import { readFileSync } from 'node:fs'
import { type DecisionRequest, decide } from '../../src/policy/decide.ts'
import { parsePolicyFiles } from '../../src/policy/files.ts'
import type { Rule } from '../../src/policy/rule.ts'
import { buildSnapshot } from '../../src/policy/snapshot.ts'
import { figure, median, table } from './table.ts'

const sizes = [110, 1_100, 11_000]
const ROUNDS = 5
const ROUND_MS = 400

/** A small generator with a seed, so that each run measures the same work. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const files = parsePolicyFiles({
  model: { name: 'model.conf', text: readFileSync('model.conf', 'utf8') },
  files: new Map([
    [
      'policies/apps.yaml',
      'applications:\n  - { id: docs, upstreams: [http://127.0.0.1:1], organisation: credential }\n',
    ],
    ['policies/rules.csv', 'p, role:reader, *, /docs/public/*, GET, allow\n'],
  ]),
})

const source = { kind: 'organisation', id: '1', author: 'user:a', at: '', revision: 1 } as const

/** 40 % literal paths, 30 % with one parameter, 15 % with two, 15 % with a star at the end. */
function objectOf(random: () => number, index: number): string {
  const kind = random()
  if (kind < 0.4) return `/docs/area-${index}/item`
  if (kind < 0.7) return `/docs/area-${index}/:id`
  return kind < 0.85 ? `/docs/area-${index}/:id/part/:part` : `/docs/area-${index}/*`
}

function organisation(count: number) {
  const random = seeded(count)
  const rules: Rule[] = []
  const requests: DecisionRequest[] = []
  for (let member = 0; member < 10; member += 1) {
    rules.push({
      ptype: 'g',
      values: [`user:${member}`, `role:r${member % 3}`, 'org:acme'],
      source,
    })
  }
  for (let index = rules.length; index < count; index += 1) {
    const object = objectOf(random, index)
    const role = `role:r${index % 3}`
    const effect = random() < 0.05 ? 'deny' : 'allow'
    rules.push({ ptype: 'p', values: [role, 'org:acme', object, 'GET', effect], source })
    const obj = object.replaceAll(/:\w+|\*/g, 'x')
    requests.push({ sub: `user:${index % 10}`, dom: 'org:acme', obj, act: 'GET' })
  }
  return { rules, requests }
}

async function measure(count: number): Promise<string[]> {
  const { rules, requests } = organisation(count)
  const before = performance.now()
  const snapshot = await buildSnapshot({ files, organisation: 'acme', revision: 1, rules })
  const built = performance.now() - before
  const costs: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now()
    let done = 0
    while (performance.now() - start < ROUND_MS) {
      const request = requests[(done * 7_919) % requests.length]
      if (request !== undefined) decide(snapshot, request)
      done += 1
    }
    costs.push(((performance.now() - start) * 1_000) / done)
  }
  return [String(count), figure(median(costs)), figure(built)]
}

/** A section of the report. */
export async function measureDecisions(): Promise<string> {
  const rows: string[][] = []
  for (const size of sizes) rows.push(await measure(size))
  const head = ['rules in the organisation', 'µs a decision', 'ms to build its snapshot']
  return `## Decisions\n\n${table(head, rows)}`
}
