import type { Socket } from 'node:net'
import type { Exchange, Pipeline } from './exchange'

/**
 * Ends pipelined requests whose connection closed before their response got its turn.
 *
 * A response that waits behind another has no socket yet, and Node.js before 24 lets it go without a `close` event. So a
 * request that arrives while another of its socket is open is ended by the socket's own `close`, unless its response was first.
 * The listener is set once a socket, and only on sockets that pipeline.
 */
export class Pipelines {
  readonly #key = Symbol('meterkit.http.pipeline')

  constructor(private readonly onLost: (exchange: Exchange) => void) {}

  enter(exchange: Exchange, socket: Socket): void {
    const tracked = socket as object as Tracked
    let pipeline = tracked[this.#key]
    if (pipeline === undefined) {
      pipeline = { open: 0, waiting: undefined }
      tracked[this.#key] = pipeline
      exchange.isFirst = true
    } else if (pipeline.open > 0) this.#wait(exchange, pipeline, socket)
    pipeline.open++
    exchange.pipeline = pipeline
  }

  #wait(exchange: Exchange, pipeline: Pipeline, socket: Socket): void {
    let { waiting } = pipeline
    if (waiting === undefined) {
      const set = new Set<Exchange>()
      pipeline.waiting = set
      socket.once('close', () => {
        for (const lost of set) this.onLost(lost)
      })
      waiting = set
    }
    waiting.add(exchange)
  }
}

/** Takes an exchange that has ended out of its connection's. */
export function leavePipeline(exchange: Exchange): void {
  const { pipeline } = exchange
  if (pipeline === undefined) return
  pipeline.open--
  pipeline.waiting?.delete(exchange)
}

/** What a service keeps on a socket. */
interface Tracked {
  [pipeline: symbol]: Pipeline | undefined
}
