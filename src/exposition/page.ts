import type { LabelValues } from '../store/label-values'
import type { SeriesGroup } from '../store/series-group'
import type { Stream } from '../store/stream'
import { ByGroup } from './by-group'
import { Bytes, escapeLabelValue } from './bytes'
import { Chunk, NOTHING } from './chunk'
import { counted } from './counted'
import { CountedLines } from './counted-lines'
import { exemplarTextBytes, exemplarTexts, NO_EXEMPLAR_TEXTS, slotTexts } from './exemplar-texts'
import type { Family } from './family'
import { familyHeader, HistogramLines, NumberLines, type SeriesLines } from './family-lines'
import type { Format } from './format'
import { groupInTurns } from './group-in-turns'
import { Held } from './held'
import { inTurnsOfPage } from './in-steps'
import { LabelTexts } from './label-texts'
import { type GroupTexts, mayCollide, mergeSeries, type TextsOf } from './merge'
import type { Naming } from './naming'
import { NumbersReader } from './numbers'
import { type Rows, SeriesOrder } from './series-order'
import { type ResourceAttributes, targetInfo } from './target-info'
import { ValueTexts } from './value-texts'

/** Series of a group's first turn, of which each has twice as many: code that runs for the first time takes its time. */
const FIRST_ROWS = 8

/**
 * Writes pages. The texts of label values and the order of the series are kept between pages, so that writing a series is
 * copying bytes and formatting its numbers; the numbers themselves are read when their line is written.
 *
 * A page comes in chunks of some 64 KiB, and the writer works on the next chunk only when it is asked for: whoever sends
 * the page decides when others get their turn. A chunk is empty where all of a turn went into work that comes before
 * writing. Its bytes are valid until the next one is asked for. A series is written in one go, so it is never torn.
 */
export class PageWriter {
  /** Labels of every series. */
  readonly #constantLabels: ReadonlyMap<string, string>
  readonly #created: boolean
  readonly #orders = new WeakMap<SeriesGroup, SeriesOrder>()
  /** What depends on the names of labels. */
  readonly #labels = new ByGroup<LabelTexts>()
  readonly #values = new WeakMap<LabelValues, ValueTexts>()

  /** With `created`, OpenMetrics tells when series began to count. */
  constructor({ constantLabels, created }: { constantLabels: ReadonlyMap<string, string>; created: boolean }) {
    this.#constantLabels = constantLabels
    this.#created = created
  }

  *write(
    families: readonly Family[],
    format: Format,
    naming: Naming,
    resource: ResourceAttributes,
  ): Generator<Buffer, void, void> {
    const chunk = new Chunk()
    const info = targetInfo(resource, families, format, naming)
    chunk.fits(info.length * 3)
    chunk.text(info)
    const { families: inOrder, counters } = counted(families)
    const holding = new Map<Family, Held>()
    for (const family of inOrder) {
      const written = holding.get(family)
      if (written !== undefined) {
        yield* heldFamily(chunk, familyHeader(family, format), written)
        continue
      }
      const counter = counters.get(family)
      const held = new Held()
      if (counter !== undefined) holding.set(counter, held)
      if (family.streams.every(({ table }) => table.seriesCount === 0)) continue
      const header = familyHeader(family, format)
      if (!chunk.fits(header.length * 3)) {
        yield chunk.take()
        chunk.fits(header.length * 3)
      }
      chunk.text(header)
      yield* this.#family(chunk, family, format, naming, counter && { counter, held })
    }
    const end = format.id === 'openmetrics' ? '# EOF\n' : ''
    if (!chunk.fits(end.length)) yield chunk.take()
    chunk.text(end)
    yield chunk.take()
  }

  /** Bytes kept for a group, its values left out, which others may share. */
  groupBytes(group: SeriesGroup): number {
    return (this.#orders.get(group)?.sizeBytes ?? 0) + this.#labels.sizeBytes(group)
  }

  /** Bytes kept for the values of a label. */
  valueBytes(values: LabelValues): number {
    return this.#values.get(values)?.sizeBytes ?? 0
  }

  /** What is kept of the groups of a family. */
  textsOf(family: Family, naming: Naming): TextsOf {
    const reserved = family.type === 'histogram' ? 'le' : undefined
    return (stream, group) => ({
      order: this.#orderOf(group),
      labels: this.#labelsOf(stream, group, naming, reserved),
    })
  }

  *#family(
    chunk: Chunk,
    family: Family,
    format: Format,
    naming: Naming,
    beside: { readonly counter: Family; readonly held: Held } | undefined,
  ): Generator<Buffer, void, void> {
    const textsOf = this.textsOf(family, naming)
    for (const stream of family.streams) {
      for (const group of stream.table.groups) {
        for (const values of group.values) this.#values.get(values)?.tidy()
        yield* inTurnsOfPage(this.#orderOf(group).update())
      }
    }
    const hasCreated = this.#created && format.id === 'openmetrics'
    const linesOf = (each: Family) =>
      each.type === 'histogram'
        ? new HistogramLines(each, format, hasCreated)
        : new NumberLines(each, format, hasCreated)
    const lines = beside ? new CountedLines(linesOf(family), linesOf(beside.counter), beside.held) : linesOf(family)
    if (mayCollide(family.streams, textsOf)) {
      yield* mergedRows(chunk, family, lines, textsOf)
      return
    }
    for (const stream of family.streams) {
      for (const group of [...stream.table.groups].sort(byNames)) {
        yield* groupRows(chunk, stream, group, lines, textsOf(stream, group))
      }
    }
  }

  #orderOf(group: SeriesGroup): SeriesOrder {
    let order = this.#orders.get(group)
    if (order === undefined) {
      order = new SeriesOrder(group)
      this.#orders.set(group, order)
    }
    return order
  }

