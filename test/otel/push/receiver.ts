import type { Attributes } from '@opentelemetry/api'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import { RejectedPoints } from '../../../src/otel/push/partial-success'
import { withSize } from '../../../src/otel/push/request-size'

/** An exporter whose receiver adds up what it is sent, as a backend does, and can be told to be away. */
export class Receiver implements PushMetricExporter {
  /** What it says to a request: `undefined` takes it. */
  answer: (request: number, metrics: ResourceMetrics) => Error | undefined = () => undefined
  /** How large it says all requests are. */
  sizeBytes = 24
  requests: ResourceMetrics[] = []
  /** By metric and labels: the numbers of its points. */
  readonly totals = new Map<string, number[]>()

  export(metrics: ResourceMetrics, done: (result: { code: number; error?: Error }) => void): void {
    const error = this.answer(this.requests.length, metrics)
    this.requests.push(metrics)
    withSize(metrics, new Uint8Array(this.sizeBytes))
    if (error !== undefined && !(error instanceof RejectedPoints)) {
      done({ code: 1, error })
      return
    }
    for (const { metrics: list } of metrics.scopeMetrics) {
      for (const { descriptor, aggregationTemporality, dataPointType, dataPoints } of list) {
        for (const point of dataPoints as DataPoint<unknown>[]) {
          const key = keyOf(descriptor.name, point.attributes)
          const numbers = numbersOf(dataPointType, point.value)
          const before = aggregationTemporality === AggregationTemporality.DELTA ? this.totals.get(key) : undefined
          this.totals.set(
            key,
            numbers.map((number, index) => number + (before?.[index] ?? 0)),
          )
        }
      }
    }
    done({ code: 0, ...(error !== undefined && { error }) })
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

/** How many points a request has. */
export function pointsOf({ scopeMetrics }: ResourceMetrics): number {
  return scopeMetrics.flatMap(({ metrics }) => metrics).reduce((sum, { dataPoints }) => sum + dataPoints.length, 0)
}

export function keyOf(name: string, attributes: Attributes): string {
  return `${name}${JSON.stringify(Object.entries(attributes).sort())}`
}

/** The numbers of a value that add up. */
function numbersOf(type: DataPointType, value: unknown): number[] {
  if (type === DataPointType.HISTOGRAM) {
    const { count, sum = 0, buckets } = value as Histogram
    return [count, sum, ...buckets.counts]
  }
  if (type === DataPointType.EXPONENTIAL_HISTOGRAM) {
    const { count, sum = 0, zeroCount } = value as ExponentialHistogram
    return [count, sum, zeroCount]
  }
  return [value as number]
}
