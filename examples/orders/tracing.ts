import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import type { RequestHandler } from 'express'

/** Has spans made, so that measurements leave their traces' ids as exemplars. A real service would export them, too. */
export function startTracing(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new TracerProvider())
}

/** Puts each request into a span of its own and tells its ids (W3C Trace Context, Level 2, section "traceresponse"). */
export const traceRequest: RequestHandler = (request, response, next) => {
  trace.getTracer('orders').startActiveSpan(request.method, (span) => {
    const { traceId, spanId, traceFlags } = span.spanContext()
    response.setHeader('traceresponse', `00-${traceId}-${spanId}-0${traceFlags}`)
    response.once('close', () => span.end())
    next()
  })
}
