import { OVERFLOW_LABEL } from '../model/labels'
import { inRange } from '../store/in-range'
import type { SeriesGroup } from '../store/series-group'
import type { Stream } from '../store/stream'
import { Bytes } from './bytes'
import type { Family } from './family'
import type { LabelTexts } from './label-texts'
import { NumbersReader } from './numbers'
import { kindsHaveEmpty, kindsMayMeet, type SeriesOrder } from './series-order'

/** What is kept of a group between pages. */
export interface GroupTexts {
  readonly order: SeriesOrder
  readonly labels: LabelTexts
}

export type TextsOf = (stream: Stream, group: SeriesGroup) => GroupTexts

/** Series of a family whose label texts may be the same, brought together. */
export interface MergedSeries {
  readonly labels: Bytes
  /** As {@link NumbersReader} gives them. */
  readonly numbers: Float64Array
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
    const {
      labels: { names, shadowsConstant },
      order: { kinds },
    } = textsOf(stream, group)
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
    const reader = new NumbersReader(stream)
    for (const group of stream.table.groups) {
      const { order, labels } = textsOf(stream, group)
      for (const row of order.rows) {
        if (!group.isLive(row)) continue
        const text = canonical(labels.textOf(row))
        const numbers = reader.read(group, row)
        const before = byText.get(text)
        if (before === undefined || !additive) byText.set(text, numbers.slice())
        else addTo(before, numbers)
      }
    }
  }
  return [...byText]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([text, numbers]) => ({ labels: new Bytes(text), numbers }))
}

/** Adds up two series, which began when the first of them did. */
function addTo(sum: Float64Array, numbers: Float64Array): void {
  const last = sum.length - 1
  for (let index = 0; index < last; index++) sum[index] = inRange((sum[index] as number) + (numbers[index] as number))
  sum[last] = Math.min(sum[last] as number, numbers[last] as number)
}

/** Labels in the order of their names, without empty ones: two texts of one series are then the same. */
function canonical(text: string): string {
  return [...text.matchAll(/([a-zA-Z0-9_]+|"(?:[^"\\]|\\.)*")="((?:[^"\\]|\\.)*)"/gs)]
    .filter(([, , value]) => value !== '')
    .sort(([, a = ''], [, b = '']) => (a < b ? -1 : 1))
    .map(([label]) => label)
    .join(',')
}
