import { unitWords } from '../model/units'
import type { Slots } from '../store/exemplars'
import { pointOf } from '../store/exponential-points'
import type { LabelValues } from '../store/label-values'
import type { SeriesGroup } from '../store/series-group'
import { type ExponentialPoint, isExponential, type Stream } from '../store/stream'
import { ByGroup } from './by-group'
import { Chunk } from './chunk'
import { counted } from './counted'
import type { Family } from './family'
import { groupInTurns } from './group-in-turns'
import { HeldMetrics } from './held-metrics'
import { inTurnsOfPage } from './in-steps'
import { LabelPairs, NO_ROOM, writeLabel } from './label-pairs'
import { type MergedSeries, mayCollide, mergeSeries } from './merge'
import type { Naming } from './naming'
import { isNative, PAGE_FIELDS, writeNativeBuckets } from './native-buckets'
import { NumbersReader } from './numbers'
import { byNames, type PageWriter } from './page'
import { closeMessage, lengthField, Message, OPEN_BYTES, openMessage } from './protobuf-bytes'
import { exemplarMessages, slotMessages } from './protobuf-exemplar'
import { FamilyMessages, MAX_MESSAGE_BYTES } from './protobuf-families'
import { type Extras, METRIC, type MetricWriter, metricWriter, NO_EXTRAS } from './protobuf-metric'
import type { Rows, SeriesOrder } from './series-order'
import { type ResourceAttributes, targetLabels } from './target-info'
import { ValueTexts } from './value-texts'

const NAME = 1
const HELP = 2
const TYPE = 3
const UNIT = 5
const TYPES = { counter: 0, gauge: 1, histogram: 4 } as const

/** A chunk longer than this had a series that took more than a message has. */
const MAX_SPARE_BYTES = 2 * MAX_MESSAGE_BYTES

/** The native buckets of the series that is being written. */
const native = new Message()

/**
 * Writes pages of delimited `io.prometheus.client.MetricFamily` messages, under the same rules as {@link PageWriter}: in
 * chunks, whose bytes are valid until the next one is asked for, no series torn, with turns for others in between.
 */
export class ProtobufPageWriter {
  readonly #texts: PageWriter
  readonly #constantLabels: ReadonlyMap<string, string>
  readonly #labels = new ByGroup<LabelPairs>()
  readonly #values = new WeakMap<LabelValues, ValueTexts>()
  /** The chunk of a page that is done: a megabyte that is given back to the system with each page takes longer than a part of it. */
  #spare: Chunk | undefined

  /** `texts` keeps the order of series, and brings together those that read the same. */
  constructor(texts: PageWriter, constantLabels: ReadonlyMap<string, string>) {
    this.#texts = texts
    this.#constantLabels = constantLabels
  }

  *write(families: readonly Family[], naming: Naming, resource: ResourceAttributes): Generator<Buffer, void, void> {
    const messages = new FamilyMessages(this.#spare ?? new Chunk())
    this.#spare = undefined
    const target = targetLabels(resource, families, naming)
    if (target !== undefined) yield* this.#target(messages, target)
    const { families: inOrder, counters } = counted(families)
    const holding = new Map<Family, HeldMetrics>()
    for (const family of inOrder) {
      const written = holding.get(family)
      const counter = counters.get(family)
      const held = counter && new HeldMetrics(counter)
      if (counter !== undefined && held !== undefined) holding.set(counter, held)
      if (family.streams.every(({ table }) => table.seriesCount === 0) && written === undefined) continue
      yield* messages.open(headerOf(family))
      yield* written?.writeTo(messages) ?? this.#family(messages, family, naming, held)
      messages.close()
    }
    yield messages.take()
    this.#spare = messages.chunk.sizeBytes > MAX_SPARE_BYTES ? undefined : messages.chunk
  }

  /** Bytes kept for the next page. */
  get spareBytes(): number {
    return this.#spare?.sizeBytes ?? 0
  }

  /** Bytes kept for a group beside those of the text pages, its values left out, which others may share. */
  groupBytes(group: SeriesGroup): number {
    return this.#labels.sizeBytes(group)
  }

  /** Bytes kept for the values of a label, beside those of the text pages. */
  valueBytes(values: LabelValues): number {
    return this.#values.get(values)?.sizeBytes ?? 0
  }

  *#target(messages: FamilyMessages, labels: ReadonlyMap<string, string>): Generator<Buffer, void, void> {
    const pairs = new Message()
    for (const [name, value] of labels) writeLabel(pairs, name, value)
    yield* messages.open(header('target_info', 'Target metadata', 'gauge', ''))
    const writer = metricWriter({ type: 'gauge', streams: [] })
    const numbers = Float64Array.of(1, 0)
    yield* writeMetric(messages, pairs, writer, numbers, NO_EXTRAS)
    messages.close()
  }

