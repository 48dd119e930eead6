#!/usr/bin/env node
/** The command line. Commands read files and ask the management API; none opens the database. */
import { Command, CommanderError } from 'commander'
import { describeProblem, PolicyError } from '../policy/problem.ts'
import { auditCommand } from './audit-command.ts'
import { checkCommand } from './check-command.ts'
import { teachOnMistakes } from './command.ts'
import { diffCommand } from './diff-command.ts'
import { explainCommand } from './explain-command.ts'
import { whatCanCommand, whoCanCommand } from './search-commands.ts'
import { CommandError, exits, openTerminal } from './terminal.ts'
import { testCommand } from './test-command.ts'

const help = `
Exit status: 0 when all is well, 1 when something was found, 2 when the command could not do its work.
`

const PROBLEMS_SHOWN = 10

const terminal = openTerminal()
const program = new Command('gatehouse')
  .description('Policy as code for Gatehouse: look at policy files and at a running gateway.')
  .addCommand(checkCommand(terminal))
  .addCommand(explainCommand(terminal))
  .addCommand(whoCanCommand(terminal))
  .addCommand(whatCanCommand(terminal))
  .addCommand(testCommand(terminal))
  .addCommand(diffCommand(terminal))
  .addCommand(auditCommand(terminal))
  .addHelpText('after', help)
teachOnMistakes(program)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = statusOf(error)
}

/** A mistake in the command was told already; what a person can mend is told without a stack. */
function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exits.well : exits.failed
  if (error instanceof PolicyError) terminal.note(describeProblems(error))
  else if (error instanceof CommandError) terminal.note(`${error.message}\n`)
  else throw error
  return exits.failed
}

/** The first problems of a policy that no command can work with; `check` tells all of them well. */
function describeProblems({ problems }: PolicyError): string {
  const shown = problems.slice(0, PROBLEMS_SHOWN).map(describeProblem).join('\n')
  const more = problems.length - PROBLEMS_SHOWN
  return `${shown}\n${more > 0 ? `and ${more} more; ` : ''}see gatehouse check.\n`
}
