/**
 * One program with one amount of rules; a process of its own, so that neither the heap nor the
 * compiled code of another one is in its way. Does what `contender.ts` asks for, one at a time.
 */
import type { Engine } from './engines/engine.ts'
import { engines } from './engines/list.ts'
import { keptBytes } from './memory.ts'
import { median } from './table.ts'
import { type Timing, timeDecisions } from './timing.ts'
import { makeWorld, rulesIn, type Size, type Variant, type World } from './world.ts'

export interface Assignment {
  readonly engine: string
  readonly size: Size
  readonly variant: Variant
}

export type Task =
  | { readonly kind: 'load'; readonly answers: readonly boolean[] }
  | { readonly kind: 'answer'; readonly milliseconds: number }
  | { readonly kind: 'time'; readonly work: 'hot' | 'distinct'; readonly milliseconds: number }
  | { readonly kind: 'cold' }
  | { readonly kind: 'edit'; readonly rounds: number }

export interface Results {
  readonly load: { readonly milliseconds: number; readonly bytesARule: number }
  readonly answer: readonly boolean[]
  readonly time: Timing
  /** Microseconds of each first decision; none where the program makes no difference. */
  readonly cold: readonly number[]
  /** Milliseconds from the edit to the first decision that knows it. */
  readonly edit: number
}

const HOT = 256

const { engine: name, size, variant } = JSON.parse(process.argv[2] ?? '{}') as Assignment
const world = makeWorld(size, variant)
let engine: Engine | undefined

function loaded(): Engine {
  if (engine === undefined) throw new Error('Nothing is loaded yet.')
  return engine
}

/** The same world, which counts the time that it takes to make up organisations. */
function watched(): { world: World; making: () => number } {
  let making = 0
  function* organisations() {
    for (let index = 0; index < size.organisations; index += 1) {
      const start = performance.now()
      const organisation = world.organisation(index)
      making += performance.now() - start
      yield organisation
    }
  }
  return { world: { ...world, organisations }, making: () => making }
}

async function load(answers: readonly boolean[]): Promise<Results['load']> {
  const open = engines[name]
  if (open === undefined) throw new Error(`There is no program ${name}.`)
  const before = keptBytes()
  const { world: source, making } = watched()
  const start = performance.now()
  engine = await open(source, answers)
  const milliseconds = performance.now() - start - making()
  return { milliseconds, bytesARule: (keptBytes() - before) / rulesIn(size) }
}

/** Answers to the first requests, as many as there is time for, and three at least. */
function answer(milliseconds: number): boolean[] {
  const answers: boolean[] = []
  const until = performance.now() + milliseconds
  for (const request of world.requests) {
    if (answers.length >= 3 && performance.now() > until) break
    answers.push(loaded().decide(request))
  }
  return answers
}

async function edit(rounds: number): Promise<number> {
  const costs: number[] = []
  const { decide, edit: apply } = loaded()
  for (let round = 0; round < rounds; round += 1) {
    const request = { sub: 'user:1', dom: 'org:o0', obj: `/docs/edit-${round}/a`, act: 'GET' }
    const values = ['role:r1', 'org:o0', `/docs/edit-${round}/:id`, 'GET', 'allow']
    if (decide(request)) throw new Error('What is to be allowed is so already.')
    const start = performance.now()
    const at = new Date().toISOString()
    const source = {
      kind: 'organisation',
      id: `e${round}`,
      author: 'user:0',
      at,
      revision: 2,
    } as const
    await apply?.('o0', { ptype: 'p', values, source })
    if (!decide(request)) throw new Error(`${name} does not know an edit.`)
    costs.push(performance.now() - start)
  }
  return median(costs)
}

function run(task: Task): unknown {
  switch (task.kind) {
    case 'load':
      return load(task.answers)
    case 'answer':
      return answer(task.milliseconds)
    case 'time': {
      const requests = task.work === 'hot' ? world.requests.slice(0, HOT) : world.requests
      return timeDecisions(loaded().decide, requests, task.milliseconds)
    }
    case 'cold':
      return loaded().cold?.() ?? []
    case 'edit':
      return loaded().edit === undefined ? Number.NaN : edit(task.rounds)
  }
}

process.on('message', (task: Task) => {
  Promise.resolve()
    .then(() => run(task))
    .then(
      (result) => process.send?.({ result }),
      (error: unknown) =>
        process.send?.({ error: error instanceof Error ? error.message : 'failed' }),
    )
})