  *#family(
    messages: FamilyMessages,
    family: Family,
    naming: Naming,
    held: HeldMetrics | undefined,
  ): Generator<Buffer, void, void> {
    const textsOf = this.#texts.textsOf(family, naming)
    for (const stream of family.streams) {
      for (const group of stream.table.groups) {
        for (const values of group.values) this.#values.get(values)?.tidy()
        yield* inTurnsOfPage(textsOf(stream, group).order.update())
      }
    }
    const writer = metricWriter(family)
    if (mayCollide(family.streams, textsOf)) {
      const merged = yield* inTurnsOfPage(mergeSeries(family, textsOf, { exemplars: true, exponential: true }))
      for (const series of merged) yield* mergedMetric(messages, writer, series, held)
      return
    }
    for (const stream of family.streams) {
      for (const group of [...stream.table.groups].sort(byNames)) {
        const { order, labels } = textsOf(stream, group)
        yield* groupMetrics(messages, stream, group, order, this.#pairsOf(group, naming, labels.names), writer, held)
      }
    }
  }

  #pairsOf(group: SeriesGroup, naming: Naming, names: readonly string[]): LabelPairs {
    return this.#labels.of(group, naming, () => {
      const values = group.values.map((each) => this.#textsOfValues(each))
      return new LabelPairs(group, names, values, naming.labels(this.#constantLabels, 'prometheus'))
    })
  }

  #textsOfValues(values: LabelValues): ValueTexts {
    let texts = this.#values.get(values)
    if (texts === undefined) {
      texts = new ValueTexts(values, (text) => text)
      this.#values.set(values, texts)
    }
    return texts
  }
}

function headerOf({ name, help, type, unit, baseName }: Family): Buffer {
  const words = unitWords(unit, type === 'gauge')
  return header(name, help, type, words !== '' && baseName.endsWith(`_${words}`) ? words : '')
}

function header(name: string, help: string, type: Family['type'], unit: string): Buffer {
  const message = new Message()
  message.text(NAME, name)
  if (help !== '') message.text(HELP, help)
  message.varint(TYPE, TYPES[type])
  if (unit !== '') message.text(UNIT, unit)
  return message.bytes
}

/** The series of a group, in turns that end as {@link FamilyMessages} has it. */
function groupMetrics(
  messages: FamilyMessages,
  stream: Stream,
  group: SeriesGroup,
  order: SeriesOrder,
  pairs: LabelPairs,
  writer: MetricWriter,
  held: HeldMetrics | undefined,
): Generator<Buffer, void, void> {
  const reader = new NumbersReader(stream)
  return groupInTurns(
    group,
    order,
    (rows, next) => writeMetrics(messages, stream, reader, group, rows, pairs, writer, held, next),
    (row) => messages.room(OPEN_BYTES + pairs.lengthOf(row) + writer.sizeBytes(extrasOf(stream, group, row))),
  )
}

