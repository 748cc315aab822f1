import type { Attributes } from '@opentelemetry/api'
import type { Histogram, MetricData, ViewOptions } from '@opentelemetry/sdk-metrics'
import { Instruments } from '../../src/facade/instruments'
import { StoreMeterProvider } from '../../src/otel/meter-provider'
import { StoreProducer } from '../../src/otel/producer'
import { Registry } from '../../src/store/registry'
import { ManualClock } from './manual-clock'
import { RecordingLogger } from './recording-logger'

export interface TestServiceOptions {
  readonly views?: readonly ViewOptions[]
  readonly cardinalityLimit?: number
  readonly constantLabels?: readonly string[]
}

/** One exported series. */
export interface Point {
  readonly labels: Attributes
  readonly value: number | Histogram
}

/** A facade and an OpenTelemetry provider over one registry, whose clock and log are the test's. */
export class TestService {
  readonly clock = new ManualClock()
  readonly log = new RecordingLogger()
  readonly registry: Registry
  readonly metrics: Instruments
  readonly meterProvider: StoreMeterProvider
  readonly #producer: StoreProducer

  constructor({ views = [], cardinalityLimit = 2_000, constantLabels = [] }: TestServiceOptions = {}) {
    this.registry = new Registry({ clock: this.clock, log: this.log, views, cardinalityLimit })
    this.metrics = new Instruments(this.registry, this.log, constantLabels)
    this.meterProvider = new StoreMeterProvider(this.registry, this.log)
    this.#producer = new StoreProducer(this.registry, new Map())
  }

  /** Every metric that a collection exports. */
  async collect(timeoutMs?: number): Promise<MetricData[]> {
    const { resourceMetrics } = await this.#producer.collect(
      timeoutMs === undefined ? undefined : { timeoutMillis: timeoutMs },
    )
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)
  }

  /** The series of all metrics called `name`, after a collection. */
  async points(name: string): Promise<Point[]> {
    return pointsOf(await this.collect(), name)
  }

  /**
   * The series of all metrics called `name` after a collection: their values by `label=value,…` in the order of the
   * label names, `''` for the one without labels. Throws where two series read the same.
   */
  async series(name: string): Promise<Record<string, number | Histogram>> {
    return seriesOf(await this.collect(), name)
  }
}

/** The series called `name` of one collection. */
export function pointsOf(collected: readonly MetricData[], name: string): Point[] {
  return collected
    .filter(({ descriptor }) => descriptor.name === name)
    .flatMap(({ dataPoints }) =>
      dataPoints.map(({ attributes, value }) => ({ labels: attributes, value: value as number | Histogram })),
    )
}

/** As {@link TestService.series}, of one collection. */
export function seriesOf(collected: readonly MetricData[], name: string): Record<string, number | Histogram> {
  const series: Record<string, number | Histogram> = {}
  for (const { labels, value } of pointsOf(collected, name)) {
    const key = Object.keys(labels)
      .sort()
      .map((label) => `${label}=${String(labels[label])}`)
      .join(',')
    if (Object.hasOwn(series, key)) throw new Error(`"${name}" has two series {${key}}`)
    series[key] = value
  }
  return series
}
