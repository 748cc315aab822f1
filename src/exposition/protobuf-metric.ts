import { writeVarint } from '../model/varint'
import { isExponential } from '../store/stream'
import type { Chunk } from './chunk'
import { type Family, isBucketStream } from './family'
import {
  closeMessage,
  doubleField,
  lengthField,
  lengthFieldBytes,
  MAX_TIMESTAMP_BYTES,
  type Message,
  OPEN_BYTES,
  openMessage,
  varintField,
  writeDouble,
  writeTimestamp,
} from './protobuf-bytes'

/** The field of `MetricFamily` that holds a series. */
export const METRIC = 4
/** The fields of `Metric` that hold a value, and of the messages in them. */
const GAUGE = 2
const COUNTER = 3
const HISTOGRAM = 7
const VALUE = 1
const COUNTER_EXEMPLAR = 2
const COUNTER_CREATED = 3
const SAMPLE_COUNT = 1
const SAMPLE_SUM = 2
const BUCKET = 3
const HISTOGRAM_CREATED = 15
const HISTOGRAM_EXEMPLAR = 16
const CUMULATIVE_COUNT = 1
const UPPER_BOUND = 2
const BUCKET_EXEMPLAR = 3

/** What a series has besides its numbers. */
export interface Extras {
  /** Native buckets as fields of a `Histogram`; `undefined` where it has none. */
  readonly native: Message | undefined
  /** `Exemplar` messages by slot. */
  readonly exemplars: readonly (Message | undefined)[]
}

export const NO_EXTRAS: Extras = { native: undefined, exemplars: [] }

/** Writes the values of a family's series as fields of their `Metric`. */
export interface MetricWriter {
  /** The most bytes that a series' value takes. */
  sizeBytes(extras: Extras): number
  /** Writes a series' value. Returns the end. */
  write(chunk: Chunk, start: number, numbers: Float64Array, extras: Extras): number
}

export function metricWriter(family: Pick<Family, 'type' | 'streams'>): MetricWriter {
  return family.type === 'histogram' ? new HistogramMetric(family) : new NumberMetric(family.type)
}

class NumberMetric implements MetricWriter {
  readonly #isCounter: boolean
  readonly #tag: number

  constructor(type: 'counter' | 'gauge') {
    this.#isCounter = type === 'counter'
    this.#tag = lengthField(this.#isCounter ? COUNTER : GAUGE)
  }

  sizeBytes({ exemplars }: Extras): number {
    return MAX_NUMBER_BYTES + exemplarBytes(exemplars[0])
  }

  write(chunk: Chunk, start: number, numbers: Float64Array, { exemplars }: Extras): number {
    const { buffer } = chunk
    const body = openMessage(buffer, start, this.#tag)
    let at = writeDouble(chunk, body, doubleField(VALUE), numbers[0] as number)
    if (this.#isCounter) {
      at = writeExemplar(buffer, at, COUNTER_EXEMPLAR, exemplars[0])
      at = writeCreated(chunk, at, COUNTER_CREATED, numbers)
    }
    return closeMessage(buffer, body, at)
  }
}

/**
 * Explicit buckets, those up to the last finite bound: a histogram's count is that of `+Inf`. Where the buckets are all
 * exponential, none is explicit.
 */
class HistogramMetric implements MetricWriter {
  readonly #bounds: Float64Array
  readonly #hasOwnBounds: boolean

  constructor({ streams }: Pick<Family, 'streams'>) {
    this.#bounds = Float64Array.from(streams.find(isBucketStream)?.bounds ?? [])
    this.#hasOwnBounds = streams.find(isExponential)?.hasOwnBounds ?? true
  }

