/** The command line. Commands read files and the management API; none opens the database. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { judge, NotAuditError } from './audit-verify.ts'

const help = `gatehouse <command>

  audit verify [file]   Whether exported audit entries are one unbroken chain.
                        Reads JSON lines from the file, or from standard input.
      --head HASH       The hash that the last entry must have, as you noted it before.

  curl -H "Authorization: Bearer $KEY" \\
    "http://127.0.0.1:8081/api/v1/orgs/acme/audit?order=oldest&limit=200" |
    jq -c '.items[]' | npm run -s gatehouse -- audit verify

Exit status: 0 when all is well, 1 when it is not, 2 when the command could not be understood.
`

/** Runs a command; returns the exit status. */
function run(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { head: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  const [group, command, file, ...more] = positionals
  if (values.help === true || group === undefined) {
    process.stdout.write(help)
    return group === undefined && values.help !== true ? 2 : 0
  }
  if (group !== 'audit' || command !== 'verify' || more.length > 0) {
    process.stderr.write(`"${positionals.join(' ')}" is no command.\n\n${help}`)
    return 2
  }
  const { text, sound } = judge(readFileSync(file ?? 0, 'utf8'), values.head)
  process.stdout.write(`${text}\n`)
  return sound ? 0 : 1
}

try {
  process.exitCode = run(process.argv.slice(2))
} catch (error) {
  const { message } = error as Error
  process.stderr.write(`${message}\n`)
  process.exitCode = error instanceof NotAuditError ? 1 : 2
}
