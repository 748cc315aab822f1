import type { Instruments } from '../../../src/facade/instruments'
import type { InstrumentOptions } from '../../../src/model/definition'

/** The four instruments that record. */
export type Kind = 'counter' | 'upDownCounter' | 'gauge' | 'histogram'

/** One series of any instrument. `adjust` adds to a gauge, and is `record` elsewhere. */
export interface Recorder {
  record(value: number): void
  adjust(value: number): void
}

/** Any instrument that records, with one face for all. */
export interface Subject {
  record(value: number, labels: Readonly<Record<string, string | number>>): void
  adjust(value: number, labels: Readonly<Record<string, string | number>>): void
  bind(labels: Readonly<Record<string, string | number>>): Recorder
  remove(labels: Readonly<Record<string, string | number>>): boolean
  clear(): void
}

/** Bounds of the histogram that {@link subjectOf} makes. */
export const SUBJECT_BOUNDS = [1, 10, 100]

export function subjectOf(metrics: Instruments, kind: Kind, options: InstrumentOptions<string>): Subject {
  switch (kind) {
    case 'counter':
    case 'upDownCounter': {
      const sum = metrics[kind](options)
      const add = sum.add.bind(sum)
      return {
        record: add,
        adjust: add,
        bind: (labels) => {
          const bound = sum.bind(labels)
          return { record: (value) => bound.add(value), adjust: (value) => bound.add(value) }
        },
        remove: (labels) => sum.remove(labels),
        clear: () => sum.clear(),
      }
    }
    case 'gauge': {
      const gauge = metrics.gauge(options)
      return {
        record: (value, labels) => gauge.set(value, labels),
        adjust: (value, labels) => gauge.add(value, labels),
        bind: (labels) => {
          const bound = gauge.bind(labels)
          return { record: (value) => bound.set(value), adjust: (value) => bound.add(value) }
        },
        remove: (labels) => gauge.remove(labels),
        clear: () => gauge.clear(),
      }
    }
    case 'histogram': {
      const histogram = metrics.histogram({ ...options, buckets: SUBJECT_BOUNDS })
      const record = histogram.record.bind(histogram)
      return {
        record,
        adjust: record,
        bind: (labels) => {
          const bound = histogram.bind(labels)
          return { record: (value) => bound.record(value), adjust: (value) => bound.record(value) }
        },
        remove: (labels) => histogram.remove(labels),
        clear: () => histogram.clear(),
      }
    }
  }
}
