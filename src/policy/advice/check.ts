/**
 * Everything that can be said of policy files: what stops them, and where nothing does, advice. Advice
 * on half a policy would mislead, so it waits until the errors are mended.
 */
import type { Steps } from '../../lib/turns.ts'
import { type PolicyFiles, type PolicyTexts, parsePolicyFiles } from '../files/files.ts'
import { createPlaces } from '../files/yaml-file.ts'
import { type Finding, severities } from '../finding.ts'
import { PolicyError } from '../problem.ts'
import { isProductModel } from '../questions/product-model.ts'
import { findApplications, type PlaceOf } from './applications.ts'
import { findMatcher } from './matcher.ts'
import { findObjects } from './objects.ts'
import { findOverlaps, findRedundantRoles } from './overlaps.ts'
import { findRoleNames } from './role-names.ts'

/** What reads further files, such as `*.test.yaml`, and names what is wrong in them. */
export type FurtherCheck = (texts: PolicyTexts, files: PolicyFiles | undefined) => Finding[]

/** Every finding, in the order of files, lines and columns. */
export function* checkPolicy(
  texts: PolicyTexts,
  further: readonly FurtherCheck[] = [],
): Steps<Finding[]> {
  const read = readFiles(texts)
  const found = 'problems' in read ? read.problems : yield* findAdvice(read.files, texts)
  const files = 'files' in read ? read.files : undefined
  return inOrder([...found, ...further.flatMap((check) => check(texts, files))])
}

function readFiles(texts: PolicyTexts): { files: PolicyFiles } | { problems: Finding[] } {
  try {
    return { files: parsePolicyFiles(texts) }
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    const problems = error.problems.map((problem): Finding => {
      return { ...problem, kind: problem.kind ?? 'policy', severity: 'error' }
    })
    return { problems }
  }
}

/** What is worth saying of files that may be served. */
function* findAdvice(files: PolicyFiles, texts: PolicyTexts): Steps<Finding[]> {
  const { model, guardrails, applications } = files
  const found = [...findMatcher(model, guardrails)]
  found.push(...(yield* findRoleNames(guardrails)))
  found.push(...(yield* findRedundantRoles(guardrails)))
  // Rules of another matcher say less than they decide, or more.
  if (!isProductModel(model)) return found
  found.push(...(yield* findObjects(guardrails, applications)))
  found.push(...(yield* findOverlaps(guardrails)))
  found.push(...(yield* findApplications(guardrails, applications, placesIn(texts))))
  return found
}

function placesIn({ files }: PolicyTexts): PlaceOf {
  const [file, text] = [...files].find(([name]) => /(?:^|\/)apps\.yaml$/.test(name)) ?? ['', '']
  const places = createPlaces(text)
  return (path) => ({ file, ...places(path) })
}

function inOrder(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((one, other) => {
    if (one.file !== other.file) return one.file < other.file ? -1 : 1
    const place = one.line - other.line || one.column - other.column
    return place || severities.indexOf(one.severity) - severities.indexOf(other.severity)
  })
}
