import { DefinitionError } from '../model/errors'
import { checkAllOptions, checkOptions } from './check-options'
import { type Environment, type Given, optionsFromEnvironment } from './environment'
import { optionsFromFile } from './file'
import type { MetricsOptions } from './options'
import { resolved } from './resolve'

/** The variable that names a configuration file (OpenTelemetry specification, "Declarative configuration"). */
export const CONFIG_FILE = 'OTEL_CONFIG_FILE'

/**
 * The options of a process: those of its code, before those of the environment, before those of the file that
 * `OTEL_CONFIG_FILE` names. Throws for the first that cannot be; of the environment's, `fault` is told, if it is given, and
 * they are left out.
 */
export function optionsOfProcess(
  code: MetricsOptions,
  env: Environment,
  fault: (message: string) => void = refuse,
): Given {
  checkOptions(code)
  const file = env[CONFIG_FILE] ?? ''
  const given = resolved([
    { options: code, origins: new Map() },
    optionsFromEnvironment(env, fault),
    ...(file === '' ? [] : [optionsFromFile(file)]),
  ])
  checkAllOptions(given.options)
  return given
}

function refuse(message: string): never {
  throw new DefinitionError(`Cannot start "metrics": ${message}`)
}