  #labelsOf({ identity }: Stream, group: SeriesGroup, naming: Naming, reserved: string | undefined): LabelTexts {
    return this.#labels.of(group, naming, () => {
      const values = group.values.map((each) => this.#textsOfValues(each))
      const nameOf = (raw: string) => naming.label(raw, identity.naming)
      return new LabelTexts(group, values, nameOf, naming.labels(this.#constantLabels, 'prometheus'), reserved)
    })
  }

  #textsOfValues(values: LabelValues): ValueTexts {
    let texts = this.#values.get(values)
    if (texts === undefined) {
      texts = new ValueTexts(values, escapeLabelValue)
      this.#values.set(values, texts)
    }
    return texts
  }
}

/** Where the label text of the series that is being written is put together. */
const scratch = new Chunk(256)

/** The series of a group, in turns that end where the chunk is full, or after so many series as are written at once. */
function groupRows(
  chunk: Chunk,
  stream: Stream,
  group: SeriesGroup,
  lines: SeriesLines,
  { order, labels }: GroupTexts,
): Generator<Buffer, void, void> {
  const reader = new NumbersReader(stream)
  let most = FIRST_ROWS
  let isFull = false
  const write = (rows: Rows, first: number) => {
    const end = Math.min(first + most, rows.length)
    const next = writeRows(chunk, stream, reader, group, labels, rows, lines, first, end)
    most *= 2
    isFull = next < end
    return next
  }
  return groupInTurns(group, order, write, function* () {
    yield isFull ? chunk.take() : NOTHING
  })
}

/** Writes the series of `rows` from `next` to `end`, or until the chunk is full. Returns the place of the first that was not written. */
function writeRows(
  chunk: Chunk,
  stream: Stream,
  reader: NumbersReader,
  group: SeriesGroup,
  labels: LabelTexts,
  rows: Rows,
  lines: SeriesLines,
  next: number,
  end: number,
): number {
  let isNext = false
  for (; next < end; next++) {
    const row = rows[next] as number
    if (!group.isLive(row)) continue
    const exemplars = lines.hasExemplars ? exemplarTexts(stream, group, row, lines.isCounted) : NO_EXEMPLAR_TEXTS
    const length = labels.write(scratch, row, isNext)
    if (!chunk.fits(lines.sizeBytes(length) + exemplarTextBytes(exemplars))) return next
    lines.write(chunk, scratch.view, length, reader.read(group, row), exemplars)
    isNext = true
  }
  return next
}

function* mergedRows(
  chunk: Chunk,
  family: Family,
  lines: SeriesLines,
  textsOf: TextsOf,
): Generator<Buffer, void, void> {
  const extras = { exemplars: lines.hasExemplars, exponential: false }
  for (const { labels: text, numbers, exemplars } of yield* inTurnsOfPage(mergeSeries(family, textsOf, extras))) {
    const labels = new Bytes(text)
    const texts = slotTexts(exemplars, lines.isCounted)
    const sizeBytes = lines.sizeBytes(labels.length) + exemplarTextBytes(texts)
    if (!chunk.fits(sizeBytes)) {
      yield chunk.take()
      chunk.fits(sizeBytes)
    }
    lines.write(chunk, labels.view, labels.length, numbers, texts)
  }
}

/** A family whose series were written before its turn. */
function* heldFamily(chunk: Chunk, header: string, held: Held): Generator<Buffer, void, void> {
  const parts = held.parts()
  if (parts.length === 0) return
  for (const part of [Buffer.from(header), ...parts]) {
    if (!chunk.fits(part.length)) {
      yield chunk.take()
      chunk.fits(part.length)
    }
    chunk.at += part.copy(chunk.buffer, chunk.at)
  }
}

/** The order in which the groups of a stream are written. */
export function byNames(a: SeriesGroup, b: SeriesGroup): number {
  const left = a.names.join('\0')
  const right = b.names.join('\0')
  return left < right ? -1 : left > right ? 1 : 0
}
