import { received } from '../model/errors'
import { mend } from '../model/mend'
import type { Command, Output } from './command'
import { config } from './config'

const COMMANDS: Readonly<Record<string, Command>> = { config }

/** Runs `meterkit` with these arguments, and returns the exit code. */
export function run(args: readonly string[], env: NodeJS.ProcessEnv, output: Output): number {
  const [name = '--help', ...others] = args
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command !== undefined && !others.includes('--help')) return command.run(others, env, output)
  if (command !== undefined || name === '--help') {
    const shown = command === undefined ? Object.values(COMMANDS) : [command]
    output.out(shown.map(({ help }) => help).join('\n\n'))
    return 0
  }
  const known = Object.keys(COMMANDS)
  output.error(
    `Cannot run "meterkit": the command must be ${known.join(' or ')}, got ${received(name)}. ${mend(name, known) ?? 'Run meterkit --help.'}`,
  )
  return 1
}