/** Writes the series of `rows` from `next` on until the turn ends. Returns the place of the first that was not written. */
function writeMetrics(
  messages: FamilyMessages,
  stream: Stream,
  reader: NumbersReader,
  group: SeriesGroup,
  rows: Rows,
  pairs: LabelPairs,
  writer: MetricWriter,
  held: HeldMetrics | undefined,
  first: number,
): number {
  const { chunk } = messages
  const mayBeNative = isExponential(stream)
  const hasExtras = stream.exemplars?.some === true || mayBeNative
  const plainBytes = writer.sizeBytes(NO_EXTRAS)
  let previous = NO_ROOM
  let next = first
  for (; next < rows.length; next++) {
    const row = rows[next] as number
    if (!group.isLive(row)) continue
    const extras = hasExtras ? extrasOf(stream, group, row) : NO_EXTRAS
    // Another message may have begun, which moves the one before.
    if (mayBeNative && messages.keepKind(extras.native !== undefined)) previous = NO_ROOM
    const body = chunk.at + OPEN_BYTES
    const labelsEnd = pairs.write(chunk, body, row, previous)
    if (labelsEnd === NO_ROOM) return next
    if (!messages.fits(labelsEnd - chunk.at + (hasExtras ? writer.sizeBytes(extras) : plainBytes))) return next
    const numbers = reader.read(group, row)
    openMessage(chunk.buffer, chunk.at, lengthField(METRIC))
    const end = writer.write(chunk, labelsEnd, numbers, extras)
    held?.add(chunk.buffer.subarray(body, labelsEnd), numbers, slotsOf(stream, group, row))
    chunk.at = closeMessage(chunk.buffer, body, end)
    // A long one moved.
    previous = chunk.at === end ? body : NO_ROOM
  }
  return next
}

function slotsOf({ exemplars }: Stream, group: SeriesGroup, row: number): Slots | undefined {
  return exemplars?.some === true ? exemplars.at(group, row) : undefined
}

function extrasOf(stream: Stream, group: SeriesGroup, row: number): Extras {
  const exemplars = exemplarMessages(stream, group, row)
  const buckets = isExponential(stream) ? nativeBuckets(stream.pointAt(group, row), native) : undefined
  return buckets === undefined && exemplars.length === 0 ? NO_EXTRAS : { native: buckets, exemplars }
}

/** The native buckets of a series, in the place of what `message` holds. */
function nativeBuckets(point: ExponentialPoint, message: Message): Message | undefined {
  if (!isNative(point)) return undefined
  message.clear()
  writeNativeBuckets(message, point, PAGE_FIELDS)
  return message
}

function* mergedMetric(
  messages: FamilyMessages,
  writer: MetricWriter,
  { labels, numbers, exemplars, exponential }: MergedSeries,
  held: HeldMetrics | undefined,
): Generator<Buffer, void, void> {
  const pairs = new Message()
  for (const [, name = '', value = ''] of labels.matchAll(LABEL)) {
    writeLabel(pairs, name.startsWith('"') ? unescaped(name.slice(1, -1)) : name, unescaped(value))
  }
  // Its own message, as other pages have their turn before it is written.
  const buckets = exponential && nativeBuckets(pointOf(exponential), new Message())
  messages.keepKind(buckets !== undefined)
  yield* writeMetric(messages, pairs, writer, numbers, { native: buckets, exemplars: slotMessages(exemplars) })
  held?.add(pairs.bytes, numbers, exemplars)
}

function* writeMetric(
  messages: FamilyMessages,
  pairs: Message,
  writer: MetricWriter,
  numbers: Float64Array,
  extras: Extras,
): Generator<Buffer, void, void> {
  yield* messages.room(OPEN_BYTES + pairs.length + writer.sizeBytes(extras))
  const { chunk } = messages
  const body = openMessage(chunk.buffer, chunk.at, lengthField(METRIC))
  const end = writer.write(chunk, pairs.copyTo(chunk.buffer, body), numbers, extras)
  chunk.at = closeMessage(chunk.buffer, body, end)
}

/** A label as text pages have it. */
const LABEL = /([a-zA-Z0-9_]+|"(?:[^"\\]|\\.)*")="((?:[^"\\]|\\.)*)"/gs

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
}
