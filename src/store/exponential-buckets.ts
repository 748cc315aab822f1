import type { ExponentialLimits } from '../model/exponential'
import { type BucketArena, NOWHERE } from './bucket-arena'
import { type CarriedBuckets, forEachOf } from './carried'
import type { ExponentialIndex } from './exponential-index'
import type { BucketRange } from './stream'

/** The largest count that 32 bits can hold. */
const MAX_COUNT = 2 ** 32 - 1

/** Buckets that a range has room for at first. */
const FIRST_ROOM = 8

const NO_ROOM = new Uint32Array(0)

/**
 * The buckets of one series of an exponential histogram: those of the positive numbers, and those of the negative ones by
 * their absolute value. Each of the two ranges, empty buckets between others included, has `maxBuckets` at most; a
 * measurement outside of what that covers halves the resolution, as often as it takes, by joining buckets two by two
 * (Metrics SDK specification, "Base2 Exponential Bucket Histogram Aggregation").
 */
export class ExponentialBuckets {
  readonly positive: GrowingRange
  /** Most histograms have no use for it. */
  negative: GrowingRange | undefined

  scale: number
  readonly #maxBuckets: number
  readonly #arena: BucketArena

  constructor({ scale, maxBuckets }: ExponentialLimits, arena: BucketArena) {
    this.scale = scale
    this.#maxBuckets = maxBuckets
    this.#arena = arena
    this.positive = new GrowingRange(arena)
  }

  /**
   * Counts the value that `index` holds, which is positive or negative. False where there is no bucket for it yet, or 32
   * bits do not hold its count; nothing is counted then, and the index is to be given the value again.
   */
  addQuickly(isPositive: boolean, index: ExponentialIndex): boolean {
    const range = isPositive ? this.positive : this.negative
    if (range === undefined) return false
    const { counts } = range
    const place = index.bucketAt(this.scale) - range.offset
    if (place < 0 || place >= counts.length || (counts[place] as number) >= MAX_COUNT) return false
    ;(counts[place] as number) += 1
    return true
  }

  /** Counts the value that `index` holds, which is positive or negative, so many times. */
  add(isPositive: boolean, index: ExponentialIndex, times: number): void {
    this.#add(isPositive ? this.positive : this.#negative(), index.bucketAt(this.scale), times)
  }

  /** Adds all that other buckets have, at the coarser one of the two scales or below. */
  merge({ scale, positive, negative }: CarriedBuckets): void {
    // One of zeros alone may have any scale.
    if (positive.counts.length + negative.counts.length === 0) return
    if (scale < this.scale) this.#halve(this.scale - scale)
    // The scale may fall meanwhile.
    const bucketOf = (index: number) => index >> (scale - this.scale)
    forEachOf(positive, (index, count) => this.#add(this.positive, bucketOf(index), count))
    forEachOf(negative, (index, count) => this.#add(this.#negative(), bucketOf(index), count))
  }

  /** Gives its room back. */
  release(): void {
    this.positive.release()
    this.negative?.release()
  }

  #negative(): GrowingRange {
    this.negative ??= new GrowingRange(this.#arena)
    return this.negative
  }

  #halve(times: number): void {
    this.scale -= times
    this.positive.join(times)
    this.negative?.join(times)
  }

  #add(range: GrowingRange, bucket: number, times: number): void {
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
  /** Whole numbers of 32 bits, in the arena where it has room for them. Numbers of any size once one of them needs that. */
  counts: Uint32Array | Float64Array = NO_ROOM
  /** Where in the arena they are. */
  address = NOWHERE
  readonly #arena: BucketArena

  constructor(arena: BucketArena) {
    this.#arena = arena
  }

  /** Counts `more` measurements in the bucket at a place. */
  add(place: number, more: number): void {
    const count = (this.counts[place] as number) + more
    if (count > MAX_COUNT && this.counts instanceof Uint32Array) {
      const wide = Float64Array.from(this.counts)
      this.release()
      this.counts = wide
    }
    this.counts[place] = count
  }

  release(): void {
    this.#arena.give(this.address, this.counts.length)
    this.address = NOWHERE
    this.counts = NO_ROOM
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
    const { address, counts, offset } = this
    if (low >= offset && high < offset + counts.length) return
    let room = FIRST_ROOM
    while (room <= high - low) room *= 2
    room = Math.min(room, maxBuckets)
    this.offset = low - ((room - (high - low + 1)) >> 1)
    this.#take(room)
    for (let place = 0; place < counts.length; place++) {
      const count = counts[place] as number
      if (count > 0) this.counts[offset + place - this.offset] = count
    }
    this.#arena.give(address, counts.length)
  }

  #take(room: number): void {
    const isWide = this.counts instanceof Float64Array
    this.address = isWide ? NOWHERE : this.#arena.take(room)
    if (isWide) this.counts = new Float64Array(room)
    else this.counts = this.address === NOWHERE ? new Uint32Array(room) : this.#arena.at(this.address, room)
  }
}
