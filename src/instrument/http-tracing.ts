import { hasSubscribers } from 'node:diagnostics_channel'
import { Server } from 'node:http'
import { createNoopMeter, type MeterProvider } from '@opentelemetry/api'
import type { Instruments } from '../facade/instruments'
import { errorText } from '../model/errors'

/** An instrumentation of OpenTelemetry's, as far as it is used here. It is at work once it is made. */
interface Instrumentation {
  setMeterProvider(provider: MeterProvider): void
  disable(): void
}

interface Kind {
  readonly packageName: string
  readonly className: string
  /** Whether the application has one at work already: a second one would make two spans of each request. */
  isThere(): boolean
}

const KINDS: readonly Kind[] = [
  {
    packageName: '@opentelemetry/instrumentation-http',
    className: 'HttpInstrumentation',
    // How OpenTelemetry's instrumentations mark a method that they have wrapped.
    isThere: () => (Server.prototype.emit as { readonly __wrapped?: unknown }).__wrapped === true,
  },
  {
    packageName: '@opentelemetry/instrumentation-undici',
    className: 'UndiciInstrumentation',
    isThere: () => hasSubscribers('undici:request:create'),
  },
]

/**
 * Has requests traced by OpenTelemetry's own instrumentations, where the application has not set them up itself. They make
 * the spans; their measurements go nowhere, because the requests are measured already. To be called before they are.
 *
 * A package that is not installed is told of in the log. `stop` ends the tracing.
 */
export function traceHttp(metrics: Instruments, load: (name: string) => unknown = require): { stop(): void } {
  const started = KINDS.flatMap((kind) => start(kind, metrics, load) ?? [])
  return {
    stop() {
      for (const instrumentation of started) instrumentation.disable()
    },
  }
}

function start(
  { packageName, className, isThere }: Kind,
  metrics: Instruments,
  load: (name: string) => unknown,
): Instrumentation | undefined {
  if (isThere()) return undefined
  try {
    const classes = load(packageName) as Readonly<Record<string, new () => Instrumentation>>
    const Class = classes[className]
    if (Class === undefined) throw new Error(`it has no ${className}`)
    const instrumentation = new Class()
    instrumentation.setMeterProvider({ getMeter: () => createNoopMeter() })
    return instrumentation
  } catch (error) {
    metrics.log.warn(
      `http.engine 'opentelemetry' needs ${packageName}, which cannot be loaded: ${errorText(error).split('\n', 1)[0]}. Install it; until then such requests are measured and not traced.`,
    )
    return undefined
  }
}
