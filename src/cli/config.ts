import { parseArgs } from 'node:util'
import { fileSchema } from '../config/file-schema'
import { missingNeeds } from '../config/needs'
import { settingsOf } from '../config/settings'
import { optionsOfProcess } from '../config/sources'
import { errorText } from '../model/errors'
import type { Command, Output } from './command'

/** `meterkit config`: the options that a process started here would have. Those of its code cannot be known. */
export const config: Command = {
  help: `meterkit config [--json | --schema]

  Prints each option that has a value, and where it comes from: a variable of the environment, the file
  that OTEL_CONFIG_FILE names, or its default. What the code gives goes before all of them. Secrets are
  masked. Ends with 1 where an option cannot be what it is, or needs a package or a file that is not here.

  --json    the same as JSON
  --schema  the JSON Schema of distribution.meterkit in a configuration file`,
  run(args, env, output) {
    try {
      const { json, schema } = parseArgs({
        args: [...args],
        options: { json: { type: 'boolean' }, schema: { type: 'boolean' } },
      }).values
      if (schema === true) {
        output.out(JSON.stringify(fileSchema(), undefined, 2))
        return 0
      }
      return printSettings(env, json === true, output)
    } catch (error) {
      output.error(errorText(error))
      return 1
    }
  },
}

function printSettings(env: NodeJS.ProcessEnv, json: boolean, output: Output): number {
  let faults = 0
  const fault = (message: string) => {
    faults++
    output.error(message)
  }
  const given = optionsOfProcess({}, env, fault)
  for (const missing of missingNeeds(given.options)) fault(missing)
  const settings = settingsOf(given)
  if (faults > 0) return 1
  if (json) {
    const byPath = settings.map(({ path, value, from }) => [path, { value, from }])
    output.out(JSON.stringify(Object.fromEntries(byPath), undefined, 2))
    return 0
  }
  const rows = settings.map(({ path, value, from }) => [path, JSON.stringify(value), from] as const)
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column as 0 | 1].length)))
  output.out(rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')).join('\n'))
  return 0
}