  sizeBytes({ native, exemplars }: Extras): number {
    let size = MAX_NUMBER_BYTES + (this.#bounds.length + 1) * MAX_BUCKET_BYTES
    if (native !== undefined) size += native.length
    // With native buckets an exemplar is there twice.
    for (const exemplar of exemplars) size += 2 * exemplarBytes(exemplar)
    return size
  }

  write(chunk: Chunk, start: number, numbers: Float64Array, { native, exemplars }: Extras): number {
    const { buffer } = chunk
    const body = openMessage(buffer, start, lengthField(HISTOGRAM))
    let at = body
    const bounds = this.#bounds
    const isExplicit = native === undefined || this.#hasOwnBounds
    const hasExemplars = exemplars.length > 0
    let count = 0
    for (let index = 0; index < bounds.length; index++) {
      count += numbers[index] as number
      if (!isExplicit) continue
      const exemplar = hasExemplars ? exemplars[index] : undefined
      at = writeBucket(chunk, at, count, bounds[index] as number, exemplar)
    }
    count += numbers[bounds.length] as number
    // `+Inf` goes without saying, unless it has an exemplar.
    const last = exemplars[bounds.length]
    if (last !== undefined && isExplicit && bounds.length > 0) {
      at = writeBucket(chunk, at, count, Number.POSITIVE_INFINITY, last)
    }
    buffer[at++] = varintField(SAMPLE_COUNT)
    at = writeVarint(buffer, at, count)
    const sum = numbers[bounds.length + 1] as number
    // A sum that nobody kept is NaN.
    if (!Number.isNaN(sum)) at = writeDouble(chunk, at, doubleField(SAMPLE_SUM), sum)
    at = writeCreated(chunk, at, HISTOGRAM_CREATED, numbers)
    if (native !== undefined) {
      at = native.copyTo(buffer, at)
      for (const exemplar of exemplars) at = writeExemplar(buffer, at, HISTOGRAM_EXEMPLAR, exemplar)
    }
    return closeMessage(buffer, body, at)
  }
}

const timeBytes = new Uint8Array(MAX_TIMESTAMP_BYTES)
/** The time that was written last: many series began at the same one. */
const lastTime = { epochMs: 0, length: 0, bytes: timeBytes, view: new DataView(timeBytes.buffer) }

/** The most bytes of a value, its count, sum and time, with all tags and lengths. */
const MAX_NUMBER_BYTES = 64
/** What a bucket with a count of one byte begins with: its tag, its length, and the count's tag. */
const SMALL_BUCKET = (lengthField(BUCKET) << 24) | (11 << 16) | (varintField(CUMULATIVE_COUNT) << 8)
/** The most bytes of a bucket without its exemplar: of its length, its count and its bound, with their tags. */
const MAX_BUCKET_BYTES = 2 * OPEN_BYTES + 11 + 9

function writeBucket(chunk: Chunk, start: number, count: number, bound: number, exemplar: Message | undefined): number {
  const { buffer, view } = chunk
  if (exemplar === undefined) {
    if (count < 128) {
      view.setUint32(start, SMALL_BUCKET | count)
      return writeDouble(chunk, start + 4, doubleField(UPPER_BOUND), bound)
    }
    // The length takes one byte: that of a count and a bound is small.
    buffer[start] = lengthField(BUCKET)
    buffer[start + 2] = varintField(CUMULATIVE_COUNT)
    const at = writeDouble(chunk, writeVarint(buffer, start + 3, count), doubleField(UPPER_BOUND), bound)
    buffer[start + 1] = at - start - 2
    return at
  }
  const body = openMessage(buffer, start, lengthField(BUCKET))
  buffer[body] = varintField(CUMULATIVE_COUNT)
  const at = writeDouble(chunk, writeVarint(buffer, body + 1, count), doubleField(UPPER_BOUND), bound)
  return closeMessage(buffer, body, writeExemplar(buffer, at, BUCKET_EXEMPLAR, exemplar))
}

/** Bytes of an exemplar with its tag and length, or more. */
function exemplarBytes(exemplar: Message | undefined): number {
  return exemplar === undefined ? 0 : 1 + lengthFieldBytes(exemplar.length)
}

function writeExemplar(buffer: Uint8Array, start: number, field: number, exemplar: Message | undefined): number {
  if (exemplar === undefined) return start
  const at = writeVarint(buffer, writeVarint(buffer, start, lengthField(field)), exemplar.length)
  return exemplar.copyTo(buffer, at)
}

/** Writes the time when a series began, which stands last among its numbers and may be 0: not known. */
function writeCreated({ buffer, view }: Chunk, start: number, field: number, numbers: Float64Array): number {
  const createdMs = numbers[numbers.length - 1] as number
  if (createdMs <= 0) return start
  if (createdMs !== lastTime.epochMs) {
    lastTime.epochMs = createdMs
    lastTime.length = writeTimestamp(lastTime.bytes, 0, createdMs)
  }
  const { length, view: time } = lastTime
  buffer[start] = lengthField(field)
  // The length of a time takes one byte.
  buffer[start + 1] = length
  for (let index = 0; index < length; index += 4) view.setUint32(start + 2 + index, time.getUint32(index))
  return start + 2 + length
}
