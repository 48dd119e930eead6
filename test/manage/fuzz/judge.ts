/** Whether an answer is one that the document promises. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { answers, type Code } from '../../../src/lib/problems.ts'
import { codesOf, describeOperations } from '../../../src/manage/runner/document.ts'
import type { Operation } from '../../../src/manage/runner/operation.ts'
import type { Json } from './from-schema.ts'
import type { Received } from './send.ts'

type Content = Readonly<Record<string, { readonly schema: Json }>>

/** An operation as the document has it. */
export interface Described {
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: Json }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<
    Record<string, { readonly $ref?: string; readonly content?: Content }>
  >
}

/** The document of these operations, as a judge and a source of requests. */
export interface Contract {
  readonly schemas: Json
  readonly of: (operation: Operation) => Described
  /** What is wrong with the answer, or `undefined`. */
  readonly judge: (operation: Operation, received: Received) => string | undefined
}

/** What is wrong with a value by the schema that the pointer names in the document. */
type Fits = (pointer: string, value: unknown) => string | undefined

export function readContract(operations: readonly Operation[]): Contract {
  const document = describeOperations(operations, 'http://127.0.0.1')
  const paths = document['paths'] as Record<string, Record<string, Described>>
  const { schemas } = document['components'] as { schemas: Json }
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(document, 'document')
  const fits: Fits = (pointer, value) => {
    const validate = ajv.getSchema(`document#${pointer}`)
    if (validate === undefined) return `${pointer} is no schema`
    return validate(value) === true ? undefined : ajv.errorsText(validate.errors)
  }
  const of = ({ id, path, method }: Operation): Described => {
    const described = paths[path]?.[method.toLowerCase()]
    if (described === undefined) throw new Error(`${id} is not in the document`)
    return described
  }
  return {
    schemas,
    of,
    judge: (operation, received) => {
      const { status } = received
      if (status === 500) return 'is a 500'
      const response = of(operation).responses[status]
      if (response === undefined) return `${status} is not in the document`
      if (status >= 400) return judgeRefusal(operation, received, fits)
      return judgeGood(operation, response.content, received, fits)
    },
  }
}

function judgeGood(
  { path, method }: Operation,
  content: Content | undefined,
  { status, type, body }: Received,
  fits: Fits,
): string | undefined {
  if (content === undefined) return body === '' ? undefined : `${status} has a body`
  const media = Object.keys(content).find((one) => type === one || type.startsWith(`${one};`))
  if (media === undefined) return `${status} is ${type}`
  const tokens = ['paths', path, method.toLowerCase(), 'responses', `${status}`, 'content', media]
  const pointer = [...tokens, 'schema'].map((token) => {
    return `/${encodeURIComponent(token.replaceAll('~', '~0').replaceAll('/', '~1'))}`
  })
  return fits(pointer.join(''), media === 'application/json' ? JSON.parse(body) : body)
}

function judgeRefusal(
  operation: Operation,
  { status, type, body, requestId }: Received,
  fits: Fits,
): string | undefined {
  if (type !== 'application/problem+json') return `${status} is ${type}`
  const problem = JSON.parse(body) as { code: Code; status: number; requestId: string }
  const misfit = fits('/components/schemas/Problem', problem)
  if (misfit !== undefined) return misfit
  if (!codesOf(operation).includes(problem.code)) return `${problem.code} is not in the document`
  const statuses = new Set([status, problem.status, answers[problem.code].status])
  if (statuses.size > 1) return `has the statuses ${[...statuses].join(' and ')}`
  return problem.requestId === requestId ? undefined : 'has another id than its header says'
}
