import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import { freePort } from '../support/free-port'

interface JsonPoint {
  readonly asDouble?: number
  readonly asInt?: number | string
}

interface JsonRequest {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string
        readonly sum?: { readonly dataPoints: readonly JsonPoint[] }
      }[]
    }[]
  }[]
}

/** How a receiver treats a request; `undefined` takes it. */
export type Treatment = ((request: IncomingMessage, response: ServerResponse) => void) | undefined

/** A receiver of deltas in JSON that adds up the sums it is sent, and can be told to be in trouble. */
export class JsonReceiver {
  /** The added sums by metric. */
  readonly sums = new Map<string, number>()
  /** Called for each request, by its number. */
  treatment: (request: number) => Treatment = () => undefined
  requests = 0
  readonly #server: Server
  #port = 0

  constructor() {
    this.#server = createServer((request, response) => void this.#receive(request, response))
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/v1/metrics`
  }

  /** Listens on a free port; later, on the same one again. */
  async start(): Promise<void> {
    this.#port ||= await freePort()
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const treatment = this.treatment(this.requests++)
    if (treatment !== undefined) {
      treatment(request, response)
      return
    }
    const isZipped = request.headers['content-encoding'] === 'gzip'
    const { resourceMetrics } = (await json(isZipped ? request.pipe(createGunzip()) : request)) as JsonRequest
    for (const { name, sum } of resourceMetrics.flatMap(({ scopeMetrics }) =>
      scopeMetrics.flatMap((each) => each.metrics),
    )) {
      const added = (sum?.dataPoints ?? []).map(({ asDouble, asInt }) => asDouble ?? Number(asInt))
      this.sums.set(
        name,
        added.reduce((total, value) => total + value, this.sums.get(name) ?? 0),
      )
    }
    response.setHeader('content-type', 'application/json').end('{}')
  }
}
