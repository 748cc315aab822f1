import { diag } from '@opentelemetry/api'
import { MetricReader, type PushMetricExporter, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { errorText } from '../../model/errors'
import type { Logger } from '../../model/log'
import { doneInTurns } from '../../store/turns'
import { type Batch, batchesOf, type Item } from './batches'
import { Deltas, type Outgoing } from './deltas'
import { inTime } from './in-time'
import { RejectedPoints } from './partial-success'
import { isRefusal, isTooLarge, type PushEvents } from './push-events'
import { sizeOf } from './request-size'
import { isDelta, streamOf, type TemporalityPreference } from './temporality'

export interface PushReaderOptions {
  readonly exporter: PushMetricExporter
  readonly intervalMs: number
  /** How long an export may take, with all its requests. */
  readonly exportTimeoutMs: number
  readonly temporality: TemporalityPreference
  readonly log: Logger
  readonly events: PushEvents
  /** The reader that this one takes the place of: what it was not told to have arrived as deltas is sent by this one. */
  readonly before?: PushReader | undefined
}

/** Points a request has at most: a megabyte or so, where receivers often take four. */
const MAX_POINTS = 4_000
/** Points that a request has at most where those before were too large, so that a large one does not make many of all. */
const MIN_POINTS = 100
/** How long a reader that another one replaces waits to know of its last request, in milliseconds. */
const MAX_RETIRING_MS = 10_000

/**
 * Sends all metrics to an exporter, again and again, as sdk-metrics's `PeriodicExportingMetricReader` does; and, beyond it, in
 * requests of a bounded size, with deltas that are sent again until they have arrived. Nothing it does keeps the process
 * alive, and nothing throws: what fails is counted, and logged once until it succeeds again.
 */
export class PushReader extends MetricReader {
  readonly #options: PushReaderOptions
  readonly #deltas: Deltas
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  /** Settles when it is known of the last request whether it arrived. */
  #known: Promise<unknown> = Promise.resolve()
  /** That request: nobody has given up waiting to know of it. */
  #unknown: Batch | undefined
  /** Points a request has at most: fewer where requests were too large for the receiver. */
  #maxPoints = MAX_POINTS
  #fails = false
  #isRetired = false

  constructor(options: PushReaderOptions) {
    super({
      aggregationSelector: (type) => options.exporter.selectAggregation?.(type) ?? { type: 0 },
    })
    this.#options = options
    const { before } = options
    this.#deltas = before === undefined ? new Deltas() : before.#deltas
  }

  protected override onInitialized(): void {
    this.#timer = setInterval(() => void this.#push(), this.#options.intervalMs)
    this.#timer.unref()
  }

  /** Sends what there is now, if need be after what is being sent. */
  protected override async onForceFlush(): Promise<void> {
    await this.#running
    await this.#push()
    await this.#options.exporter.forceFlush()
  }

  protected override async onShutdown(): Promise<void> {
    clearInterval(this.#timer)
    await this.onForceFlush()
    await this.#options.exporter.shutdown()
  }

  /**
   * Ends without sending anything more, once the request that is being sent has arrived or not. One of which nothing is known
   * for long must not keep another reader from its place: it counts as one that has not arrived.
   */
  async retire(): Promise<void> {
    clearInterval(this.#timer)
    this.#isRetired = true
    const over = Promise.all([this.#running, this.#known])
    await inTime(over, Math.min(this.#options.exportTimeoutMs, MAX_RETIRING_MS)).catch(() => undefined)
    this.#unknown = undefined
    await this.#options.exporter.shutdown()
  }

  /** Who is told of its exports. */
  get events(): PushEvents {
    return this.#options.events
  }

  /** One export at a time: whoever comes while one runs has that one. */
  #push(): Promise<void> {
    this.#running ??= this.#export().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #export(): Promise<void> {
    const { events, exportTimeoutMs, log } = this.#options
    await this.#knowing()
    const start = performance.now()
    try {
      const { resourceMetrics, errors } = await this.collect({ timeoutMillis: exportTimeoutMs })
      if (this.#isRetired) return
      const { resource } = resourceMetrics
      if (resource.asyncAttributesPending) await resource.waitForAsyncAttributes?.()
      for (const error of errors) diag.warn('a metric could not be collected', error)
      const batches = batchesOf(resource, this.#items(resourceMetrics), this.#maxPoints)
      const refusal = await this.#deliver(batches, start + exportTimeoutMs)
      if (refusal !== undefined) throw refusal
      if (this.#isRetired) return
      events.sent((performance.now() - start) / 1_000)
      if (this.#fails) log.info('metrics are exported again')
      this.#fails = false
    } catch (error) {
      events.failed(error)
      if (!this.#fails) log.warn(`metrics could not be exported, which goes on being tried: ${errorText(error)}`)
      this.#fails = true
    }
  }

  /** Sends all requests, and returns why the first one was refused, if any was. Rejects with why the rest waits for later. */
  async #deliver(batches: AsyncIterable<Batch>, untilMs: number): Promise<unknown> {
    let refusal: unknown
    for await (const batch of batches) {
      // The one that has its place sends the rest.
      if (this.#isRetired) break
      try {
        await this.#attempt(batch, untilMs - performance.now())
      } catch (error) {
        const isLong = isTooLarge(error, sizeOf(batch.metrics))
        if (isLong && batch.points > 1) {
          this.#maxPoints = Math.max(MIN_POINTS, Math.min(this.#maxPoints, Math.ceil(batch.points / 2)))
          const ofHalves = await this.#deliver(batch.halves(), untilMs)
          refusal ??= ofHalves
        } else if (isLong || isRefusal(error)) {
          // It must not stand in the way of all that comes behind it.
          refusal ??= error
        } else throw error
      }
    }
    return refusal
  }

  async #attempt(batch: Batch, timeoutMs: number): Promise<void> {
    const { events, exportTimeoutMs } = this.#options
    this.#unknown = batch
    const arrival = this.#send(batch).then((rejected) => {
      // One that nobody has waited for any longer may have been sent again.
      if (this.#unknown !== batch) return
      batch.arrived()
      events.arrived(batch.points - (rejected?.points ?? 0), sizeOf(batch.metrics))
      if (rejected !== undefined) throw rejected
    })
    this.#known = arrival.catch(() => undefined)
    await inTime(arrival, timeoutMs, exportTimeoutMs)
  }

  /** What arrived after it had been given up must not be sent again: waits to know of it, but not for good. */
  async #knowing(): Promise<void> {
    await inTime(this.#known, this.#options.exportTimeoutMs).catch(() => undefined)
    this.#unknown = undefined
  }

  async *#items({ scopeMetrics }: ResourceMetrics): AsyncGenerator<Item, void, void> {
    this.#deltas.begin()
    for (const { scope, metrics } of scopeMetrics) {
      for (const metric of metrics) {
        const stream = isDelta(metric, this.#options.temporality) ? streamOf(metric) : undefined
        const outgoing: Outgoing =
          stream === undefined ? { metric, arrived() {} } : await doneInTurns(this.#deltas.since(stream, metric))
        yield { scope, outgoing }
      }
    }
  }

  #send({ metrics }: Batch): Promise<RejectedPoints | undefined> {
    return new Promise((resolve, reject) => {
      this.#options.exporter.export(metrics, ({ code, error }) => {
        if (code === 0) resolve(error instanceof RejectedPoints ? error : undefined)
        else reject(error ?? new Error('the exporter did not say why'))
      })
    })
  }
}
