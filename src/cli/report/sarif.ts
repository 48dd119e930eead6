/** Findings as SARIF 2.1.0, which code hosts show beside the lines of a change. */
import type { Finding } from '../../policy/finding.ts'
import type { Looked } from './findings.ts'

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json'

/** One run with every finding; `version` is the product's own. */
export function writeSarif(looked: readonly Looked[], version: string): string {
  const findings = looked.flatMap((one) => one.findings)
  const kinds = [...new Set(findings.map(({ kind }) => kind))].toSorted()
  const places = new Map(kinds.map((kind, at) => [kind, at]))
  const driver = {
    name: 'Gatehouse',
    semanticVersion: version,
    rules: kinds.map((id) => ({ id, shortDescription: { text: id.replaceAll('-', ' ') } })),
  }
  const results = findings.map((finding) => resultOf(finding, places.get(finding.kind) ?? -1))
  const run = { tool: { driver }, columnKind: 'utf16CodeUnits', results }
  return `${JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, null, 2)}\n`
}

function resultOf(finding: Finding, ruleIndex: number) {
  const { kind, severity, message, related } = finding
  return {
    ruleId: kind,
    ruleIndex,
    level: severity,
    message: { text: message },
    locations: [{ physicalLocation: locationOf(finding) }],
    ...(related !== undefined && {
      relatedLocations: [
        {
          id: 0,
          physicalLocation: locationOf(related),
          message: { text: 'this has to do with it' },
        },
      ],
    }),
  }
}

function locationOf({ file, line, column }: Pick<Finding, 'file' | 'line' | 'column'>) {
  return {
    artifactLocation: { uri: uriOf(file) },
    region: { startLine: line, startColumn: column },
  }
}

/** A relative reference (RFC 3986): a file may be called as no URI can be. */
function uriOf(file: string): string {
  return file
    .split('/')
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/')
}
