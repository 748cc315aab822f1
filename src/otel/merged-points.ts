import {
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import { exponentialSum } from '../store/exponential-arithmetic'
import { histogramSum } from './push/histogram-arithmetic'
import { exemplarsOf, noteExemplars } from './push/point-exemplars'
import { keyOf } from './push/series-in-order'

/**
 * A metric in which no two points have the same attributes: as on a page, sums and histograms are added up, and of gauges
 * the last stands.
 */
export function withMergedPoints(metric: MetricData): MetricData {
  const byKey = new Map<string, DataPoint<unknown>>()
  for (const point of metric.dataPoints as DataPoint<unknown>[]) {
    const key = keyOf(point.attributes)
    const before = byKey.get(key)
    byKey.set(key, before === undefined ? point : merged(metric.dataPointType, before, point))
  }
  return { ...metric, dataPoints: [...byKey.values()] } as MetricData
}

function merged(type: DataPointType, a: DataPoint<unknown>, b: DataPoint<unknown>): DataPoint<unknown> {
  if (type === DataPointType.GAUGE) return b
  const aIsFirst =
    a.startTime[0] < b.startTime[0] || (a.startTime[0] === b.startTime[0] && a.startTime[1] < b.startTime[1])
  const point = { ...b, startTime: (aIsFirst ? a : b).startTime, value: sumOf(type, a.value, b.value) }
  noteExemplars(point, [...exemplarsOf(a), ...exemplarsOf(b)])
  return point
}

function sumOf(type: DataPointType, a: unknown, b: unknown): unknown {
  switch (type) {
    case DataPointType.HISTOGRAM:
      return histogramSum(a as Histogram, b as Histogram)
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      return exponentialSum(a as ExponentialHistogram, b as ExponentialHistogram)
    default:
      return (a as number) + (b as number)
  }
}
