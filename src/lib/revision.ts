/** Revisions as headers name them, in `Gatehouse-Revision` and `Gatehouse-Min-Revision`. */

export interface Revision {
  /** Bare id. */
  readonly organisation: string
  readonly revision: number
}

const REVISION = /^([a-z0-9-]{1,64}):(\d{1,15})$/

/** Reads `<organisation>:<n>`, as in `acme:7`; `undefined` for anything else. */
export function readRevision(text: string): Revision | undefined {
  const [, organisation, revision] = REVISION.exec(text) ?? []
  return organisation === undefined ? undefined : { organisation, revision: Number(revision) }
}
