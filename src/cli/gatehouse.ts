#!/usr/bin/env node
/** The command line. Commands read files and ask the management API; none opens the database. */
import { Command, CommanderError } from 'commander'
import { auditCommand } from './audit-command.ts'
import { teachOnMistakes } from './command.ts'
import { CommandError, exits, openTerminal } from './terminal.ts'

const help = `
Exit status: 0 when all is well, 1 when something was found, 2 when the command could not do its work.
`

const terminal = openTerminal()
const program = new Command('gatehouse')
  .description('Policy as code for Gatehouse: look at policy files and at a running gateway.')
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
  if (!(error instanceof CommandError)) throw error
  terminal.note(`${error.message}\n`)
  return exits.failed
}
