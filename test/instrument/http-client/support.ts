import { once } from 'node:events'
import type { ClientRequest, IncomingMessage, RequestListener, RequestOptions, Server } from 'node:http'
import { createServer, request as sendRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { MetricsService } from '../../../src/init'
import { createMetrics } from '../../../src/init'
import { instrumentHttpClients } from '../../../src/instrument/http-client/http-client'
import type { HttpClientOptions } from '../../../src/model/http-client-options'
import { freePort } from '../../support/free-port'
import { samplesOf } from '../../support/page'
import { until } from '../../support/until'

/** What one test starts, and what has to end with it. */
export class ClientFixture {
  readonly warnings: string[] = []
  readonly errors: string[] = []
  readonly #ends: (() => unknown)[] = []

  /** A service of its own whose metrics of outgoing requests are the test's. */
  service(options: HttpClientOptions = {}): MetricsService & { readonly clients: { stop(): void } } {
    const metrics = createMetrics({
      exporters: [],
      http: false,
      runtime: false,
      logger: { info() {}, warn: (text) => this.warnings.push(text), error: (text) => this.errors.push(text) },
    })
    const clients = instrumentHttpClients(metrics, options)
    this.atEnd(() => metrics.shutdown())
    this.atEnd(() => clients.stop())
    return Object.assign(metrics, { clients })
  }

  /** A server's origin. */
  async listen(handler: RequestListener): Promise<string> {
    return await this.started(createServer(handler))
  }

  async started(server: Server): Promise<string> {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.atEnd(() => {
      server.close()
      server.closeAllConnections()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  atEnd(end: () => unknown): void {
    this.#ends.push(end)
  }

  async end(): Promise<void> {
    for (const end of this.#ends.reverse()) await end()
    this.#ends.length = 0
  }
}

/** An origin that nobody listens at. */
export async function closedOrigin(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`
}

/** Sends a request, reads the response to its end, and gives its status; rejects where either fails. */
export async function send(
  url: string,
  { body, ...options }: RequestOptions & { readonly body?: string } = {},
): Promise<number> {
  return await read(sendRequest(url, { agent: false, ...options }).end(body))
}

/** Reads the response to a request to its end, and gives its status. */
export async function read(request: ClientRequest): Promise<number> {
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'end')
  return response.statusCode ?? 0
}

export interface Sent {
  /** `METHOD host status` to how many. */
  readonly requests: Record<string, number>
  /** `METHOD host error` to how many. */
  readonly failures: Record<string, number>
}

/** What was counted. Hosts that stand in `names` are written by the name there. Each duration must have been counted too. */
export async function sentOf(metrics: MetricsService, names: Readonly<Record<string, string>> = {}): Promise<Sent> {
  const samples = samplesOf((await metrics.render()).body)
  const requests: Record<string, number> = {}
  const failures: Record<string, number> = {}
  for (const [series, value] of samples) {
    const [, name, first, host = '', method, last] =
      /^http_client_(requests|failures)_total\{(?:error="(.*)",)?host="(.*)",method="(.*?)"(?:,status_code="(.*)")?\}$/.exec(
        series,
      ) ?? []
    if (name === undefined) continue
    const key = `${method} ${names[host] ?? host} ${first ?? last}`
    if (name === 'failures') {
      failures[key] = value
      continue
    }
    const durations = samples.get(series.replace('_requests_total', '_request_duration_seconds_count'))
    if (durations !== value) throw new Error(`${series} is ${value}, but its durations are ${durations}`)
    requests[key] = value
  }
  return { requests, failures }
}

/** What was counted, once it is so many requests: a request ends a moment after its response was read. */
export async function sent(
  metrics: MetricsService,
  count: number,
  names: Readonly<Record<string, string>> = {},
): Promise<Sent> {
  await until(
    `${count} counted requests`,
    async () => {
      const { requests } = await sentOf(metrics)
      const total = Object.values(requests).reduce((sum, value) => sum + value, 0)
      return total >= count ? true : undefined
    },
    { everyMs: 1 },
  )
  // What is counted twice would be so by now.
  for (let turn = 0; turn < 5; turn++) await setImmediate()
  return await sentOf(metrics, names)
}

/** The host that stands for an origin. */
export function hostOf(origin: string): string {
  return new URL(origin).host
}
