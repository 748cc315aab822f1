import { hasHistogramSum } from '../model/definition'
import type { SeriesGroup } from '../store/series-group'
import type { BucketStream, NumberStream, Stream } from '../store/stream'

/**
 * Reads the numbers of a stream's series as they are written: one value, or the buckets one by one and the sum, NaN
 * where there is none; and last, when the series began to count, in milliseconds since the epoch, or 0.
 */
export class NumbersReader {
  readonly #stream: NumberStream | BucketStream
  readonly #numbers: Float64Array
  readonly #hasSum: boolean

  constructor(stream: Stream) {
    this.#stream = stream as NumberStream | BucketStream
    this.#hasSum = hasHistogramSum(stream.identity.instrument)
    this.#numbers = new Float64Array(this.#stream.shape === 'histogram' ? this.#stream.bounds.length + 3 : 2)
  }

  /** The numbers of a series, until the next one is read. */
  read(group: SeriesGroup, row: number): Float64Array {
    const stream = this.#stream
    if (stream.shape === 'histogram') {
      stream.read(group, row, this.#numbers)
      if (!this.#hasSum) this.#numbers[stream.bounds.length + 1] = Number.NaN
    } else this.#numbers[0] = stream.valueAt(group, row)
    this.#numbers[this.#numbers.length - 1] = stream.createdMsAt(group, row)
    return this.#numbers
  }
}
