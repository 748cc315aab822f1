import { join } from 'node:path'
import { loadSync } from 'protobufjs'

/** What a page says of one family, as protobufjs reads Prometheus's own definitions. */
export interface MetricFamily {
  readonly name: string
  readonly help?: string
  readonly type: 'COUNTER' | 'GAUGE' | 'HISTOGRAM'
  readonly unit?: string
  readonly metric?: readonly Metric[]
}

export interface Metric {
  readonly label?: readonly { readonly name: string; readonly value: string }[]
  readonly gauge?: { readonly value: number }
  readonly counter?: { readonly value: number; readonly exemplar?: PageExemplar; readonly createdTimestamp?: Timestamp }
  readonly histogram?: PageHistogram
}

export interface Timestamp {
  readonly seconds: number
  readonly nanos: number
}

export interface PageExemplar {
  readonly label?: readonly { readonly name: string; readonly value: string }[]
  readonly value: number
  readonly timestamp?: Timestamp
}

export interface PageHistogram {
  readonly sampleCount: number
  readonly sampleSum?: number
  readonly bucket?: readonly {
    readonly cumulativeCount: number
    readonly upperBound: number
    readonly exemplar?: PageExemplar
  }[]
  readonly createdTimestamp?: Timestamp
  readonly schema?: number
  readonly zeroThreshold?: number
  readonly zeroCount?: number
  readonly negativeSpan?: readonly Span[]
  readonly negativeDelta?: readonly number[]
  readonly positiveSpan?: readonly Span[]
  readonly positiveDelta?: readonly number[]
  readonly exemplars?: readonly PageExemplar[]
}

export interface Span {
  readonly offset: number
  readonly length: number
}

const definition = loadSync(join(__dirname, 'prometheus-metrics.proto')).lookupType('io.prometheus.client.MetricFamily')

/** The messages of a page. Throws where it is not delimited messages to its last byte. */
export function parseProtobuf(page: Buffer): MetricFamily[] {
  const families: MetricFamily[] = []
  for (let at = 0; at < page.length; ) {
    let length = 0
    for (let shift = 0; ; shift += 7) {
      const byte = page[at++] as number
      length += (byte & 127) * 2 ** shift
      if (byte < 128) break
    }
    if (at + length > page.length) throw new Error(`a message ends ${at + length - page.length} bytes behind the page`)
    const message = definition.decode(page.subarray(at, at + length))
    families.push(definition.toObject(message, { longs: Number, enums: String }) as MetricFamily)
    at += length
  }
  return families
}

/** The buckets of native histograms by Prometheus's index, with their counts. */
export function nativeBuckets(
  spans: readonly Span[] = [],
  deltas: readonly number[] = [],
): [index: number, count: number][] {
  const buckets: [number, number][] = []
  let index = 0
  let count = 0
  let place = 0
  for (const { offset, length } of spans) {
    index += offset
    for (let step = 0; step < length; step++) {
      count += deltas[place++] as number
      buckets.push([index++, count])
    }
  }
  if (place !== deltas.length) throw new Error(`${deltas.length} deltas for ${place} buckets`)
  return buckets
}
