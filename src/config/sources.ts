import { DefinitionError } from '../model/errors'
import { checkAllOptions, checkOptions } from './check-options'
import { CONFIG_FILE, type Environment, type Given, optionsFromEnvironment } from './environment'
import { optionsFromFile } from './file'
import type { MetricsOptions } from './options'
import { resolved } from './resolve'

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
  const sources = [
    { options: code, origins: new Map() },
    optionsFromEnvironment(env, fault),
    ...(file === '' ? [] : [optionsFromFile(file)]),
  ]
  const given = resolved(sources.map(withServiceName))
  checkAllOptions(given.options)
  return given
}

/** A source that says `service.name` among the attributes of the resource: that is `serviceName` for those behind it, too. */
function withServiceName({ options, origins }: Given): Given {
  const name = options.resource?.['service.name']
  if (typeof name !== 'string' || options.serviceName !== undefined) return { options, origins }
  const origin = origins.get('resource')
  return {
    options: { ...options, serviceName: name },
    origins: origin === undefined ? origins : new Map([...origins, ['serviceName', origin]]),
  }
}

function refuse(message: string): never {
  throw new DefinitionError(`Cannot start "metrics": ${message}`)
}
