/** Decision tests as JUnit XML, which build servers read: a suite for each file. */
import type { CaseReport, FileResult, TestResult } from '../../policy/cases/run-cases.ts'
import type { RunFacts } from './junit.ts'
import { describeFailure } from './test-text.ts'
import { attributes, escapeXml } from './xml.ts'

export function writeTestsJunit({ files }: CaseReport, facts: RunFacts): string {
  const each = { ...facts, seconds: facts.seconds / Math.max(files.length, 1) }
  const suites = files.map((file, id) => writeSuite(file, id, each))
  const head = '<?xml version="1.0" encoding="UTF-8"?>'
  return [head, '<testsuites>', ...suites, '</testsuites>', ''].join('\n')
}

function writeSuite({ file, tests }: FileResult, id: number, facts: RunFacts): string {
  const head = attributes({
    package: 'gatehouse.test',
    id,
    name: file,
    // The schema has no place for a time zone.
    timestamp: facts.startedAt.toISOString().slice(0, 19),
    hostname: facts.host,
    tests: tests.length,
    failures: tests.filter(({ failed }) => failed > 0).length,
    errors: 0,
    time: facts.seconds.toFixed(3),
  })
  return [
    `  <testsuite${head}>`,
    '    <properties/>',
    ...tests.map((test) => writeTest(file, test)),
    '    <system-out/>',
    '    <system-err/>',
    '  </testsuite>',
  ].join('\n')
}

/** One failure for each test: the schema has no place for a second. */
function writeTest(classname: string, { test, failed, decisions, failures }: TestResult): string {
  const head = attributes({ name: test.name, classname, time: '0' })
  if (failed === 0) return `    <testcase${head}/>`
  const message = `${failed} of ${decisions} decisions are not as expected`
  const said = failures.flatMap((failure) => {
    const { line, column } = failure.place
    const place = `${classname}:${line}:${column}`
    return [`${place}: ${describeFailure(failure)}`, ...(failure.why ?? [])]
  })
  return [
    `    <testcase${head}>`,
    `      <failure${attributes({ message, type: 'decision' })}>${escapeXml(said.join('\n'))}</failure>`,
    '    </testcase>',
  ].join('\n')
}
