import type { ExponentialLimits } from '../model/exponential'
import { type CarriedBuckets, forEachOf } from './carried'
import type { ExponentialIndex } from './exponential-index'
import type { BucketRange } from './stream'

/** The largest count that 32 bits can hold. */
const MAX_COUNT = 2 ** 32 - 1

/** Buckets that a range has room for at first. */
const FIRST_ROOM = 8

/**
 * The buckets of one series of an exponential histogram: those of the positive numbers, and those of the negative ones by
 * their absolute value. Each of the two ranges, empty buckets between others included, has `maxBuckets` at most; a
 * measurement outside of what that covers halves the resolution, as often as it takes, by joining buckets two by two
 * (Metrics SDK specification, "Base2 Exponential Bucket Histogram Aggregation").
 */
export class ExponentialBuckets {
  readonly positive = new GrowingRange()
  /** Most histograms have no use for it. */
  negative: GrowingRange | undefined

  scale: number
  readonly #maxBuckets: number

  constructor({ scale, maxBuckets }: ExponentialLimits) {
    this.scale = scale
    this.#maxBuckets = maxBuckets
  }

  /** Counts the value that `index` holds, which was positive or negative. */
  add(isPositive: boolean, index: ExponentialIndex): void {
    const range = isPositive ? this.positive : this.#negative()
    const bucket = index.bucketAt(this.scale)
    const place = bucket - range.offset
    const { counts } = range
    if (place < 0 || place >= counts.length) this.#addOutside(range, bucket)
    else if ((counts[place] as number) < MAX_COUNT) (counts[place] as number) += 1
    else range.add(place, 1)
  }

  /** As {@link add}, `times` times. */
  addMany(isPositive: boolean, index: ExponentialIndex, times: number): void {
    this.#addOutside(isPositive ? this.positive : this.#negative(), index.bucketAt(this.scale), times)
  }

  /** Adds all that other buckets have, at the coarser one of the two scales or below. */
  merge({ scale, positive, negative }: CarriedBuckets): void {
    // One of zeros alone may have any scale.
    if (positive.counts.length + negative.counts.length === 0) return
    if (scale < this.scale) this.#halve(this.scale - scale)
    // The scale may fall meanwhile.
    const bucketOf = (index: number) => index >> (scale - this.scale)
    forEachOf(positive, (index, count) => this.#addOutside(this.positive, bucketOf(index), count))
    forEachOf(negative, (index, count) => this.#addOutside(this.#negative(), bucketOf(index), count))
  }

  #negative(): GrowingRange {
    this.negative ??= new GrowingRange()
    return this.negative
  }

  #halve(times: number): void {
    this.scale -= times
    this.positive.join(times)
    this.negative?.join(times)
  }

  #addOutside(range: GrowingRange, bucket: number, times = 1): void {
    let [low, high] = range.extent() ?? [bucket, bucket]
    low = Math.min(low, bucket)
    high = Math.max(high, bucket)
    let halvings = 0
    for (; high - low >= this.#maxBuckets; halvings++) {
      low >>= 1
      high >>= 1
    }
    if (halvings > 0) this.#halve(halvings)
    range.cover(low, high, this.#maxBuckets)
    range.add((bucket >> halvings) - range.offset, times)
  }
}

class GrowingRange implements BucketRange {
  offset = 0
  /** Whole numbers of 32 bits: half the memory of a list. Numbers of any size once one of them needs that. */
  counts: Uint32Array | Float64Array = new Uint32Array(0)

  /** Counts `more` measurements in the bucket at a place. */
  add(place: number, more: number): void {
    const count = (this.counts[place] as number) + more
    if (count > MAX_COUNT && this.counts instanceof Uint32Array) this.counts = Float64Array.from(this.counts)
    this.counts[place] = count
  }

  /** The first and the last bucket that are not empty; `undefined` where all are. */
  extent(): [low: number, high: number] | undefined {
    const first = this.counts.findIndex((count) => count > 0)
    if (first < 0) return undefined
    return [this.offset + first, this.offset + this.counts.findLastIndex((count) => count > 0)]
  }

  /** Joins `2 ** halvings` buckets to one. */
  join(halvings: number): void {
    const { offset } = this
    this.offset = offset >> halvings
    for (let place = 0; place < this.counts.length; place++) {
      const count = this.counts[place] as number
      this.counts[place] = 0
      // Never behind the place that it is taken from.
      this.add(((offset + place) >> halvings) - this.offset, count)
    }
  }

  /** Makes room from bucket `low` to bucket `high`, and some to spare. All that are not empty are among them. */
  cover(low: number, high: number, maxBuckets: number): void {
    const { counts, offset } = this
    if (low >= offset && high < offset + counts.length) return
    let room = FIRST_ROOM
    while (room <= high - low) room *= 2
    room = Math.min(room, maxBuckets)
    this.offset = low - ((room - (high - low + 1)) >> 1)
    this.counts = counts instanceof Uint32Array ? new Uint32Array(room) : new Float64Array(room)
    for (let place = 0; place < counts.length; place++) {
      const count = counts[place] as number
      if (count > 0) this.counts[offset + place - this.offset] = count
    }
  }
}
