import { declaredLabel, prometheusLabel } from '../model/names'
import type { SeriesGroup } from '../store/series-group'
import type { BucketStream, Stream } from '../store/stream'
import { escapeLabelValue } from './bytes'
import { Chunk } from './chunk'
import { type Family, isBucketStream, isNumberStream } from './family'
import { familyHeader, HistogramLines, NumberLines } from './family-lines'
import type { Format } from './format'
import { LabelTexts } from './label-texts'
import { mayCollide, mergeSeries, type TextsOf } from './merge'

/** The resource's attributes, for `target_info`; `undefined` leaves it out. */
type ResourceAttributes = Readonly<Record<string, unknown>> | undefined

/** The family of the resource's attributes where there is no type for it. */
const TARGET_INFO: Family = {
  name: 'target_info',
  baseName: 'target_info',
  type: 'gauge',
  help: 'Target metadata',
  unit: '',
  streams: [],
}

/**
 * Writes pages. Label texts are kept between pages, so that writing a series is copying its bytes and formatting its
 * numbers; the numbers themselves are read when their line is written.
 *
 * A page comes in chunks of some 64 KiB, and the writer works on the next chunk only when it is asked for: whoever
 * sends the page decides when others get their turn. A chunk's bytes are valid until the next one is asked for. A series is written in one go, so it is never torn.
 */
export class PageWriter {
  /** Labels of every series. */
  readonly #constantLabels: ReadonlyMap<string, string>
  readonly #texts = new WeakMap<SeriesGroup, LabelTexts>()

  constructor(constantLabels: ReadonlyMap<string, string>) {
    this.#constantLabels = constantLabels
  }

  *write(families: readonly Family[], format: Format, resource: ResourceAttributes): Generator<Buffer, void, void> {
    const chunk = new Chunk()
    const targetInfo = this.#targetInfo(families, format, resource)
    chunk.fits(targetInfo.length * 3)
    chunk.text(targetInfo)
    for (const family of families) {
      if (family.streams.every(({ table }) => table.seriesCount === 0)) continue
      const header = familyHeader(family, format)
      if (!chunk.fits(header.length * 3)) {
        yield chunk.take()
        chunk.fits(header.length * 3)
      }
      chunk.text(header)
      yield* this.#family(chunk, family, format)
    }
    const end = format.id === 'openmetrics' ? '# EOF\n' : ''
    if (!chunk.fits(end.length)) yield chunk.take()
    chunk.text(end)
    yield chunk.take()
  }

  *#family(chunk: Chunk, family: Family, format: Format): Generator<Buffer, void, void> {
    const reserved = family.type === 'histogram' ? 'le' : undefined
    const textsOf: TextsOf = (stream, group) => this.#textsOf(stream, group, reserved)
    const lines = family.type === 'histogram' ? new HistogramLines(family, format) : new NumberLines(family)
    if (mayCollide(family.streams, textsOf)) {
      yield* mergedRows(chunk, family, lines, textsOf)
      return
    }
    for (const stream of family.streams) {
      for (const group of [...stream.table.groups].sort(byNames)) yield* groupRows(chunk, stream, group, lines, textsOf)
    }
  }

  #textsOf({ identity }: Stream, group: SeriesGroup, reserved: string | undefined): LabelTexts {
    let texts = this.#texts.get(group)
    if (texts === undefined) {
      const nameOf = identity.naming === 'prometheus' ? declaredLabel : prometheusLabel
      texts = new LabelTexts(group, nameOf, this.#constantLabels, reserved)
      this.#texts.set(group, texts)
    }
    texts.sync()
    return texts
  }

  #targetInfo(families: readonly Family[], format: Format, attributes: ResourceAttributes): string {
    if (attributes === undefined || families.some(({ name }) => name === 'target_info')) return ''
    const labels = new Map<string, string>()
    for (const name of Object.keys(attributes).sort()) {
      const value = attributes[name]
      if (value === undefined || value === null) continue
      const label = prometheusLabel(name)
      const text = typeof value === 'string' ? value : String(JSON.stringify(value))
      labels.set(label, labels.has(label) ? `${labels.get(label)};${text}` : text)
    }
    const text = [...labels].map(([name, value]) => `${name}="${escapeLabelValue(value)}"`).join(',')
    const isInfo = format.id === 'openmetrics' && !families.some(({ baseName }) => baseName === 'target')
    const head = isInfo ? '# TYPE target info\n# HELP target Target metadata\n' : familyHeader(TARGET_INFO, format)
    return `${head}target_info${text === '' ? '' : `{${text}}`} 1\n`
  }
}

/**
 * The series of a group in turns with the application, under whose hands it may change. As long as rows keep their
 * numbers, the order of the first turn stands: what went is passed over, what came waits for the next page. When the
 * group was packed or cleared, writing goes on behind the labels that were written last.
 */
function* groupRows(
  chunk: Chunk,
  stream: Stream,
  group: SeriesGroup,
  lines: HistogramLines | NumberLines,
  textsOf: TextsOf,
): Generator<Buffer, void, void> {
  const texts = textsOf(stream, group)
  let { order } = texts
  let { epoch } = group
  let next = 0
  for (;;) {
    next = writeRows(chunk, stream, group, texts, order, lines, next)
    if (next === order.length) return
    const place = texts.placeOf(order[next] as number)
    yield chunk.take()
    if (group.epoch === epoch) continue
    textsOf(stream, group)
    order = texts.order
    epoch = group.epoch
    next = texts.findPlace(place)
  }
}

/** Writes series from the `next`th of `order` on until the chunk is full. Returns the place of the first that was not written. */
function writeRows(
  chunk: Chunk,
  stream: Stream,
  group: SeriesGroup,
  texts: LabelTexts,
  order: Uint32Array,
  lines: HistogramLines | NumberLines,
  next: number,
): number {
  const { bytes, starts } = texts
  for (; next < order.length; next++) {
    const row = order[next] as number
    if (!group.isLive(row)) continue
    const from = starts[row] as number
    const to = starts[row + 1] as number
    if (!chunk.fits(lines.sizeBytes(to - from))) return next
    const cells = group.chunkOf(row)
    const at = group.offsetOf(row)
    if (lines instanceof NumberLines) {
      if (isNumberStream(stream)) lines.write(chunk, bytes, from, to, stream.valueAt(cells, at))
    } else if (isBucketStream(stream)) lines.write(chunk, bytes, from, to, stream, cells, at)
  }
  return next
}

function* mergedRows(
  chunk: Chunk,
  family: Family,
  lines: HistogramLines | NumberLines,
  textsOf: TextsOf,
): Generator<Buffer, void, void> {
  const buckets = family.streams.find(isBucketStream)
  for (const { labels, cells } of mergeSeries(family, textsOf)) {
    const sizeBytes = lines.sizeBytes(labels.length)
    if (!chunk.fits(sizeBytes)) {
      yield chunk.take()
      chunk.fits(sizeBytes)
    }
    if (lines instanceof NumberLines) lines.write(chunk, labels, 0, labels.length, cells[0] as number)
    else lines.write(chunk, labels, 0, labels.length, buckets as BucketStream, cells, 0)
  }
}

function byNames(a: SeriesGroup, b: SeriesGroup): number {
  const left = a.names.join('\0')
  const right = b.names.join('\0')
  return left < right ? -1 : left > right ? 1 : 0
}
