import { isExponential } from '../store/stream'
import type { Chunk } from './chunk'
import { type Family, isBucketStream } from './family'
import {
  doubleField,
  lengthField,
  lengthFieldBytes,
  type Message,
  timestampBytes,
  varintField,
  varintLength,
  writeDouble,
  writeTimestamp,
  writeVarint,
} from './protobuf-bytes'

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
  /** The length of a series' value in bytes. */
  measure(numbers: Float64Array, extras: Extras): number
  /** Writes the value that was measured last. */
  write(chunk: Chunk, numbers: Float64Array, extras: Extras): void
}

export function metricWriter(family: Pick<Family, 'type' | 'streams'>): MetricWriter {
  return family.type === 'histogram' ? new HistogramMetric(family) : new NumberMetric(family.type)
}

class NumberMetric implements MetricWriter {
  readonly #isCounter: boolean
  #length = 0

  constructor(type: 'counter' | 'gauge') {
    this.#isCounter = type === 'counter'
  }

  measure(numbers: Float64Array, { exemplars }: Extras): number {
    this.#length = 9
    if (this.#isCounter) this.#length += exemplarBytes(exemplars[0]) + createdBytes(numbers)
    return lengthFieldBytes(this.#length)
  }

  write(chunk: Chunk, numbers: Float64Array, { exemplars }: Extras): void {
    const { buffer } = chunk
    buffer[chunk.at] = lengthField(this.#isCounter ? COUNTER : GAUGE)
    let at = writeVarint(buffer, chunk.at + 1, this.#length)
    at = writeDouble(chunk, at, doubleField(VALUE), numbers[0] as number)
    if (this.#isCounter) {
      at = writeExemplar(buffer, at, COUNTER_EXEMPLAR, exemplars[0])
      at = writeCreated(buffer, at, COUNTER_CREATED, numbers)
    }
    chunk.at = at
  }
}

/**
 * Explicit buckets, those up to the last finite bound: a histogram's count is that of `+Inf`. Where the buckets are all
 * exponential, none is explicit.
 */
class HistogramMetric implements MetricWriter {
  readonly #bounds: readonly number[]
  readonly #hasOwnBounds: boolean
  #length = 0

  constructor({ streams }: Pick<Family, 'streams'>) {
    this.#bounds = streams.find(isBucketStream)?.bounds ?? []
    this.#hasOwnBounds = streams.find(isExponential)?.hasOwnBounds ?? true
  }

  measure(numbers: Float64Array, { native, exemplars }: Extras): number {
    const bounds = this.#boundsOf(native)
    let length = createdBytes(numbers)
    if (native !== undefined) {
      length += native.length
      for (const exemplar of exemplars) if (exemplar !== undefined) length += 1 + exemplarBytes(exemplar)
    }
    let count = 0
    for (let index = 0; index <= this.#bounds.length; index++) {
      count += numbers[index] as number
      if (isWritten(index, bounds, exemplars)) length += lengthFieldBytes(bucketBytes(count, exemplars[index]))
    }
    length += 1 + varintLength(count)
    if (!Number.isNaN(numbers[this.#bounds.length + 1])) length += 9
    this.#length = length
    return lengthFieldBytes(length)
  }

  write(chunk: Chunk, numbers: Float64Array, { native, exemplars }: Extras): void {
    const bounds = this.#boundsOf(native)
    const { buffer } = chunk
    buffer[chunk.at] = lengthField(HISTOGRAM)
    let at = writeVarint(buffer, chunk.at + 1, this.#length)
    let count = 0
    for (let index = 0; index <= this.#bounds.length; index++) {
      count += numbers[index] as number
      if (!isWritten(index, bounds, exemplars)) continue
      buffer[at++] = lengthField(BUCKET)
      at = writeVarint(buffer, at, bucketBytes(count, exemplars[index]))
      buffer[at++] = varintField(CUMULATIVE_COUNT)
      at = writeVarint(buffer, at, count)
      at = writeDouble(chunk, at, doubleField(UPPER_BOUND), bounds[index] ?? Number.POSITIVE_INFINITY)
      at = writeExemplar(buffer, at, BUCKET_EXEMPLAR, exemplars[index])
    }
    buffer[at++] = varintField(SAMPLE_COUNT)
    at = writeVarint(buffer, at, count)
    const sum = numbers[this.#bounds.length + 1] as number
    // A sum that nobody kept is NaN.
    if (!Number.isNaN(sum)) at = writeDouble(chunk, at, doubleField(SAMPLE_SUM), sum)
    at = writeCreated(buffer, at, HISTOGRAM_CREATED, numbers)
    if (native !== undefined) {
      at = native.copyTo(buffer, at)
      for (const exemplar of exemplars) at = writeExemplar(buffer, at, HISTOGRAM_EXEMPLAR, exemplar)
    }
    chunk.at = at
  }

  #boundsOf(native: Message | undefined): readonly number[] {
    return native === undefined || this.#hasOwnBounds ? this.#bounds : []
  }
}

/** `+Inf` goes without saying, unless it has an exemplar. */
function isWritten(index: number, bounds: readonly number[], exemplars: Extras['exemplars']): boolean {
  return index < bounds.length || (bounds.length > 0 && index === bounds.length && exemplars[index] !== undefined)
}

function bucketBytes(count: number, exemplar: Message | undefined): number {
  return 1 + varintLength(count) + 9 + exemplarBytes(exemplar)
}

/** Bytes of an exemplar with a tag of one byte. */
function exemplarBytes(exemplar: Message | undefined): number {
  return exemplar === undefined ? 0 : lengthFieldBytes(exemplar.length)
}

function writeExemplar(buffer: Uint8Array, start: number, field: number, exemplar: Message | undefined): number {
  if (exemplar === undefined) return start
  const at = writeVarint(buffer, writeVarint(buffer, start, lengthField(field)), exemplar.length)
  return exemplar.copyTo(buffer, at)
}

/** Bytes of the time when a series began, which stands last among its numbers and may be 0: not known. */
function createdBytes(numbers: Float64Array): number {
  const createdMs = numbers[numbers.length - 1] as number
  return createdMs > 0 ? lengthFieldBytes(timestampBytes(createdMs)) : 0
}

function writeCreated(buffer: Uint8Array, start: number, field: number, numbers: Float64Array): number {
  const createdMs = numbers[numbers.length - 1] as number
  if (createdMs <= 0) return start
  buffer[start] = lengthField(field)
  return writeTimestamp(buffer, writeVarint(buffer, start + 1, timestampBytes(createdMs)), createdMs)
}
