import type { Histogram } from '@opentelemetry/sdk-metrics'
import { type Kind, SUBJECT_BOUNDS } from './subject'

/** What one series was told, in order. */
interface Series {
  values: { value: number; adjusts: boolean }[]
  /** How much it had been told at the last collection, and when that was first seen. */
  seen: { count: number; sinceMs: number } | undefined
}

const OVERFLOW = 'otel.metric.overflow=true'

/** A metric the slow and obvious way: every series keeps all that it was told, and works out its value when asked. */
export class Reference {
  readonly #kind: Kind
  readonly #limit: number
  readonly #expireAfterMs: number
  readonly #series = new Map<string, Series>()
  /** Measurements that went to the overflow series. */
  overflowed = 0

  constructor(kind: Kind, limit: number, expireAfterMs: number) {
    this.#kind = kind
    this.#limit = limit
    this.#expireAfterMs = expireAfterMs
  }

  record(key: string, value: number): void {
    this.#at(key).values.push({ value, adjusts: false })
  }

  adjust(key: string, value: number): void {
    this.#at(key).values.push({ value, adjusts: true })
  }

  /** Makes the series, if there is room. */
  bind(key: string): void {
    if (this.#hasRoomFor(key)) this.#at(key)
  }

  remove(key: string): boolean {
    return this.#series.delete(key)
  }

  clear(): void {
    this.#series.clear()
  }

  /** Drops series that have been told nothing for `expireAfterMs`, as far as collections saw; an up-down counter's at 0. */
  expire(nowMs: number): void {
    for (const [key, series] of this.#series) {
      const count = series.values.length
      if (series.seen?.count !== count) series.seen = { count, sinceMs: nowMs }
      else if (nowMs - series.seen.sinceMs >= this.#expireAfterMs && !this.#isOpen(series)) this.#series.delete(key)
    }
  }

  #isOpen(series: Series): boolean {
    return this.#kind === 'upDownCounter' && this.#valueOf(series) !== 0
  }

  series(): Record<string, number | Histogram> {
    return Object.fromEntries([...this.#series].map(([key, series]) => [key, this.#valueOf(series)]))
  }

  #at(key: string): Series {
    const target = this.#hasRoomFor(key) ? key : OVERFLOW
    if (target === OVERFLOW) this.overflowed++
    let series = this.#series.get(target)
    if (series === undefined) {
      series = { values: [], seen: undefined }
      this.#series.set(target, series)
    }
    return series
  }

  #hasRoomFor(key: string): boolean {
    return this.#series.has(key) || this.#series.size - (this.#series.has(OVERFLOW) ? 1 : 0) < this.#limit
  }

  #valueOf({ values }: Series): number | Histogram {
    const sum = values.reduce((total, { value }) => total + value, 0)
    switch (this.#kind) {
      case 'gauge':
        return values.reduce((last, { value, adjusts }) => (adjusts ? last + value : value), 0)
      case 'histogram':
        return {
          buckets: {
            boundaries: [...SUBJECT_BOUNDS],
            counts: [Number.NEGATIVE_INFINITY, ...SUBJECT_BOUNDS].map((above, index) => {
              const upTo = SUBJECT_BOUNDS[index] ?? Number.POSITIVE_INFINITY
              return values.filter(({ value }) => value > above && value <= upTo).length
            }),
          },
          count: values.length,
          sum,
        }
      default:
        return sum
    }
  }
}
