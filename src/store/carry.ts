import { type LabelsInput, OVERFLOW_LABEL } from '../model/labels'
import type { Carried } from './carried'
import type { ExponentialHistogramStream } from './exponential-histogram'
import { HistogramStream } from './histogram'
import { LastValueStream } from './last-value'
import { ObservedStream } from './observed'
import type { SeriesGroup } from './series-group'
import { type BucketStream, isExponential, type NumberStream, type Stream } from './stream'
import { SumStream } from './sum'

/** A stream that can go on with what others counted. */
type Taking = SumStream | LastValueStream | HistogramStream | ObservedStream

/** Whether `to` can go on with what `from` counted: sums with sums, and of histograms with their own. */
export function canCarry(from: Stream, to: Stream): to is Taking {
  if (from instanceof ObservedStream || to instanceof ObservedStream) {
    return from instanceof ObservedStream && to instanceof ObservedStream
  }
  if (from.shape === 'histogram') return to instanceof HistogramStream || to instanceof SumStream
  return from.shape === 'gauge' ? to instanceof LastValueStream : to instanceof SumStream
}

/** Series that are carried in one step. */
const STEP = 128

/**
 * Has `to` go on with what `from` counted, by the labels that it keeps: series that read the same to it are added up, and no
 * series is left out for the limit. Nothing is carried where that cannot be. In steps, if it {@link mayWait}; nothing may be
 * recorded in `from` any more.
 */
export function* carry(from: Stream, to: Stream): Generator<void, void, void> {
  if (!canCarry(from, to)) return
  for (const group of from.table.groups) {
    for (let row = 0; row < group.rowCount; row++) {
      if (row % STEP === STEP - 1) yield
      if (!group.isLive(row)) continue
      take(to, labelsAt(group, row), carriedAt(from, group, row), from.createdMsAt(group, row))
    }
  }
}

/** Whether what is carried may come later than what is recorded: where the two are added up. */
export function mayWait(to: Stream): boolean {
  return to instanceof SumStream || to instanceof HistogramStream
}

/** Adds what a series counted since `createdMs`; `labels` are `undefined` for the overflow series. */
export function take(to: Stream, labels: LabelsInput | undefined, carried: Carried, createdMs: number): void {
  const { group, row } = to.table.place(labels)
  ;(to as Taking).absorb(group, row, carried, createdMs)
}

function carriedAt(from: Stream, group: SeriesGroup, row: number): Carried {
  if (from.shape !== 'histogram') return (from as NumberStream).valueAt(group, row)
  const { bounds } = from as BucketStream
  if (!isExponential(from)) return explicitAt(from as BucketStream, group, row)
  const point = from.pointAt(group, row)
  const { hasOwnBounds } = from as ExponentialHistogramStream
  return {
    sum: point.sum,
    exponential: point,
    ...(hasOwnBounds && { bounds, counts: explicitAt(from, group, row).counts }),
  }
}

function explicitAt(from: BucketStream, group: SeriesGroup, row: number) {
  const { bounds } = from
  const numbers = new Float64Array(bounds.length + 2)
  from.read(group, row, numbers)
  return { sum: numbers[bounds.length + 1] as number, bounds, counts: numbers.subarray(0, bounds.length + 1) }
}

function labelsAt(group: SeriesGroup, row: number): LabelsInput | undefined {
  const { names } = group
  if (names.length === 1 && names[0] === OVERFLOW_LABEL && group.labelAt(row, 0) === 'true') return undefined
  // Unlike an assignment, this makes a label of "__proto__" too.
  return Object.fromEntries(names.map((name, level) => [name, group.labelAt(row, level)])) as LabelsInput
}
