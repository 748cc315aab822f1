/**
 * Whether the environment tells OpenTelemetry's auto-instrumentations to do without one, by the name of its package: whoever
 * has refused them such spans does not want them of somebody else.
 */
export function isRefused(packageName: string): boolean {
  const isNamed = (name: string) => packageName === `@opentelemetry/instrumentation-${name}`
  const enabled = namesIn('OTEL_NODE_ENABLED_INSTRUMENTATIONS')
  return namesIn('OTEL_NODE_DISABLED_INSTRUMENTATIONS').some(isNamed) || (enabled.length > 0 && !enabled.some(isNamed))
}

function namesIn(variable: string): readonly string[] {
  return (process.env[variable] ?? '').split(',').flatMap((name) => name.trim() || [])
}
