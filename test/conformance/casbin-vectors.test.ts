/**
 * The public suites of four casbin projects, replayed through our loading path and our engine. npm
 * casbin is the oracle; where we answer otherwise on purpose, the case is named in
 * `casbin-exceptions.ts` with the reason, and a name too many or too few fails.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { buildEngine } from '../../src/policy/engine.ts'
import { parseRules } from '../../src/policy/files/csv.ts'
import { type PolicyModel, parseModel } from '../../src/policy/model/model.ts'
import {
  buildFunctions,
  checkArgument,
  functionNames,
} from '../../src/policy/patterns/functions.ts'
import { PolicyError } from '../../src/policy/problem.ts'
import { functionExceptions, spelledOut, vectorExceptions } from './casbin-exceptions.ts'

interface Vector {
  readonly id: string
  readonly model: string
  readonly policy: string
  readonly request: readonly unknown[]
  readonly expected: boolean
  /** The rule that decided; empty where none did. */
  readonly explain?: readonly string[]
  readonly roleMatching?: unknown
  readonly context?: unknown
  readonly matcher?: string
  readonly needs?: readonly string[]
  readonly npmCasbin: { readonly status: string; readonly got?: boolean }
}

interface Call {
  readonly id: string
  readonly fn: string
  readonly args: readonly [string, string, ...string[]]
  readonly expected: unknown
  readonly npmCasbin: { readonly status: string; readonly got?: unknown }
}

function lines<Line>(file: string): Line[] {
  const text = readFileSync(new URL(`data/${file}`, import.meta.url), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line): Line => JSON.parse(line))
}

const vectors = lines<Vector>('casbin-vectors.jsonl')
const calls = lines<Call>('casbin-functions.jsonl')

const JSON_REQUEST = 'acceptJsonRequest'

/** The model, with the matcher that a case brings along in the place of its own. */
function modelOf({ model, matcher }: Vector): PolicyModel {
  const text =
    matcher === undefined ? model : model.replace(/^m\s*=[\s\S]*$/m, () => `m = ${matcher}`)
  return parseModel(text, 'model.conf')
}

/** The fields of a request; reading JSON in them is the matter of whoever asks. */
function requestOf({ request, needs }: Vector): readonly unknown[] {
  if (needs?.includes(JSON_REQUEST) !== true) return request
  return request.map((value) => {
    try {
      return JSON.parse(String(value))
    } catch {
      return value
    }
  })
}

/** What a case asks for that Gatehouse does not offer. */
function featureOf({ roleMatching, context, needs }: Vector): string | undefined {
  if (roleMatching !== undefined) return 'role matching function'
  if (context !== undefined) return 'enforce context'
  return needs?.every((need) => need === JSON_REQUEST) === false ? 'domain hierarchy' : undefined
}

/** The kind of refusal, from the first problem's sentence. */
function refusalOf(message: string): string {
  if (message.includes('an empty policy is not served')) return 'empty policy'
  if (message.includes('is not an effect')) return 'unknown effect'
  if (message.includes('values, not')) return 'number of columns'
  if (message.includes('brackets around the "in" term')) return 'in without brackets'
  if (message.includes('would not be read')) return 'numbered definitions only'
  return message
}

/** `equal`, the reason why we refuse, or what differs. */
async function replay(vector: Vector): Promise<string> {
  const feature = featureOf(vector)
  if (feature !== undefined) return feature
  try {
    const model = modelOf(vector)
    const { rules, problems } = parseRules(vector.policy, 'policy.csv', model)
    if (problems.length > 0) throw new PolicyError(problems)
    const engine = await buildEngine(model, rules)
    const { allow, rule } = engine.evaluate(requestOf(vector))
    if (allow !== (vector.npmCasbin.got ?? vector.expected)) return `answers ${allow}`
    if (vector.explain === undefined) return 'equal'
    const named = JSON.stringify(rule?.values ?? [])
    return named === JSON.stringify(vector.explain) ? 'equal' : `names ${named}`
  } catch (error) {
    if (error instanceof PolicyError) return refusalOf(error.problems[0]?.message ?? '')
    throw error
  }
}

/** A call that npm casbin does not answer either, by an error or never, is to be refused. */
function replayCall({ fn, args, expected, npmCasbin }: Call): string {
  const [, pattern] = args
  const refused = !functionNames.includes(fn) || checkArgument(fn, pattern) !== undefined
  if (npmCasbin.status === 'error') return refused ? 'equal' : 'answered'
  if (refused) return 'pattern refused'
  const call = buildFunctions(new Map([[fn, [pattern]]])).get(fn)
  const answer = call?.(...args)
  return answer === (npmCasbin.got ?? expected) ? 'equal' : `answers ${String(answer)}`
}

/** The table as it would have to be: every case that is not equal, with its reason. */
function differences(outcomes: readonly (readonly [id: string, outcome: string])[]) {
  return Object.fromEntries(outcomes.filter(([, outcome]) => outcome !== 'equal'))
}

describe('casbin vectors', () => {
  test('there are as many as were taken over', () => {
    expect(vectors).toHaveLength(671)
    expect(new Set(vectors.map(({ id }) => id)).size).toBe(671)
    expect(calls).toHaveLength(288)
  })

  test('each is answered as npm casbin answers it, or is an exception that is named', async () => {
    const outcomes = await Promise.all(
      vectors.map(async (vector) => [vector.id, await replay(vector)] as const),
    )
    expect(differences(outcomes)).toEqual(spelledOut(vectorExceptions))
  })

  test('no exception lets anything pass that npm casbin denies', async () => {
    const named = spelledOut(vectorExceptions)
    const excepted = vectors.filter(({ id }) => Object.hasOwn(named, id))
    for (const vector of excepted) expect(await replay(vector), vector.id).not.toBe('answers true')
  })

  test('a case that npm casbin refuses to load is refused here as well', async () => {
    for (const vector of vectors.filter(({ npmCasbin }) => npmCasbin.status === 'error')) {
      expect(() => parseModel(vector.model, 'model.conf'), vector.id).toThrow(PolicyError)
    }
  })
})

describe('casbin functions', () => {
  test('each call answers as npm casbin does, or is an exception that is named', () => {
    const outcomes = calls.map((call) => [call.id, replayCall(call)] as const)
    expect(differences(outcomes)).toEqual(spelledOut(functionExceptions))
  })

  test('section 3: each pattern on which npm casbin never returns is refused', () => {
    const endless = calls.filter(({ npmCasbin }) => JSON.stringify(npmCasbin).includes('TIMEOUT'))
    expect(endless).toHaveLength(4)
    for (const { fn, args, id } of endless) {
      expect(checkArgument(fn, args[1]), id).toBeDefined()
    }
  })

  test('no answer differs: what is not answered alike is refused', () => {
    const differing = calls.filter((call) => replayCall(call).startsWith('answers'))
    expect(differing).toEqual([])
  })
})
