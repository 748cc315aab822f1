/** The part of Node.js's `EventEmitter` that limits how many listeners an event may have without a warning. */
export interface LimitedEmitter {
  getMaxListeners(): number
  setMaxListeners(count: number): unknown
}

/**
 * Makes room for one more listener of each event, so that the emitter warns of too many when the application has added
 * them and not one earlier. Returns what takes the room away again.
 */
export function makeListenerRoom(emitter: LimitedEmitter): () => void {
  const change = (by: number): void => {
    const limit = emitter.getMaxListeners()
    // 0 and Infinity mean no limit, so it is left alone where it is none, and never becomes none.
    if (limit > 0 && limit !== Number.POSITIVE_INFINITY) emitter.setMaxListeners(Math.max(1, limit + by))
  }
  change(1)
  return () => change(-1)
}
