import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics'
import { exemplarsOf } from './point-exemplars'
import type { ProtobufWriter } from './protobuf-writer'

/** Fields of the messages of opentelemetry/proto/metrics/v1/metrics.proto, where one stands in several or means the same. */
const POINTS = 1
const TEMPORALITY = 2
const IS_MONOTONIC = 3
const START_TIME = 2
const TIME = 3
const SCHEMA_URL = 3
/** The field of a metric that holds its data, and of a point its attributes and exemplars, by the type of the points. */
const FIELDS = {
  [DataPointType.GAUGE]: { data: 5, attributes: 7, exemplars: 5 },
  [DataPointType.SUM]: { data: 7, attributes: 7, exemplars: 5 },
  [DataPointType.HISTOGRAM]: { data: 9, attributes: 9, exemplars: 8 },
  [DataPointType.EXPONENTIAL_HISTOGRAM]: { data: 10, attributes: 1, exemplars: 11 },
}

const TEMPORALITIES = { [AggregationTemporality.DELTA]: 1, [AggregationTemporality.CUMULATIVE]: 2 }

/**
 * Metrics as `ExportMetricsServiceRequest`, in a third of the time that OpenTelemetry's own serializer takes, which walks
 * through them twice; and with exemplars, which that one leaves out.
 */
export function serializedRequest(writer: ProtobufWriter, { resource, scopeMetrics }: ResourceMetrics): Buffer {
  const request = writer.open(1)
  const described = writer.open(1)
  writeAttributes(writer, 1, resource.attributes as Attributes)
  writer.close(described)
  for (const each of scopeMetrics) writeScope(writer, each)
  if (resource.schemaUrl) writer.text(SCHEMA_URL, resource.schemaUrl)
  writer.close(request)
  return writer.finish()
}

function writeScope(writer: ProtobufWriter, { scope, metrics }: ScopeMetrics): void {
  const start = writer.open(2)
  const described = writer.open(1)
  writer.text(1, scope.name)
  if (scope.version) writer.text(2, scope.version)
  writer.close(described)
  for (const metric of metrics) writeMetric(writer, metric)
  if (scope.schemaUrl) writer.text(SCHEMA_URL, scope.schemaUrl)
  writer.close(start)
}

function writeMetric(writer: ProtobufWriter, metric: MetricData): void {
  const { descriptor, dataPointType } = metric
  const start = writer.open(2)
  writer.text(1, descriptor.name)
  if (descriptor.description) writer.text(2, descriptor.description)
  if (descriptor.unit) writer.text(3, descriptor.unit)
  const data = writer.open(FIELDS[dataPointType].data)
  const isInteger = descriptor.valueType === ValueType.INT
  const times = new Times(writer)
  for (const point of metric.dataPoints as DataPoint<unknown>[]) writePoint(writer, times, metric, point, isInteger)
  if (dataPointType !== DataPointType.GAUGE) writer.varint(TEMPORALITY, TEMPORALITIES[metric.aggregationTemporality])
  if (dataPointType === DataPointType.SUM && metric.isMonotonic) writer.varint(IS_MONOTONIC, 1)
  writer.close(data)
  writer.close(start)
}

function writePoint(
  writer: ProtobufWriter,
  times: Times,
  { dataPointType }: MetricData,
  point: DataPoint<unknown>,
  isInteger: boolean,
): void {
  const fields = FIELDS[dataPointType]
  const start = writer.open(POINTS)
  writeAttributes(writer, fields.attributes, point.attributes)
  times.write(START_TIME, point.startTime)
  times.write(TIME, point.endTime)
  if (dataPointType === DataPointType.HISTOGRAM) writeHistogram(writer, point.value as Histogram)
  else if (dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) {
    writeExponential(writer, point.value as ExponentialHistogram)
  } else writeNumber(writer, 4, point.value as number, isInteger)
  for (const { epochMs, value, traceId, spanId, attributes } of exemplarsOf(point)) {
    const exemplar = writer.open(fields.exemplars)
    writer.fixed64(2, epochMs * 1e6)
    writeNumber(writer, 3, value, isInteger)
    if (spanId !== '') writer.bytes(4, Buffer.from(spanId, 'hex'))
    if (traceId !== '') writer.bytes(5, Buffer.from(traceId, 'hex'))
    writeAttributes(writer, 7, attributes)
    writer.close(exemplar)
  }
  writer.close(start)
}

