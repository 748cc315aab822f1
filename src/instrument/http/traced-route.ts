import type { EventEmitter } from 'node:events'
import { TracedNow } from '../../facade/is-traced'
import { contextOf, RPC_METADATA } from '../trace-context'

/** The routes that somebody who traces has found: an instrumentation of a framework, or the application by `setRPCMetadata`. */
export class TracedRoutes {
  readonly #traced = new TracedNow()

  /** The route of a request that arrived then; `undefined` where there is none, and where nothing traces. Never throws. */
  of(response: EventEmitter, arrivedMs: number): string | undefined {
    if (!this.#traced.at(arrivedMs)) return undefined
    try {
      const metadata = contextOf(response).getValue(RPC_METADATA) as { readonly route?: unknown } | undefined
      const route = metadata?.route
      return typeof route === 'string' && route !== '' ? route : undefined
    } catch {
      // A context that is none.
      return undefined
    }
  }
}
