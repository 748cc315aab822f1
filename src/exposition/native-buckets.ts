import type { BucketRange, ExponentialPoint } from '../store/stream'
import { Message, zigzag } from './protobuf-bytes'

/** The finest and the coarsest buckets that Prometheus takes: `schema` is its word for the scale. */
const MAX_SCHEMA = 8
const MIN_SCHEMA = -4

/** The numbers of the fields of a histogram in a protobuf format. */
export interface NativeFields {
  readonly schema: number
  readonly zeroThreshold: number
  readonly zeroCount: number
  readonly negativeSpan: number
  readonly negativeDelta: number
  readonly positiveSpan: number
  readonly positiveDelta: number
  /** The zero threshold of a histogram without a measurement; that of all others is 0. */
  readonly emptyThreshold: number
}

/**
 * Those of `io.prometheus.client.Histogram`. A Prometheus older than no-op spans, such as 2.42, takes a histogram without buckets
 * for one that is not native unless it has a zero threshold, and with it all that follow in its message.
 */
export const PAGE_FIELDS: NativeFields = {
  schema: 5,
  zeroThreshold: 6,
  zeroCount: 7,
  negativeSpan: 9,
  negativeDelta: 10,
  positiveSpan: 12,
  positiveDelta: 13,
  emptyThreshold: Number.MIN_VALUE,
}

const SPAN_OFFSET = 1
const SPAN_LENGTH = 2

/** Empty buckets that are written between two others rather than beginning another span: that takes no more bytes. */
const MAX_GAP = 2

/** Whether Prometheus has native buckets as coarse as these. */
export function isNative({ scale }: ExponentialPoint): boolean {
  return scale >= MIN_SCHEMA
}

/** Writes the exponential buckets of a series as fields of a `Histogram` message. */
export function writeNativeBuckets(
  histogram: Message,
  { scale, count, zeroCount, positive, negative }: ExponentialPoint,
  fields: NativeFields,
): void {
  const schema = Math.min(scale, MAX_SCHEMA)
  histogram.varint(fields.schema, zigzag(schema))
  histogram.double(fields.zeroThreshold, count === 0 ? fields.emptyThreshold : 0)
  histogram.varint(fields.zeroCount, zeroCount)
  writeRange(histogram, fields.negativeSpan, fields.negativeDelta, negative, scale - schema)
  const hasPositive = writeRange(histogram, fields.positiveSpan, fields.positiveDelta, positive, scale - schema)
  // Without a measurement nothing else would tell the histogram from one without native buckets.
  if (!hasPositive) writeSpan(histogram, fields.positiveSpan, 0, 0)
}

/** Writes spans and deltas of buckets that are joined `2 ** halvings` to one. False where all buckets are empty. */
function writeRange(
  histogram: Message,
  spanField: number,
  deltaField: number,
  range: BucketRange,
  halvings: number,
): boolean {
  const deltas: number[] = []
  let before = 0
  const add = (count: number) => {
    deltas.push(count - before)
    before = count
  }
  let end = 0
  let offset = 0
  let length = 0
  for (const [index, count] of joined(range, halvings)) {
    const gap = index - end
    if (length > 0 && gap <= MAX_GAP) {
      for (let empty = 0; empty < gap; empty++) add(0)
      length += gap + 1
    } else {
      if (length > 0) writeSpan(histogram, spanField, offset, length)
      offset = gap
      length = 1
    }
    add(count)
    end = index + 1
  }
  if (length > 0) writeSpan(histogram, spanField, offset, length)
  for (const delta of deltas) histogram.varint(deltaField, zigzag(delta))
  return length > 0
}

/** The buckets that are not empty, by Prometheus's index, which is that of the upper bound. */
function* joined({ offset, counts }: BucketRange, halvings: number): Generator<[index: number, count: number]> {
  let count = 0
  for (let place = 0; place < counts.length; place++) {
    count += counts[place] as number
    const index = (offset + place) >> halvings
    const isLast = place + 1 === counts.length || (offset + place + 1) >> halvings !== index
    if (!isLast) continue
    if (count > 0) yield [index + 1, count]
    count = 0
  }
}

function writeSpan(histogram: Message, field: number, offset: number, length: number): void {
  const span = new Message()
  span.varint(SPAN_OFFSET, zigzag(offset))
  span.varint(SPAN_LENGTH, length)
  histogram.message(field, span)
}
