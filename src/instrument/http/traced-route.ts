import type { EventEmitter } from 'node:events'
import { isTraced } from '../../facade/is-traced'
import { contextOf, RPC_METADATA } from '../trace-context'

/**
 * The route that somebody who traces has found for a request: an instrumentation of a framework, or the application by
 * `setRPCMetadata`. `undefined` where there is none, and where nothing traces. Never throws.
 */
export function tracedRoute(response: EventEmitter): string | undefined {
  if (!isTraced()) return undefined
  try {
    const metadata = contextOf(response).getValue(RPC_METADATA) as { readonly route?: unknown } | undefined
    const route = metadata?.route
    return typeof route === 'string' && route !== '' ? route : undefined
  } catch {
    // A context that is none.
    return undefined
  }
}
