import type { ExponentialHistogram } from '@opentelemetry/sdk-metrics'
import { newestOf, type Slots } from '../store/exemplars'
import { exponentialSum } from '../store/exponential-arithmetic'
import { histogramOf } from '../store/exponential-points'
import { inRange } from '../store/in-range'
import type { SeriesGroup } from '../store/series-group'
import { isExponential, type Stream } from '../store/stream'
import type { NumbersReader } from './numbers'

/** What is read of a series that may have to be brought together with others. */
export interface Reading {
  /** As {@link NumbersReader} gives them. */
  readonly numbers: Float64Array
  /** The newest of each slot. */
  readonly exemplars: Slots
  /** The exponential buckets, where every series has some that came to this one. */
  readonly exponential: ExponentialHistogram | undefined
}

/** What is read of a series besides its numbers. */
export interface Extras {
  readonly exemplars: boolean
  readonly exponential: boolean
}

const NO_SLOTS: Slots = []

/** Reads a series; `reader` reads the numbers of its stream. */
export function readingOf(
  stream: Stream,
  reader: NumbersReader,
  group: SeriesGroup,
  row: number,
  extras: Extras,
): Reading {
  return {
    numbers: reader.read(group, row).slice(),
    exemplars: (extras.exemplars && stream.exemplars?.at(group, row)) || NO_SLOTS,
    exponential: extras.exponential && isExponential(stream) ? histogramOf(stream.pointAt(group, row)) : undefined,
  }
}

/** Two series added up, which began when the first of them did. */
export function together(a: Reading, b: Reading): Reading {
  const numbers = a.numbers.map((number, index) => inRange(number + (b.numbers[index] as number)))
  const last = numbers.length - 1
  numbers[last] = Math.min(a.numbers[last] as number, b.numbers[last] as number)
  const length = Math.max(a.exemplars.length, b.exemplars.length)
  const exemplars = Array.from({ length }, (_, slot) => newestOf([a.exemplars[slot], b.exemplars[slot]]))
  const exponential = a.exponential && b.exponential && exponentialSum(a.exponential, b.exponential)
  return { numbers, exemplars, exponential }
}
