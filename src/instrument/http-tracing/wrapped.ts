/** How the base package of OpenTelemetry's instrumentations marks a method that it has wrapped. */
interface Marked {
  readonly __wrapped?: unknown
}

/** Whether an instrumentation of OpenTelemetry's stands before a method. */
export function isWrapped(method: unknown): boolean {
  return (method as Marked | undefined)?.__wrapped === true
}
