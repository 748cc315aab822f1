import type { Exemplar } from '../store/exemplars'
import { pointOf } from '../store/exponential-points'
import type { SeriesGroup } from '../store/series-group'
import { type ExponentialPoint, isExponential, type Stream } from '../store/stream'
import { boundText } from './bytes'
import { exemplarLabels } from './exemplar-labels'
import { type Family, isBucketStream } from './family'
import type { Naming } from './naming'
import { isNative, type NativeFields, writeNativeBuckets } from './native-buckets'
import { NumbersReader } from './numbers'
import { Message } from './protobuf-bytes'
import { type Reading, readingOf, together } from './reading'
import { type ResourceAttributes, targetLabels } from './target-info'
import { labelText } from './value-texts'

/** A series as Prometheus stores it: one number, or native histogram, under labels, of which `__name__` is one. */
export interface TimeSeries {
  /** In the order of their names, none of them empty. */
  readonly labels: readonly (readonly [name: string, value: string])[]
  /** Of a native histogram its sum, NaN for none. */
  readonly value: number
  /** In the order of their times, and of their values. */
  readonly exemplars: readonly TimeSeriesExemplar[]
  /** The count and the buckets of a native histogram, as fields of Prometheus's `prometheus.Histogram`. */
  readonly native?: Message | undefined
}

/** The fields of `prometheus.Histogram` (Prometheus's prompb/types.proto). */
const COUNT = 1
const NATIVE_FIELDS: NativeFields = {
  schema: 4,
  zeroThreshold: 5,
  zeroCount: 6,
  negativeSpan: 8,
  negativeDelta: 9,
  positiveSpan: 11,
  positiveDelta: 12,
  emptyThreshold: 0,
}

export interface TimeSeriesExemplar {
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly value: number
  readonly epochMs: number
}

/** What a page's families are, apart from their series. */
export interface SeriesFamily {
  readonly name: string
  readonly type: Family['type']
  readonly help: string
  readonly series: readonly TimeSeries[]
}

/**
 * Families as a text page would have them, series by series and sample by sample, for what is sent to be stored as it is.
 * Histograms are explicit ones, those with exponential buckets alone in the layout that they have on text pages. With `native`,
 * exponential buckets are native ones, as far as Prometheus has such; explicit ones stand beside them where both were asked for.
 */
export function* timeSeries(
  families: readonly Family[],
  naming: Naming,
  constantLabels: ReadonlyMap<string, string>,
  resource: ResourceAttributes,
  native: boolean,
): Generator<SeriesFamily, void, void> {
  const constant = naming.labels(constantLabels, 'prometheus')
  const target = targetLabels(resource, families, naming)
  if (target !== undefined) {
    const series = [oneSeries('target_info', new Map([...constant, ...target]), 1)]
    yield { name: 'target_info', type: 'gauge', help: 'Target metadata', series }
  }
  for (const family of families) {
    const { name, type, help } = family
    const bounds = family.streams.find(isBucketStream)?.bounds
    const hasOwnBounds = family.streams.find(isExponential)?.hasOwnBounds ?? true
    const series = merged(family, naming, constant, native).flatMap((each) => {
      if (bounds === undefined)
        return [oneSeries(name, each.labels, each.numbers[0] as number, each.exemplars.slice(0, 1))]
      const buckets = each.exponential && nativeOf(pointOf(each.exponential))
      if (buckets === undefined) return histogramSeries(name, bounds, each)
      const sum = each.numbers[bounds.length + 1] as number
      const whole = { ...oneSeries(name, each.labels, sum, each.exemplars), native: buckets }
      return hasOwnBounds ? [whole, ...histogramSeries(name, bounds, each)] : [whole]
    })
    if (series.length > 0) yield { name, type, help, series }
  }
}

interface Merged extends Reading {
  readonly labels: ReadonlyMap<string, string>
}

/** The series of a family. Of those that read the same, sums and histograms are added up, and of gauges the last stands. */
function merged(
  family: Family,
  naming: Naming,
  constant: ReadonlyMap<string, string>,
  isNativeAsked: boolean,
): Merged[] {
  const extras = { exemplars: true, exponential: isNativeAsked }
  const additive = family.streams.every(({ shape }) => shape !== 'gauge')
  const byLabels = new Map<string, Merged>()
  for (const stream of family.streams) {
    const reader = new NumbersReader(stream)
    for (const group of stream.table.groups) {
      group.forEach((row) => {
        const labels = labelsOf(stream, group, row, naming, constant)
        const key = JSON.stringify([...labels])
        const before = byLabels.get(key)
        const reading = readingOf(stream, reader, group, row, extras)
        byLabels.set(key, { labels, ...(before !== undefined && additive ? together(before, reading) : reading) })
      })
    }
  }
  return [...byLabels.values()]
}

function nativeOf(point: ExponentialPoint): Message | undefined {
  if (!isNative(point)) return undefined
  const message = new Message()
  message.varint(COUNT, point.count)
  writeNativeBuckets(message, point, NATIVE_FIELDS)
  return message
}

/** Labels in the order of their names, without empty ones, which are as good as none. */
function labelsOf(
  stream: Stream,
  group: SeriesGroup,
  row: number,
  naming: Naming,
  constant: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const { naming: kind } = stream.identity
  const isReserved = (name: string) => isBucketStream(stream) && naming.label(name, kind) === 'le'
  const own = group.names.map(
    (name, level) => [isReserved(name) ? 'exported_le' : name, labelText(group.labelAt(row, level))] as const,
  )
  const labels = new Map([...constant, ...naming.labels(own, kind)])
  return new Map([...labels].filter(([, value]) => value !== '').sort(byName))
}

function histogramSeries(
  name: string,
  bounds: readonly number[],
  { labels, numbers, exemplars }: Merged,
): TimeSeries[] {
  let count = 0
  const series = [...bounds, Number.POSITIVE_INFINITY].map((bound, index) => {
    count += numbers[index] as number
    return oneSeries(`${name}_bucket`, new Map([...labels, ['le', boundText(bound, false)]]), count, [exemplars[index]])
  })
  const sum = numbers[bounds.length + 1] as number
  // A sum that nobody kept is NaN.
  if (!Number.isNaN(sum)) series.push(oneSeries(`${name}_sum`, labels, sum))
  return [...series, oneSeries(`${name}_count`, labels, count)]
}

function oneSeries(
  name: string,
  labels: ReadonlyMap<string, string>,
  value: number,
  exemplars: readonly (Exemplar | undefined)[] = [],
): TimeSeries {
  return {
    labels: [['__name__', name] as const, ...labels].sort(byName),
    value,
    exemplars: exemplars
      .filter((exemplar) => exemplar !== undefined)
      .map((exemplar) => ({ labels: exemplarLabels(exemplar), value: exemplar.value, epochMs: exemplar.epochMs }))
      .sort((a, b) => a.epochMs - b.epochMs || a.value - b.value),
  }
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
