import type { IncomingMessage } from 'node:http'

/** Told of a request that shall not be counted. */
export type ExclusionListener = (request: IncomingMessage) => void

const listeners = new Set<ExclusionListener>()

/**
 * Takes a request out of the HTTP metrics of every service of this process: it stops being in flight at once, and is
 * neither counted nor timed. The metrics endpoint calls it for its own scrapes. Without effect once the response has closed.
 */
export function excludeRequest(request: IncomingMessage): void {
  for (const listener of listeners) listener(request)
}

/** Has a listener hear of every excluded request. Returns what ends it. */
export function onExcludedRequest(listener: ExclusionListener): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

/** On servers that are asked for nothing but metrics, whichever copy of this package made them. */
const OWN = Symbol.for('meterkit.endpoint')

/** Has nobody trace the requests of a server of our own. */
export function markOwnServer(server: object): void {
  Object.defineProperty(server, OWN, { value: true })
}

export function isOwnServer(server: unknown): boolean {
  return (server as { readonly [OWN]?: true } | undefined)?.[OWN] === true
}
