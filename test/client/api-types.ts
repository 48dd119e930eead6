/**
 * The API's types as they should be committed: `npm run api` writes them, and a test compares them with
 * the file that is there.
 */
import openapiTypescript, { astToString } from 'openapi-typescript'
import { operations } from '../../src/manage/operations.ts'
import { describeOperations } from '../../src/manage/runner/document.ts'

export const apiTypesFile = new URL('../../src/client/api.d.ts', import.meta.url)

const head =
  '/** Made by `npm run api` from the OpenAPI document. Change an operation, never this file. */\n\n'

/** The whole text of the file; types are alike wherever the document is served. */
export async function writeApiTypes(): Promise<string> {
  const document = describeOperations(operations, 'http://127.0.0.1:8081')
  return head + astToString(await openapiTypescript(JSON.stringify(document)))
}
