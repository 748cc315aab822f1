import { context, propagation } from '@opentelemetry/api'
import { RPC_METADATA } from '../trace-context'

/** Whether somebody has begun a span of the request that is being handled. */
export function isWithinRequest(): boolean {
  return context.active().getValue(RPC_METADATA) !== undefined
}

/** Whether one of these headers is for a trace: whoever has put it there, by the application's propagator, traces the request. */
export function carriesTrace(names: readonly unknown[]): boolean {
  const fields = propagation.fields()
  return names.some((name) => typeof name === 'string' && fields.includes(name.toLowerCase()))
}
