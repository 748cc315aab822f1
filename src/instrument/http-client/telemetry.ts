import { context, createContextKey } from '@opentelemetry/api'
import { PUSH_AGENT } from '../../model/push-agent'

/** Where exporters put a mark for instrumentations, in the context that they send in (`suppressTracing` of the core package). */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
/** How an OTLP exporter names itself (OTLP exporter specification, "User Agent"). */
const OTLP_EXPORTER = 'OTel-OTLP-Exporter-'

/**
 * Whether a request that is being made carries telemetry: sending measurements must not make more of them. Exporters mark
 * the context, which takes a context manager to be seen; those of OTLP and our own pushes have a name.
 */
export function carriesTelemetry(userAgent: string): boolean {
  if (userAgent.includes(OTLP_EXPORTER) || userAgent.includes(PUSH_AGENT)) return true
  return context.active().getValue(SUPPRESS_TRACING) === true
}
