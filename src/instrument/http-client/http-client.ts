import { context } from '@opentelemetry/api'
import type { Instruments } from '../../facade/instruments'
import { recordIn } from '../../facade/record-in'
import { errorText } from '../../model/errors'
import type { HttpClientOptions, OutgoingRequest } from '../../model/http-client-options'
import { ClientSeries } from './client-series'
import { HostNames } from './host-names'
import type { Host } from './hosts'
import { Hosts } from './hosts'
import { NodeRequests } from './node-requests'
import { Outgoing, type OutgoingRecorder } from './outgoing'
import { carriesTelemetry } from './telemetry'
import { UndiciRequests } from './undici-requests'

/**
 * Measures the requests that the process sends: those of `node:http` and `node:https`, of `fetch` and of undici, whenever
 * and by whomever these were or will be imported. Requests of `node:http2` are not seen.
 *
 * Throws a `DefinitionError` for options that cannot be used. `stop` lets go of everything it listens to; requests that
 * have not ended are not counted.
 */
export function instrumentHttpClients(metrics: Instruments, options: HttpClientOptions = {}): { stop(): void } {
  const measurement = new ClientMeasurement(metrics, options)
  const sources = [new NodeRequests(measurement), new UndiciRequests(measurement)]
  for (const source of sources) source.start()
  return {
    stop() {
      measurement.stop()
      for (const source of sources) source.stop()
    },
  }
}

/** One service's measurement of outgoing requests. */
class ClientMeasurement implements OutgoingRecorder {
  readonly #metrics: Instruments
  readonly #series: ClientSeries
  readonly #names = new HostNames()
  readonly #hosts: Hosts
  readonly #isIgnored: ((request: OutgoingRequest) => boolean) | undefined
  readonly #nameHost: HttpClientOptions['host']
  #running = true
  #faultSaid = false

  constructor(metrics: Instruments, options: HttpClientOptions) {
    this.#metrics = metrics
    this.#hosts = new Hosts(options.maxHosts, (limit) => this.#sayLimit(limit))
    this.#isIgnored = filterOf(options.ignore)
    this.#nameHost = options.host
    this.#series = new ClientSeries(metrics, options.buckets)
  }

  begin(method: string, origin: string, path: string, userAgent: string): Outgoing | undefined {
    if (carriesTelemetry(userAgent)) return undefined
    const host = this.#hostOf(method, origin, path)
    if (host === undefined) return undefined
    const outgoing = new Outgoing(method, host, this.#metrics.clock.monotonicMs())
    if (this.#metrics.exemplarSwitch.isOnAt(outgoing.startMs)) outgoing.context = context.active()
    return outgoing
  }

  end(outgoing: Outgoing): void {
    if (!outgoing.open) return
    outgoing.open = false
    if (!this.#running) return
    try {
      if (outgoing.context === undefined) this.#record(outgoing)
      else recordIn(outgoing.context, () => this.#record(outgoing))
    } catch (error) {
      this.fault(error)
    }
  }

  #record(outgoing: Outgoing): void {
    this.#series.record(outgoing, (this.#metrics.clock.monotonicMs() - outgoing.startMs) / 1000)
    if (outgoing.failed) this.#series.fail(outgoing, outgoing.error)
  }

  fault(error: unknown): void {
    if (this.#faultSaid) return
    this.#faultSaid = true
    this.#metrics.log.error(
      `HTTP: an outgoing request could not be measured: ${errorText(error)}. Further failures are not reported.`,
    )
  }

  stop(): void {
    this.#running = false
  }

  #hostOf(method: string, origin: string, path: string): Host | undefined {
    const host = this.#names.of(origin)
    if (this.#isIgnored === undefined && this.#nameHost === undefined) return this.#hosts.of(host)
    const request = { method, protocol: origin.slice(0, origin.indexOf(':') + 1), host, path }
    if (this.#asked(this.#isIgnored, request) === true) return undefined
    const named = this.#asked(this.#nameHost, request)
    return this.#hosts.of(typeof named === 'string' ? named : host)
  }

  /** What an option's function answers. One that throws has no say, and the request counts. */
  #asked<T>(ask: ((request: OutgoingRequest) => T) | undefined, request: OutgoingRequest): T | undefined {
    try {
      return ask?.(request)
    } catch (error) {
      this.fault(error)
      return undefined
    }
  }

  #sayLimit(limit: number): void {
    this.#metrics.log.warn(
      `HTTP: requests have been sent to ${limit} distinct hosts; further ones are counted as "(other)". Bring hosts together with http: { client: { host } }.`,
    )
  }
}

/** Whether a request shall not be measured; `undefined` where none is left out. */
function filterOf(ignore: HttpClientOptions['ignore']): ((request: OutgoingRequest) => boolean) | undefined {
  if (typeof ignore === 'function') return ignore
  if (ignore === undefined || ignore.length === 0) return undefined
  const texts = new Set(ignore.filter((entry) => typeof entry === 'string'))
  // Global and sticky expressions remember where they stopped, and would match every other request.
  const patterns = ignore
    .filter((entry) => entry instanceof RegExp)
    .map((pattern) => new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')))
  return ({ host }) => texts.has(host) || patterns.some((pattern) => pattern.test(host))
}
