/** Ours: a snapshot an organisation; an engine alone where Gatehouse does not serve the model. */
import { readFileSync } from 'node:fs'
import { type DecisionRequest, decide } from '../../../src/policy/decide.ts'
import { buildEngine, type Engine as PolicyEngine } from '../../../src/policy/engine.ts'
import { parsePolicyFiles } from '../../../src/policy/files/files.ts'
import { parseModel } from '../../../src/policy/model/model.ts'
import type { Rule } from '../../../src/policy/rule.ts'
import { buildSnapshot, type Snapshot, updateSnapshot } from '../../../src/policy/snapshot.ts'
import { keptBytes } from '../memory.ts'
import { modelFor } from '../models.ts'
import { seeded } from '../random.ts'
import { makeRequest, type Organisation, rulesIn, type World } from '../world.ts'
import type { Engine, Open } from './engine.ts'

/** Snapshots of so many rules are made for first decisions: a hundred organisations, or the large one. */
const COLD_RULES = 11_000
const COLD_MS = 2_000

const files = parsePolicyFiles({
  model: { name: 'model.conf', text: readFileSync('model.conf', 'utf8') },
  files: new Map([
    [
      'policies/apps.yaml',
      'applications: [{ id: docs, upstreams: [http://127.0.0.1:1], organisation: credential }]\n',
    ],
    ['policies/rules.csv', 'p, user:nobody, org:nowhere, /docs/nothing, GET, deny\n'],
  ]),
})

function snapshotOf({ id, rules }: Organisation): Promise<Snapshot> {
  return buildSnapshot({ files, organisation: id, revision: 1, rules })
}

/** How a publish of one rule reaches the decisions: laid over what there is. */
function edited(snapshot: Snapshot, rule: Rule): Snapshot {
  const revision = snapshot.revision + 1
  const next = updateSnapshot(snapshot, { files, revision, added: [rule], removed: [] })
  if (next === undefined) throw new Error('The edit was not laid over the policy.')
  return next
}

async function openSnapshots(world: World): Promise<Engine> {
  const held = new Map<string, Snapshot>()
  for (const organisation of world.organisations()) {
    held.set(`org:${organisation.id}`, await snapshotOf(organisation))
  }
  const snapshotFor = (domain: string): Snapshot => {
    const snapshot = held.get(domain)
    if (snapshot === undefined) throw new Error(`${domain} is not loaded.`)
    return snapshot
  }
  return {
    decide: (request) => decide(snapshotFor(request.dom), request).allow,
    edit: async (organisation, rule) => {
      const domain = `org:${organisation}`
      held.set(domain, edited(snapshotFor(domain), rule))
    },
    cold: () => firstDecisions(world),
  }
}

let coldRounds = 0

async function firstDecisions({ size, organisation }: World): Promise<number[]> {
  coldRounds += 1
  const random = seeded(1e6 + coldRounds)
  const asked: { snapshot: Snapshot; request: DecisionRequest }[] = []
  const count = Math.ceil((COLD_RULES * size.organisations) / rulesIn(size))
  for (let index = 0; index < count; index += 1) {
    const fresh = organisation(random.below(size.organisations))
    const snapshot = await snapshotOf(fresh)
    for (let member = 0; member < size.members; member += 1) {
      asked.push({ snapshot, request: makeRequest(fresh, member, random) })
    }
  }
  // What building left behind is not what the decisions cost.
  keptBytes()
  const costs: number[] = []
  const until = performance.now() + COLD_MS
  for (const { snapshot, request } of asked) {
    const start = performance.now()
    if (start > until) break
    decide(snapshot, request)
    costs.push((performance.now() - start) * 1_000)
  }
  return costs
}

async function openEngines(world: World): Promise<Engine> {
  const model = parseModel(modelFor(world.variant), 'model.conf')
  const held = new Map<string, PolicyEngine>()
  for (const { id, rules } of world.organisations()) {
    held.set(`org:${id}`, await buildEngine(model, rules))
  }
  return {
    decide: ({ sub, dom, obj, act }) =>
      held.get(dom)?.evaluate([sub, dom, obj, act]).allow === true,
  }
}

export const openGatehouse: Open = (world) =>
  world.variant === 'exact' || world.variant === 'regexMatch'
    ? openEngines(world)
    : openSnapshots(world)
