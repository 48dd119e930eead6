/** Where the policy files lie, for the gateway that serves them and the command line that checks them. */
import { listFiles, readText, shownName, signatureOf } from './folder.ts'
import { limits } from './limits.ts'

export interface PolicyPlace {
  readonly policyDir: string
  readonly modelFile: string
}

/** What lies there, by the names that people know the files by. */
export interface PolicyFolder {
  readonly model: { readonly name: string; readonly text: string }
  readonly files: ReadonlyMap<string, string>
}

/** Reads everything; throws the file system's error. */
export function readPolicyFolder(place: PolicyPlace): PolicyFolder {
  const [modelFile = place.modelFile, ...names] = namesOf(place)
  const read = (file: string) => readText(file, limits.policyFileBytes)
  return {
    model: { name: shownName(modelFile), text: read(modelFile) },
    files: new Map(names.map((file) => [shownName(file), read(file)])),
  }
}

/** Changes with every edit; a file that vanishes between listing and asking is a change as well. */
export function policySignature(place: PolicyPlace): string {
  try {
    return signatureOf(namesOf(place))
  } catch (error) {
    return String(error)
  }
}

function namesOf({ policyDir, modelFile }: PolicyPlace): string[] {
  return [modelFile, ...listFiles(policyDir, ['.csv', '.yaml'])]
}
