/** Whether what the management API answers is what its document says. */
import type { Code } from '../../src/lib/problems.ts'
import { operations } from '../../src/manage/operations.ts'
import { codesOf } from '../../src/manage/runner/document.ts'

const forms = operations.map((operation) => {
  const parts = operation.path.split('/').map((part) => (part.startsWith('{') ? undefined : part))
  return { operation, parts }
})

/** Throws for a refusal that the operation behind a request below `/api/v1` does not declare. */
export function checkDeclared(method: string, target: string, code: unknown): void {
  const [path = ''] = target.split('?')
  const asked = path.split('/')
  const found = forms.find(({ operation, parts }) => {
    const same = parts.every((part, at) => part === undefined || part === asked[at])
    return operation.method === method && parts.length === asked.length && same
  })
  if (found === undefined || code === undefined) return
  const { operation } = found
  if (codesOf(operation).includes(code as Code)) return
  throw new Error(`${operation.id} answers ${code}, which it does not declare`)
}
