import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ValueType } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { loadSync } from 'protobufjs'
import { createMetrics } from '../../src/init'
import { serializedRequest } from '../../src/otel/push/otlp-serializer'
import { ProtobufWriter } from '../../src/otel/push/protobuf-writer'

const load = createRequire(join(__dirname, 'node_modules', 'of-this-folder.js'))
const { ProtobufMetricsSerializer: stock } = load('@opentelemetry/otlp-transformer') as {
  ProtobufMetricsSerializer: { serializeRequest(metrics: ResourceMetrics): Uint8Array }
}
const Request = loadSync(join(__dirname, 'otlp-metrics.proto')).lookupType('ExportMetricsServiceRequest')
const decoded = (bytes: Uint8Array): object =>
  Request.toObject(Request.decode(bytes), { longs: String, bytes: String, defaults: true, arrays: true })

/** Every type of attribute, and texts on both sides of each length that is written in another way. */
const ATTRIBUTES = {
  text: 'ünï',
  empty: '',
  ...Object.fromEntries([47, 48, 49, 126, 127, 128, 20_000].map((length) => [`l${length}`, 'x'.repeat(length)])),
  wide: 'ü'.repeat(48),
  surrogates: '🦊',
  yes: true,
  no: false,
  zero: 0,
  negative: -1,
  whole: 2 ** 40,
  least: Number.MIN_SAFE_INTEGER,
  real: 0.1,
  infinite: Number.POSITIVE_INFINITY,
  list: ['a', 'b'],
  numbers: [1, 2.5, -3],
  nothing: undefined,
}

const startTime: [number, number] = [1_767_225_600, 999_999_999]
const endTime: [number, number] = [2 ** 32 + 5, 1]
const points = <T>(...values: T[]) => values.map((value) => ({ startTime, endTime, attributes: ATTRIBUTES, value }))
const descriptor = (name: string, valueType = ValueType.DOUBLE) => ({ name, description: 'ü', unit: 's', valueType })
const buckets = { boundaries: [-1, 0.1, 1e9], counts: [0, 3, 2 ** 40, 127] }
const side = (offset: number, ...bucketCounts: number[]) => ({ offset, bucketCounts })

const METRICS: readonly MetricData[] = [
  {
    dataPointType: DataPointType.GAUGE,
    descriptor: { ...descriptor('gauge'), description: '', unit: '' },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: points(0, -0.5, Number.NaN, 1e300),
  },
  {
    dataPointType: DataPointType.SUM,
    descriptor: descriptor('sum', ValueType.INT),
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    isMonotonic: true,
    dataPoints: points(0, 1, -1, -(2 ** 40), Number.MAX_SAFE_INTEGER),
  },
  {
    dataPointType: DataPointType.HISTOGRAM,
    descriptor: descriptor('histogram'),
    aggregationTemporality: AggregationTemporality.DELTA,
    dataPoints: points({ buckets, count: 2 ** 40 + 130, sum: -5 }, { buckets, count: 1, min: 0, max: 7 }),
  },
  {
    dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
    descriptor: descriptor('exponential'),
    aggregationTemporality: AggregationTemporality.DELTA,
    dataPoints: points(
      { count: 7, sum: 3, scale: -3, zeroCount: 2, positive: side(-70, 1, 300, 2 ** 40), negative: side(5, 2) },
      { count: 0, scale: 20, zeroCount: 0, positive: side(1, 4), negative: side(0, 1), min: -1, max: 1 },
    ),
  },
]

describe('The serializer of OTLP', () => {
  const resource = resourceFromAttributes({ 'service.name': 'ünï', list: ['a'] }, { schemaUrl: 'https://r' })
  const scopes = [{ name: 'a', version: '1', schemaUrl: 'https://s' }, { name: '' }]

  for (const metric of METRICS) {
    it(`writes what OpenTelemetry's does: ${metric.descriptor.name}`, () => {
      const metrics = { resource, scopeMetrics: scopes.map((scope) => ({ scope, metrics: [metric] })) }
      const ours = decoded(serializedRequest(new ProtobufWriter(), metrics))
      expect(ours).to.deep.equal(decoded(stock.serializeRequest(metrics)))
    })
  }

  it('writes as many points as there are, request after request', () => {
    const writer = new ProtobufWriter()
    const [, sum] = METRICS as [MetricData, MetricData]
    for (const count of [500, 1, 0]) {
      const dataPoints = Array.from({ length: count }, (_, index) => points(index)[0])
      const metrics = {
        resource,
        scopeMetrics: [{ scope: { name: 'a' }, metrics: [{ ...sum, dataPoints } as MetricData] }],
      }
      expect(decoded(serializedRequest(writer, metrics))).to.deep.equal(decoded(stock.serializeRequest(metrics)))
    }
  })

  it('writes exemplars, which the other leaves out', async () => {
    const metrics = createMetrics({
      exporters: [],
      exemplars: 'always_on',
      selfMetrics: false,
      http: false,
      runtime: false,
      logger: false,
    })
    metrics.counter({ name: 'orders_total' }).add(2, {}, { exemplar: { order: 'o1' } })
    metrics.histogram({ name: 'explicit', buckets: [1] }).record(5)
    metrics.histogram({ name: 'native', native: true }).record(7)
    const { resourceMetrics } = await metrics.metricProducer.collect()
    await metrics.shutdown()
    const text = JSON.stringify(decoded(serializedRequest(new ProtobufWriter(), { ...resourceMetrics, resource })))
    const found: { asDouble: number; timeUnixNano: string; filteredAttributes: { key: string }[] }[] = []
    JSON.parse(text, (key, value) => {
      if (key === 'exemplars') found.push(...value)
      return value
    })
    expect(found.map(({ asDouble }) => asDouble)).to.have.members([2, 5, 7])
    expect(found.flatMap(({ filteredAttributes }) => filteredAttributes.map(({ key }) => key))).to.deep.equal(['order'])
    for (const { timeUnixNano } of found) expect(Number(timeUnixNano) / 1e6).to.be.closeTo(Date.now(), 60_000)
  })
})