/** A whole number is field 6 in points and in exemplars alike. */
function writeNumber(writer: ProtobufWriter, doubleField: number, value: number, isInteger: boolean): void {
  if (isInteger && Number.isSafeInteger(value)) writer.fixed64(6, value)
  else writer.double(doubleField, value)
}

function writeHistogram(writer: ProtobufWriter, { count, sum, min, max, buckets }: Histogram): void {
  writer.fixed64(4, count)
  if (sum !== undefined) writer.double(5, sum)
  writer.fixed64s(6, buckets.counts)
  writer.doubles(7, buckets.boundaries)
  if (min !== undefined) writer.double(11, min)
  if (max !== undefined) writer.double(12, max)
}

function writeExponential(writer: ProtobufWriter, histogram: ExponentialHistogram): void {
  const { count, sum, scale, zeroCount, positive, negative, min, max } = histogram
  writer.fixed64(4, count)
  if (sum !== undefined) writer.double(5, sum)
  writer.zigzag(6, scale)
  writer.fixed64(7, zeroCount)
  for (const [field, { offset, bucketCounts }] of [
    [8, positive],
    [9, negative],
  ] as const) {
    const buckets = writer.open(field)
    writer.zigzag(1, offset)
    const counts = writer.open(2)
    for (const each of bucketCounts) writer.packedVarint(each)
    writer.close(counts)
    writer.close(buckets)
  }
  if (min !== undefined) writer.double(12, min)
  if (max !== undefined) writer.double(13, max)
}

function writeAttributes(writer: ProtobufWriter, field: number, attributes: Attributes): void {
  for (const key in attributes) {
    const start = writer.open(field, 1)
    writer.text(1, key)
    writeValue(writer, 2, attributes[key])
    writer.close(start, 1)
  }
}

/** `AnyValue`; one without a value for what can have none. */
function writeValue(writer: ProtobufWriter, field: number, value: unknown): void {
  const start = writer.open(field, 1)
  if (typeof value === 'string') writer.text(1, value)
  else if (typeof value === 'boolean') writer.varint(2, value ? 1 : 0)
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) writer.varint(3, value)
    else writer.double(4, value)
  } else if (value instanceof Uint8Array) writer.bytes(7, value)
  else if (Array.isArray(value)) {
    const list = writer.open(5)
    for (const each of value) writeValue(writer, 1, each)
    writer.close(list)
  } else if (typeof value === 'object' && value !== null) {
    const map = writer.open(6)
    writeAttributes(writer, 1, value as Attributes)
    writer.close(map)
  }
  writer.close(start, 1)
}

/** Times in nanoseconds, which are too long for numbers. Most points have the same as the one before. */
class Times {
  readonly #writer: ProtobufWriter
  /** By field. */
  readonly #last: { time: HrTime; low: number; high: number }[] = []

  constructor(writer: ProtobufWriter) {
    this.#writer = writer
  }

  write(field: number, time: HrTime): void {
    let last = this.#last[field]
    if (last === undefined || last.time[0] !== time[0] || last.time[1] !== time[1]) {
      const nanoseconds = BigInt(time[0]) * 1_000_000_000n + BigInt(time[1])
      last = { time, low: Number(nanoseconds & 0xffff_ffffn), high: Number(nanoseconds >> 32n) }
      this.#last[field] = last
    }
    this.#writer.fixed64Halves(field, last.low, last.high)
  }
}
