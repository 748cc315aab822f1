import { OVERFLOW_LABEL } from '../model/labels'
import type { SeriesGroup } from '../store/series-group'
import type { Stream } from '../store/stream'
import { doneAtOnce } from '../store/turns'
import type { Family } from './family'
import { sortedInSteps } from './in-steps'
import type { LabelTexts } from './label-texts'
import { NumbersReader } from './numbers'
import { type Extras, type Reading, readingOf, together } from './reading'
import { kindsHaveEmpty, kindsMayMeet, type SeriesOrder } from './series-order'

/** What is kept of a group between pages. */
export interface GroupTexts {
  readonly order: SeriesOrder
  readonly labels: LabelTexts
}

export type TextsOf = (stream: Stream, group: SeriesGroup) => GroupTexts

/** Series of a family whose label texts may be the same, brought together. */
export interface MergedSeries extends Reading {
  /** The text of the labels. */
  readonly labels: string
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
  const severalGroups = groups.filter((group) => !isOverflow(group, textsOf(stream, group).order)).length > 1
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

/** Whether a group is that of the series which takes the rest, and of no attribute that is called so and may be empty. */
function isOverflow({ names }: SeriesGroup, { kinds: [kinds = 0] }: SeriesOrder): boolean {
  return names.length === 1 && names[0] === OVERFLOW_LABEL && !kindsHaveEmpty(kinds)
}

/** So often reading begins anew because a group was packed or cleared in between; then it is done in one go. */
const MAX_TRIES = 3
/** Series that are read in one go. */
const STEP = 50

/**
 * The series of a family by label text, in its order. Where several have the same text, sums and histograms are added
 * up, and of gauges the last stands. There may be many: the work is done in steps, between which groups may change.
 */
export function* mergeSeries(
  family: Family,
  textsOf: TextsOf,
  extras: Extras,
): Generator<void, readonly MergedSeries[], void> {
  for (let tries = 1; ; tries++) {
    const reading = readSeries(family, textsOf, extras)
    const series = tries > MAX_TRIES ? doneAtOnce(reading) : yield* reading
    if (series !== undefined) return yield* sortedInSteps(series, (a, b) => (a.labels < b.labels ? -1 : 1))
  }
}

/** Series with the same text as one; `undefined` where rows got other numbers meanwhile. */
function* readSeries(
  family: Family,
  textsOf: TextsOf,
  extras: Extras,
): Generator<void, MergedSeries[] | undefined, void> {
  const byText = new Map<string, Reading>()
  const additive = family.streams.every(({ shape }) => shape !== 'gauge')
  let steps = 0
  for (const stream of family.streams) {
    const reader = new NumbersReader(stream)
    for (const group of stream.table.groups) {
      const { order, labels } = textsOf(stream, group)
      yield* order.update()
      const { epoch } = group
      for (const row of order.rows) {
        if (++steps % STEP === 0) {
          yield
          if (group.epoch !== epoch) return undefined
        }
        if (!group.isLive(row)) continue
        const text = canonical(labels.textOf(row))
        const reading = readingOf(stream, reader, group, row, extras)
        const before = byText.get(text)
        byText.set(text, before !== undefined && additive ? together(before, reading) : reading)
      }
    }
  }
  return [...byText].map(([labels, reading]) => ({ labels, ...reading }))
}

/** Labels in the order of their names, without empty ones: two texts of one series are then the same. */
function canonical(text: string): string {
  return [...text.matchAll(/([a-zA-Z0-9_]+|"(?:[^"\\]|\\.)*")="((?:[^"\\]|\\.)*)"/gs)]
    .filter(([, , value]) => value !== '')
    .sort(([, a = ''], [, b = '']) => (a < b ? -1 : 1))
    .map(([label]) => label)
    .join(',')
}
