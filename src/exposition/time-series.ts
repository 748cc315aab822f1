import type { Exemplar } from '../store/exemplars'
import { inRange } from '../store/in-range'
import type { SeriesGroup } from '../store/series-group'
import type { Stream } from '../store/stream'
import { boundText } from './bytes'
import { exemplarLabels } from './exemplar-labels'
import { type Family, isBucketStream } from './family'
import type { Naming } from './naming'
import { NumbersReader } from './numbers'
import { type ResourceAttributes, targetLabels } from './target-info'
import { labelText } from './value-texts'

/** A series as Prometheus stores it: one number under labels, of which `__name__` is one. */
export interface TimeSeries {
  /** In the order of their names, none of them empty. */
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly value: number
  readonly exemplar: TimeSeriesExemplar | undefined
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
 * Histograms are explicit ones, those with exponential buckets alone in the layout that they have on text pages.
 */
export function* timeSeries(
  families: readonly Family[],
  naming: Naming,
  constantLabels: ReadonlyMap<string, string>,
  resource: ResourceAttributes,
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
    const series = merged(family, naming, constant).flatMap((each) =>
      bounds === undefined
        ? [oneSeries(name, each.labels, each.numbers[0] as number, each.exemplars[0])]
        : histogramSeries(name, bounds, each),
    )
    if (series.length > 0) yield { name, type, help, series }
  }
}

interface Merged {
  readonly labels: ReadonlyMap<string, string>
  readonly numbers: Float64Array
  readonly exemplars: readonly (Exemplar | undefined)[]
}

/** The series of a family. Of those that read the same, sums and histograms are added up, and of gauges the last stands. */
function merged(family: Family, naming: Naming, constant: ReadonlyMap<string, string>): Merged[] {
  const additive = family.streams.every(({ shape }) => shape !== 'gauge')
  const byLabels = new Map<string, Merged>()
  for (const stream of family.streams) {
    const reader = new NumbersReader(stream)
    for (const group of stream.table.groups) {
      group.forEach((row) => {
        const labels = labelsOf(stream, group, row, naming, constant)
        const key = JSON.stringify([...labels])
        const before = byLabels.get(key)
        const numbers = reader.read(group, row)
        if (before !== undefined && additive) addTo(before.numbers, numbers)
        else {
          const exemplars = stream.exemplars?.at(group, row) ?? []
          byLabels.set(key, { labels, numbers: numbers.slice(), exemplars: [...exemplars] })
        }
      })
    }
  }
  return [...byLabels.values()]
}

/** Labels in the order of their names, without empty ones, which are as good as none. */
function labelsOf(
  stream: Stream,
  group: SeriesGroup,
  row: number,
  naming: Naming,
  constant: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const own = group.names.map((name, level) => [name, labelText(group.labelAt(row, level))] as const)
  const labels = new Map(constant)
  for (const [name, value] of naming.labels(own, stream.identity.naming)) {
    labels.set(name === 'le' && isBucketStream(stream) ? 'exported_le' : name, value)
  }
  return new Map([...labels].filter(([, value]) => value !== '').sort(byName))
}

function addTo(sum: Float64Array, numbers: Float64Array): void {
  for (let index = 0; index < sum.length - 1; index++) {
    sum[index] = inRange((sum[index] as number) + (numbers[index] as number))
  }
}

function histogramSeries(
  name: string,
  bounds: readonly number[],
  { labels, numbers, exemplars }: Merged,
): TimeSeries[] {
  let count = 0
  const series = [...bounds, Number.POSITIVE_INFINITY].map((bound, index) => {
    count += numbers[index] as number
    return oneSeries(`${name}_bucket`, new Map([...labels, ['le', boundText(bound, false)]]), count, exemplars[index])
  })
  const sum = numbers[bounds.length + 1] as number
  // A sum that nobody kept is NaN.
  if (!Number.isNaN(sum)) series.push(oneSeries(`${name}_sum`, labels, sum))
  return [...series, oneSeries(`${name}_count`, labels, count)]
}

function oneSeries(name: string, labels: ReadonlyMap<string, string>, value: number, exemplar?: Exemplar): TimeSeries {
  return {
    labels: [['__name__', name] as const, ...labels].sort(byName),
    value,
    exemplar: exemplar && { labels: exemplarLabels(exemplar), value: exemplar.value, epochMs: exemplar.epochMs },
  }
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
