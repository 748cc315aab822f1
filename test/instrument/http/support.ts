import { once } from 'node:events'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { createServer, request as sendRequest } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import type { MetricsService } from '../../../src/init'
import { createMetrics } from '../../../src/init'
import type { Instrumentation } from '../../../src/instrument/http/http-server'
import { instrumentHttp } from '../../../src/instrument/http/http-server'
import type { HttpOptions } from '../../../src/model/http-options'
import { samplesOf } from '../../support/page'
import { until } from '../../support/until'

export interface Answer {
  readonly status: number
  readonly body: string
}

/** What one test starts, and what has to end with it. */
export class Fixture {
  readonly warnings: string[] = []
  readonly errors: string[] = []
  readonly #ends: (() => unknown)[] = []

  /** A service of its own whose HTTP metrics are the test's. */
  service(options: HttpOptions = {}): MetricsService & { readonly http: Instrumentation } {
    const metrics = createMetrics({
      serviceName: 'test',
      exporters: [],
      http: false,
      runtime: false,
      logger: { info() {}, warn: (text) => this.warnings.push(text), error: (text) => this.errors.push(text) },
    })
    const http = instrumentHttp(metrics, options)
    this.atEnd(() => metrics.shutdown())
    this.atEnd(() => http.stop())
    return Object.assign(metrics, { http })
  }

  async listen(handler: RequestListener): Promise<Server> {
    const server = createServer(handler)
    await this.started(server)
    return server
  }

  async started(server: Server): Promise<number> {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.atEnd(() => {
      server.close()
      server.closeAllConnections()
    })
    return portOf(server)
  }

  /** A plain socket to a server; errors of a connection that the server ends are part of the tests. */
  async socket(server: Server): Promise<Socket> {
    const socket = connect(portOf(server), '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    this.atEnd(() => socket.destroy())
    return socket
  }

  atEnd(end: () => unknown): void {
    this.#ends.push(end)
  }

  async end(): Promise<void> {
    for (const end of this.#ends.reverse()) await end()
    this.#ends.length = 0
  }
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** Sends one request on a connection of its own and reads the answer. */
export async function ask(server: Server, method: string, path: string, body = '', headers = {}): Promise<Answer> {
  const request = sendRequest({ port: portOf(server), host: '127.0.0.1', method, path, agent: false, headers })
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  return { status: response.statusCode ?? 0, body: text }
}

/** The requests that were counted, as `METHOD path status` to how many; the durations must have the same counts. */
export async function requestsOf(metrics: MetricsService): Promise<Record<string, number>> {
  const samples = samplesOf((await metrics.render()).body)
  const requests: Record<string, number> = {}
  for (const [series, value] of samples) {
    const labels = /^http_requests_total\{method="(.*)",path="(.*)",status_code="(.*)"\}$/.exec(series)
    if (labels === null) continue
    const durations = samples.get(series.replace('http_requests_total', 'http_request_duration_seconds_count'))
    if (durations !== value) throw new Error(`${series} is ${value}, but its durations are ${durations}`)
    requests[`${labels[1]} ${labels[2]} ${labels[3]}`] = value
  }
  return requests
}

/** How many requests are in flight, by method. */
export async function inFlightOf(metrics: MetricsService): Promise<Record<string, number>> {
  const inFlight: Record<string, number> = {}
  for (const [series, value] of samplesOf((await metrics.render()).body)) {
    const method = /^http_requests_in_flight\{method="(.*)"\}$/.exec(series)?.[1]
    if (method !== undefined) inFlight[method] = value
  }
  return inFlight
}

/** The counts once so many requests are counted: a response closes a moment after its client has read it. */
export async function counted(metrics: MetricsService, requests: number): Promise<Record<string, number>> {
  return await until(
    `${requests} counted requests`,
    async () => {
      const counts = await requestsOf(metrics)
      return sum(counts) >= requests ? counts : undefined
    },
    { everyMs: 1 },
  )
}

/** Waits until so many requests are in flight. */
export async function inFlight(metrics: MetricsService, requests: number): Promise<void> {
  await until(
    `${requests} requests in flight`,
    async () => (sum(await inFlightOf(metrics)) === requests ? true : undefined),
    { everyMs: 1 },
  )
}

function sum(values: Record<string, number>): number {
  return Object.values(values).reduce((total, value) => total + value, 0)
}
