import type { MetricsOptions, PrometheusOptions } from './options'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The options that the environment gives, by the names that OpenTelemetry has for them. A name or attributes of the
 * resource (`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`) are read where the resource is made. Empty values count as
 * unset; of one that cannot be, `warn` is told, and the default stands (OpenTelemetry specification, "Environment
 * variables").
 */
export function optionsFromEnvironment(env: Environment, warn: (message: string) => void): MetricsOptions {
  const host = env.OTEL_EXPORTER_PROMETHEUS_HOST ?? ''
  const port = portOf(env.OTEL_EXPORTER_PROMETHEUS_PORT ?? '', warn)
  const prometheus: PrometheusOptions = { ...(host !== '' && { host }), ...(port !== undefined && { port }) }
  return { prometheus }
}

function portOf(text: string, warn: (message: string) => void): number | undefined {
  if (text === '') return undefined
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  warn(
    `OTEL_EXPORTER_PROMETHEUS_PORT must be a whole number from 0 to 65535, got ${JSON.stringify(text)}: it is not used.`,
  )
  return undefined
}
