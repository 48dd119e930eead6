/** Findings as JUnit XML, which build servers show as failed tests: a suite for each file. */
import { type Finding, isAtLeast } from '../../policy/finding.ts'
import { describeProblem } from '../../policy/problem.ts'
import { type Looked, type ReportOptions, textsOf } from './findings.ts'
import { attributes, escapeXml } from './xml.ts'

/** What a run of tests would know beside its outcome. */
export interface RunFacts {
  readonly host: string
  readonly startedAt: Date
  readonly seconds: number
}

/** A file without a failure is one test that passed; what does not count as one is in its output. */
export function writeJunit(
  looked: readonly Looked[],
  options: Pick<ReportOptions, 'least'>,
  facts: RunFacts,
): string {
  const suites = looked.flatMap((one) => {
    const byFile = Map.groupBy(one.findings, ({ file }) => file)
    const files = new Set([...textsOf(one).keys(), ...byFile.keys()])
    return [...files].map((file) => ({ file, findings: byFile.get(file) ?? [] }))
  })
  const each = { ...facts, seconds: facts.seconds / Math.max(suites.length, 1) }
  const written = suites.map((suite, id) => writeSuite(suite, id, options, each))
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    ...written,
    '</testsuites>',
    '',
  ].join('\n')
}

interface Suite {
  readonly file: string
  readonly findings: readonly Finding[]
}

function writeSuite(
  { file, findings }: Suite,
  id: number,
  { least }: Pick<ReportOptions, 'least'>,
  { host, startedAt, seconds }: RunFacts,
): string {
  const failed = findings.filter(({ severity }) => isAtLeast(severity, least))
  const others = findings.filter(({ severity }) => !isAtLeast(severity, least))
  const head = attributes({
    package: 'gatehouse.check',
    id,
    name: file,
    // The schema has no place for a time zone.
    timestamp: startedAt.toISOString().slice(0, 19),
    hostname: host,
    tests: Math.max(failed.length, 1),
    failures: failed.length,
    errors: 0,
    time: seconds.toFixed(3),
  })
  const said = others.map((finding) => `${finding.severity}: ${describeProblem(finding)}`)
  return [
    `  <testsuite${head}>`,
    '    <properties/>',
    ...(failed.length === 0
      ? [`    <testcase${caseOf(file, 'nothing found')}/>`]
      : failed.map(writeFailure)),
    `    <system-out>${escapeXml(said.join('\n'))}</system-out>`,
    '    <system-err/>',
    '  </testsuite>',
  ].join('\n')
}

function writeFailure(finding: Finding): string {
  const { file, line, column, kind, severity, message } = finding
  const failure = attributes({ message, type: `${severity}: ${kind}` })
  const text = escapeXml(describeProblem(finding))
  return [
    `    <testcase${caseOf(file, `${line}:${column} ${kind}`)}>`,
    `      <failure${failure}>${text}</failure>`,
    '    </testcase>',
  ].join('\n')
}

function caseOf(classname: string, name: string): string {
  return attributes({ name, classname, time: '0' })
}
