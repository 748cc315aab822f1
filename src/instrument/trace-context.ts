import type { EventEmitter } from 'node:events'
import { type Context, context, createContextKey, TraceFlags, trace } from '@opentelemetry/api'

/** Where OpenTelemetry's core package keeps what it knows of a request in its context (`setRPCMetadata`). */
export const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA')
/** An event of nobody else's. */
const PROBE = Symbol('meterkit.context')
/** A `traceparent` header (W3C Trace Context, section 3.2): trace, parent, flags. */
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/**
 * The context in which the listeners of an emitter run, where somebody has bound it to one, as OpenTelemetry's HTTP
 * instrumentation binds requests and responses to the request's span; else the active one. Listeners that were there
 * before it was bound, as ours are, run in neither, so one is added that asks. Never throws.
 */
export function contextOf(emitter: EventEmitter): Context {
  let found = context.active()
  try {
    emitter.once(PROBE, () => {
      found = context.active()
    })
    emitter.emit(PROBE)
  } catch {
    // A listener of `newListener` threw, or the emitter is no longer one.
  }
  return found
}

/** A context with the span that a `traceparent` header names; `undefined` where it names none. */
export function contextOfHeader(header: string): Context | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(header) ?? []
  if (traceId === undefined || spanId === undefined) return undefined
  const traceFlags = Number.parseInt(flags ?? '', 16) & TraceFlags.SAMPLED
  return trace.setSpanContext(context.active(), { traceId, spanId, traceFlags })
}
