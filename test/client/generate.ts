/** `npm run api`: writes the API's types anew, after an operation was added or changed. */
import { writeFileSync } from 'node:fs'
import { apiTypesFile, writeApiTypes } from './api-types.ts'

writeFileSync(apiTypesFile, await writeApiTypes())
