import type { SeriesFamily } from '../exposition/time-series'
import type { Clock } from '../model/clock'
import { NO_PUSH_EVENTS, type PushEvents } from '../otel/push/push-events'
import { PushMetrics } from '../otel/push/push-metrics'
import type { Registry } from '../store/registry'
import { groupingPath } from './grouping-path'
import { addressOf, groupOf, type PushTarget } from './push-target'
import { send } from './send'
import { snappyBlock } from './snappy'
import { writeRequests } from './write-request'

/** What pushes are made of. */
export interface PushSource {
  render(): Promise<{ readonly contentType: string; readonly body: string }>
  timeSeries(native: boolean): Promise<Iterable<SeriesFamily>>
}

/** Pushes all metrics when it is told to, and counts what comes of it in a registry. */
export class Pusher {
  readonly #source: PushSource
  readonly #registry: Registry
  readonly #clock: Clock
  readonly #selfMetrics: boolean
  #lastEpochMs = 0

  constructor(source: PushSource, registry: Registry, selfMetrics: boolean) {
    this.#source = source
    this.#registry = registry
    this.#clock = registry.clock
    this.#selfMetrics = selfMetrics
  }

  /** Rejects where the receiver did not take it in time. */
  async push(target: PushTarget): Promise<void> {
    const events = this.#eventsOf(target.to)
    const start = performance.now()
    const deadline = AbortSignal.timeout(target.timeoutMs)
    try {
      const isGateway = target.to === 'pushgateway'
      const sizeBytes = await (isGateway ? this.#toGateway(target, deadline) : this.#toStorage(target, deadline))
      // What is deleted is no point that arrived.
      events.arrived(target.action === 'delete' ? 0 : this.#seriesCount(), sizeBytes)
      events.sent((performance.now() - start) / 1_000)
    } catch (error) {
      events.failed(error)
      throw error
    }
  }

  /** PUT replaces a group, POST what it has of the same names, DELETE leaves nothing of it. Gives the bytes sent. */
  async #toGateway(target: PushTarget, deadline: AbortSignal): Promise<number> {
    const { url, headers } = addressOf(target)
    url.pathname = `${url.pathname.replace(/\/+$/, '')}${groupingPath(groupOf(target))}`
    if (target.action === 'delete') {
      await send(url, { method: 'DELETE', headers }, deadline)
      return 0
    }
    const { contentType, body } = await this.#source.render()
    const method = target.action === 'replace' ? 'PUT' : 'POST'
    await send(url, { method, headers: { ...headers, 'content-type': contentType }, body }, deadline)
    return Buffer.byteLength(body)
  }

  /** Gives the bytes sent, before compression. */
  async #toStorage(target: PushTarget, deadline: AbortSignal): Promise<number> {
    const address = addressOf(target)
    const headers = {
      ...address.headers,
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    }
    // All numbers are of one moment, as long as it takes to send them; and no series has two samples at one time.
    const series = await this.#source.timeSeries(target.nativeHistograms)
    this.#lastEpochMs = Math.max(Math.floor(this.#clock.nowMs()), this.#lastEpochMs + 1)
    const group = groupOf(target).filter(([, value]) => value !== '')
    const options = { epochMs: this.#lastEpochMs, group, isEnd: target.action === 'delete' }
    let sizeBytes = 0
    for (const request of writeRequests(series, options)) {
      await send(address.url, { method: 'POST', headers, body: new Uint8Array(snappyBlock(request)) }, deadline)
      sizeBytes += request.length
    }
    return sizeBytes
  }

  #eventsOf(to: PushTarget['to']): PushEvents {
    return this.#selfMetrics ? PushMetrics.of(this.#registry, to) : NO_PUSH_EVENTS
  }

  #seriesCount(): number {
    return this.#registry.streams.reduce((sum, { table }) => sum + table.seriesCount, 0)
  }
}
