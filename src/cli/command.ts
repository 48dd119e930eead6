/** What all commands of the command line have in common. */
import { type Command, Option } from 'commander'
import type { Exit } from './terminal.ts'

/** An action of a command that ends with a status; the process ends with it when all is written. */
export function ends<A extends unknown[]>(
  action: (...args: A) => Exit | Promise<Exit>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    process.exitCode = await action(...args)
  }
}

/** `--format`, with the forms that a command can write, the first by default. */
export function formatOption(forms: readonly [string, ...string[]]): Option {
  return new Option('--format <form>', 'what is written').choices([...forms]).default(forms[0])
}

/** `--model`, for a model that does not lie where it is looked for. */
export function modelOption(): Option {
  return new Option('--model <file>', 'the model, where it is not beside the policies')
}

/**
 * Lets a mistake, wherever below `program` it is made, say how to go on and reach the caller as a
 * `CommanderError`: the status is ours, since 1 means that something was found.
 */
export function teachOnMistakes(program: Command): void {
  program.exitOverride()
  program.showHelpAfterError(`Try ${pathOf(program)} --help.`)
  program.showSuggestionAfterError()
  for (const command of program.commands) teachOnMistakes(command)
}

function pathOf(command: Command): string {
  const above = command.parent
  return above === null ? command.name() : `${pathOf(above)} ${command.name()}`
}
