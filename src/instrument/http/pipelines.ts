import type { Socket } from 'node:net'
import type { Exchange } from './exchange'

/** What a service keeps on a socket. */
interface Tracked {
  /** How many exchanges of the socket are open. */
  [open: symbol]: number | undefined
}

/**
 * Ends pipelined requests whose connection closed before their response got its turn.
 *
 * A response that waits behind another has no socket yet, and Node.js before 24 lets it go without a `close` event. So a
 * request that arrives while another of its socket is open is ended by the socket's own `close`, unless its response was first.
 * The listener is set once a socket, and only on sockets that pipeline.
 */
export class Pipelines {
  readonly #open = Symbol('meterkit.http.open')
  readonly #waiting = new WeakMap<Socket, Set<Exchange>>()

  constructor(private readonly onLost: (exchange: Exchange) => void) {}

  enter(exchange: Exchange): void {
    const socket = exchange.socket as Socket & Tracked
    const open = socket[this.#open]
    exchange.isFirst = open === undefined
    socket[this.#open] = open === undefined ? 1 : open + 1
    if (open !== undefined && open > 0) this.#wait(exchange)
  }

  leave(exchange: Exchange): void {
    const socket = exchange.socket as Socket & Tracked
    socket[this.#open] = (socket[this.#open] ?? 1) - 1
    exchange.waiting?.delete(exchange)
  }

  #wait(exchange: Exchange): void {
    const socket = exchange.socket as Socket
    let waiting = this.#waiting.get(socket)
    if (waiting === undefined) {
      const set = new Set<Exchange>()
      this.#waiting.set(socket, set)
      socket.once('close', () => {
        for (const lost of set) this.onLost(lost)
      })
      waiting = set
    }
    waiting.add(exchange)
    exchange.waiting = waiting
  }
}
