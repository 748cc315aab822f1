import { isDeepStrictEqual } from 'node:util'
import { serves } from './enabled'
import type { MetricsOptions } from './options'
import { settingsOf } from './settings'

/** What may change while a service runs, with all that is inside. */
const CHANGEABLE = /^(exporters|otlp|console|push|views|exemplars|cardinalityLimit)\b/

/** The options that are other than at the start and wait for the next start of the process, by their paths. */
export function startOnly(before: MetricsOptions, after: MetricsOptions): string[] {
  const [old, now] = [before, after].map(
    (options) => new Map(settingsOf({ options, origins: new Map() }).map(({ path, value }) => [path, value])),
  ) as [Map<string, unknown>, Map<string, unknown>]
  return [...new Set([...old.keys(), ...now.keys()])].filter(
    (path) =>
      !CHANGEABLE.test(path) &&
      // Where there is no endpoint now, nobody asks where it is.
      (serves(after) || !path.startsWith('prometheus.')) &&
      !isDeepStrictEqual(old.get(path), now.get(path)),
  )
}
