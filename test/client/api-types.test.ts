import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { apiTypesFile, writeApiTypes } from './api-types.ts'

test('the committed types are those of the document as it is: else run npm run api', async () => {
  // Not `toBe`: a difference of thousands of lines helps nobody.
  const same = readFileSync(apiTypesFile, 'utf8') === (await writeApiTypes())
  expect(same, 'src/client/api.d.ts is stale; run "npm run api"').toBe(true)
})
