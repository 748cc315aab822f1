import { ValueType } from '@opentelemetry/api'
import { DataPointType, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { exemplarsOf, type PointExemplar } from './point-exemplars'

/** OpenTelemetry's serializer, as far as it is used. */
export interface StockSerializer {
  serializeRequest(metrics: ResourceMetrics): Uint8Array
}

/** What is used of a request, in the order of the metrics that it was made of. */
interface JsonRequest {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly Readonly<Record<string, { readonly dataPoints: { exemplars?: object[] }[] }>>[]
    }[]
  }[]
}

/** The property of a metric that holds its data, by the type of its points. */
const DATA = {
  [DataPointType.GAUGE]: 'gauge',
  [DataPointType.SUM]: 'sum',
  [DataPointType.HISTOGRAM]: 'histogram',
  [DataPointType.EXPONENTIAL_HISTOGRAM]: 'exponentialHistogram',
}

/** Metrics as OpenTelemetry writes them in JSON, with the exemplars that it leaves out put in their places. */
export function jsonRequest(stock: StockSerializer, metrics: ResourceMetrics): Uint8Array {
  const bytes = stock.serializeRequest(metrics)
  let request: JsonRequest | undefined
  metrics.scopeMetrics.forEach((scope, scopeAt) => {
    scope.metrics.forEach(({ dataPointType, dataPoints, descriptor }, metricAt) => {
      dataPoints.forEach((point, pointAt) => {
        const exemplars = exemplarsOf(point)
        if (exemplars.length === 0) return
        request ??= JSON.parse(Buffer.from(bytes).toString()) as JsonRequest
        const metric = request.resourceMetrics[0]?.scopeMetrics[scopeAt]?.metrics[metricAt]
        const written = metric?.[DATA[dataPointType]]?.dataPoints[pointAt]
        const isInteger = descriptor.valueType === ValueType.INT
        if (written !== undefined) written.exemplars = exemplars.map((exemplar) => jsonExemplar(exemplar, isInteger))
      })
    })
  })
  return request === undefined ? bytes : Buffer.from(JSON.stringify(request))
}

function jsonExemplar({ value, epochMs, traceId, spanId, attributes }: PointExemplar, isInteger: boolean): object {
  return {
    timeUnixNano: String(BigInt(Math.floor(epochMs * 1e3)) * 1_000n),
    ...(isInteger && Number.isSafeInteger(value) ? { asInt: value } : { asDouble: value }),
    // Hexadecimal, other than bytes elsewhere in JSON (OTLP specification, "JSON Protobuf Encoding").
    ...(traceId !== '' && { traceId, spanId }),
    filteredAttributes: Object.entries(attributes).map(([key, each]) => ({ key, value: anyValue(each) })),
  }
}

function anyValue(value: unknown): object {
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value !== 'number') return { stringValue: String(value) }
  return Number.isSafeInteger(value) ? { intValue: value } : { doubleValue: value }
}
