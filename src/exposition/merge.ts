import { OVERFLOW_LABEL } from '../model/labels'
import type { SeriesGroup } from '../store/series-group'
import type { Stream } from '../store/stream'
import { type Family, isBucketStream, isNumberStream } from './family'
import { kindsHaveEmpty, kindsMayMeet, type LabelTexts } from './label-texts'

/** The label texts of a group of a stream, up to date. */
export type TextsOf = (stream: Stream, group: SeriesGroup) => LabelTexts

/** Series of a family whose label texts may be the same, brought together. */
export interface MergedSeries {
  readonly labels: Buffer
  /** A number, or a histogram's buckets and sum. */
  readonly cells: Float64Array
}

/**
 * Whether two series of a family may read the same on a page although they are two in the store: attributes `a.b` and
 * `a_b` both become `a_b`, the number 1 and the text "1" look alike, an empty label is as good as none, a label may have
 * the value that is constant elsewhere, and one name can come from several meters.
 */
export function mayCollide(streams: readonly Stream[], textsOf: TextsOf): boolean {
  const filled = streams.filter(({ table }) => table.seriesCount > 0)
  const [stream] = filled
  if (stream === undefined || filled.length > 1) return filled.length > 1
  const { groups } = stream.table
  const severalGroups = groups.filter(({ names }) => names.length !== 1 || names[0] !== OVERFLOW_LABEL).length > 1
  const rawNames = new Map<string, string>()
  const kindsByName = new Map<string, number>()
  for (const group of groups) {
    const { names, kinds, shadowsConstant } = textsOf(stream, group)
    if (severalGroups && shadowsConstant) return true
    for (let level = 0; level < names.length; level++) {
      const name = names[level] as string
      const raw = group.names[level] as string
      if ((rawNames.get(name) ?? raw) !== raw) return true
      rawNames.set(name, raw)
      kindsByName.set(name, (kindsByName.get(name) ?? 0) | (kinds[level] as number))
    }
  }
  for (const kinds of kindsByName.values()) {
    if (kindsMayMeet(kinds) || (severalGroups && kindsHaveEmpty(kinds))) return true
  }
  return false
}

/**
 * The series of a family by label text, in its order. Where several have the same text, sums and histograms are added
 * up, and of gauges the last stands.
 */
export function mergeSeries(family: Family, textsOf: TextsOf): MergedSeries[] {
  const byText = new Map<string, Float64Array>()
  const additive = family.streams.every(({ shape }) => shape !== 'gauge')
  for (const stream of family.streams) {
    for (const group of stream.table.groups) {
      const texts = textsOf(stream, group)
      for (const row of texts.order) {
        const text = withoutEmptyLabels(texts.bytes.toString('utf8', texts.starts[row], texts.starts[row + 1]))
        const numbers = numbersOf(stream, group.chunkOf(row), group.offsetOf(row))
        const before = byText.get(text)
        if (before === undefined || !additive) byText.set(text, numbers)
        else for (let index = 0; index < numbers.length; index++) (before[index] as number) += numbers[index] as number
      }
    }
  }
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([text, cells]) => ({ labels: Buffer.from(text), cells }))
}

function withoutEmptyLabels(text: string): string {
  if (!text.includes('=""')) return text
  return [...text.matchAll(/[a-zA-Z0-9_]+="((?:[^"\\]|\\.)*)"/gs)]
    .filter(([, value]) => value !== '')
    .map(([label]) => label)
    .join(',')
}

function numbersOf(stream: Stream, cells: Float64Array, at: number): Float64Array {
  if (isNumberStream(stream)) return Float64Array.of(stream.valueAt(cells, at))
  if (!isBucketStream(stream)) return new Float64Array(0)
  const numbers = new Float64Array(stream.bounds.length + 2)
  for (let index = 0; index <= stream.bounds.length; index++) numbers[index] = stream.bucketAt(cells, at, index)
  numbers[stream.bounds.length + 1] = stream.sumAt(cells, at)
  return numbers
}
