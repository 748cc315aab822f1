import type { DataPoint, MetricData, MetricProducer, ViewOptions } from '@opentelemetry/sdk-metrics'
import { MetricReader } from '@opentelemetry/sdk-metrics'
import { StoreMeterProvider } from '../../src/otel/meter-provider'
import { StoreProducer } from '../../src/otel/producer'
import { Registry } from '../../src/store/registry'

/** A store with both of its OpenTelemetry ends, on a clock that stands until a test moves it. */
export class OtelStore {
  nowMs = 1_700_000_000_000
  readonly warnings: string[] = []
  readonly registry: Registry
  readonly meterProvider: StoreMeterProvider
  readonly producer: StoreProducer

  constructor({
    views = [],
    cardinalityLimit = 2_000,
    constantLabels = {},
  }: {
    readonly views?: readonly ViewOptions[]
    readonly cardinalityLimit?: number
    readonly constantLabels?: Readonly<Record<string, string>>
  } = {}) {
    const warn = (message: string) => void this.warnings.push(message)
    const log = { info() {}, warn, error: warn }
    const clock = { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs }
    this.registry = new Registry({ clock, log, views, cardinalityLimit })
    this.meterProvider = new StoreMeterProvider(this.registry, log)
    this.producer = new StoreProducer(this.registry, new Map(Object.entries(constantLabels)))
  }

  /** The metrics of a collection that nothing failed in, the store's own left out. */
  async metrics(): Promise<MetricData[]> {
    return metricsOf(this.producer)
  }

  /** Each data point of a metric. Throws where there is not exactly one metric of that name. */
  async points(name: string): Promise<Point[]> {
    return pointsNamed(await this.metrics(), name)
  }

  /** How often a measurement of `metric` was turned away, by the reason. */
  async rejections(metric: string): Promise<Record<string, number>> {
    const rejected = (await this.producer.collect()).resourceMetrics.scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .find(({ descriptor }) => descriptor.name === 'meterkit_rejected_measurements_total')
    const points = (rejected?.dataPoints ?? []) as DataPoint<number>[]
    return Object.fromEntries(
      points
        .filter(({ attributes }) => attributes.metric === metric)
        .map(({ attributes, value }) => [String(attributes.reason), value]),
    )
  }
}

/** What a data point tells, times left out. */
export interface Point {
  readonly attributes: Record<string, unknown>
  readonly value: unknown
}

/** Every metric that a producer or reader collects, the store's own left out. Throws where collecting failed. */
export async function metricsOf(producer: MetricProducer): Promise<MetricData[]> {
  const { resourceMetrics, errors } = await producer.collect()
  if (errors.length > 0) throw errors[0]
  return resourceMetrics.scopeMetrics.filter(({ scope }) => scope.name !== 'meterkit').flatMap(({ metrics }) => metrics)
}

export function pointsNamed(metrics: readonly MetricData[], name: string): Point[] {
  const named = metrics.filter(({ descriptor }) => descriptor.name === name)
  if (named.length !== 1) throw new Error(`there are ${named.length} metrics named "${name}"`)
  return pointsOf(named[0] as MetricData)
}

/** The data points of a metric in the order of their attributes' text. */
export function pointsOf({ dataPoints }: MetricData): Point[] {
  return (dataPoints as DataPoint<unknown>[])
    .map(({ attributes, value }) => ({ attributes: { ...attributes }, value }))
    .sort((a, b) => (attributesText(a.attributes) < attributesText(b.attributes) ? -1 : 1))
}

/** Attributes as text that does not depend on their order. */
export function attributesText(attributes: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A reader that does nothing by itself. */
export class PullReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}
