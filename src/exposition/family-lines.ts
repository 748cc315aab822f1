import { unitWords } from '../model/units'
import { Bytes, boundText, copyWords, escapeLabelValue, MAX_NUMBER_BYTES, writeNumber } from './bytes'
import type { Chunk } from './chunk'
import type { ExemplarTexts } from './exemplar-texts'
import { type Family, isBucketStream, isStateSet } from './family'
import type { Format } from './format'
import { quotedName } from './quoted'
import { SampleName } from './sample-name'

/** The text that opens a family. */
export function familyHeader(family: Family, format: Format): string {
  const { type, help, unit } = family
  if (format.id === 'text') {
    const name = quotedName(family.name)
    const helpLine = help === '' ? '' : `# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}\n`
    // A gauge whose name says it were a counter goes without a type: that is what promtool asks of it.
    const textType = type === 'gauge' && family.name.endsWith('_total') ? 'untyped' : type
    return `${helpLine}# TYPE ${name} ${textType}\n`
  }
  const name = quotedName(family.baseName)
  const words = unitWords(unit, type === 'gauge')
  const unitLine = words !== '' && family.baseName.endsWith(`_${words}`) ? `# UNIT ${name} ${words}\n` : ''
  const helpLine = help === '' ? '' : `# HELP ${name} ${escapeLabelValue(help)}\n`
  return `# TYPE ${name} ${openMetricsType(family)}\n${unitLine}${helpLine}`
}

/** OpenMetrics 1.0.0, sections "Counter" and "Info": what has not the suffix of its type keeps its name, not its type. */
function openMetricsType(family: Family): string {
  const { type, role, name, baseName } = family
  if (type === 'counter') return baseName === name ? 'unknown' : 'counter'
  if (role === 'info') return baseName === name ? 'gauge' : 'info'
  return isStateSet(family) ? 'stateset' : type
}

const CLOSE = 125 // }
const COMMA = 44
const SPACE = 32
const NEWLINE = 10

/** Writes the samples of a family's series. */
export interface SeriesLines {
  readonly hasExemplars: boolean
  /** Whether the counts of the series are a counter as well. */
  readonly isCounted: boolean
  /** The most bytes that a series with `labelBytes` of label text takes. */
  sizeBytes(labelBytes: number): number
  /** Writes one series with the first `length` bytes of `labels`. */
  write(chunk: Chunk, labels: DataView, length: number, numbers: Float64Array, exemplars: ExemplarTexts): void
}

/** Writes the samples of a family whose series are single numbers. */
export class NumberLines implements SeriesLines {
  readonly hasExemplars: boolean
  readonly isCounted = false
  readonly #name: SampleName
  readonly #created: SampleName | undefined

  constructor(family: Family, format: Format, hasCreated: boolean) {
    const isCounter = format.id === 'openmetrics' && openMetricsType(family) === 'counter'
    this.hasExemplars = isCounter
    this.#name = new SampleName(family.name)
    this.#created = hasCreated && isCounter ? new SampleName(`${family.baseName}_created`) : undefined
  }

  sizeBytes(labelBytes: number): number {
    return sampleBytes(this.#name, labelBytes) + sampleBytes(this.#created, labelBytes)
  }

  write(chunk: Chunk, labels: DataView, length: number, numbers: Float64Array, exemplars: ExemplarTexts): void {
    chunk.at = writeSample(chunk, chunk.at, this.#name, labels, length, numbers[0] as number, exemplars[0])
    if (this.#created !== undefined) writeCreated(chunk, this.#created, labels, length, numbers)
  }
}

/** Writes the samples of a family of explicit-bucket histograms. */
export class HistogramLines implements SeriesLines {
  readonly hasExemplars: boolean
  readonly isCounted = false
  /** The name of a bucket's sample, which always has labels. */
  readonly #bucketName: Bytes
  readonly #sumName: SampleName
  readonly #countName: SampleName
  readonly #created: SampleName | undefined
  /** `le="0.1"} ` of each bucket, one behind the other. */
  readonly #bounds: Bytes
  /** Where in them each begins, and where the last one ends. */
  readonly #boundStarts: Uint32Array
  readonly #openMetrics: boolean
  readonly #negativeBounds: boolean

  constructor(family: Family, format: Format, hasCreated: boolean) {
    const bounds = family.streams.find(isBucketStream)?.bounds ?? []
    this.#openMetrics = format.id === 'openmetrics'
    this.hasExemplars = this.#openMetrics
    this.#negativeBounds = (bounds[0] ?? 0) < 0
    this.#bucketName = new SampleName(`${family.name}_bucket`).opening
    this.#sumName = new SampleName(`${family.name}_sum`)
    this.#countName = new SampleName(`${family.name}_count`)
    this.#created = hasCreated ? new SampleName(`${family.name}_created`) : undefined
    const texts = [...bounds, Number.POSITIVE_INFINITY].map((bound) => `le="${boundText(bound, this.#openMetrics)}"} `)
    this.#bounds = new Bytes(texts.join(''))
    this.#boundStarts = new Uint32Array(texts.length + 1)
    texts.forEach(({ length }, index) => {
      this.#boundStarts[index + 1] = (this.#boundStarts[index] as number) + length
    })
  }

  sizeBytes(labelBytes: number): number {
    const line = this.#bucketName.length + labelBytes + MAX_NUMBER_BYTES + 4
    const lines = this.#boundStarts.length + 1
    return line * lines + this.#bounds.length + sampleBytes(this.#created, labelBytes)
  }

  /** Writes one series with the first `length` bytes of `labels`: its buckets, one by one, and its sum. */
  write(chunk: Chunk, labels: DataView, length: number, numbers: Float64Array, exemplars: ExemplarTexts): void {
    const { buffer, view } = chunk
    const bounds = this.#bounds.view
    const starts = this.#boundStarts
    const last = starts.length - 2
    const start = chunk.at
    let at = copyWords(view, start, this.#bucketName.view, 0, this.#bucketName.length)
    if (length > 0) {
      at = copyWords(view, at, labels, 0, length)
      buffer[at++] = COMMA
    }
    const opening = at - start
    let count = 0
    let countStart = 0
    let countLength = 0
    for (let index = 0; index <= last; index++) {
      // Every bucket's line opens as the first one did.
      if (index > 0) at = copyWords(view, at, view, start, opening)
      const boundStart = starts[index] as number
      at = copyWords(view, at, bounds, boundStart, (starts[index + 1] as number) - boundStart)
      const more = numbers[index] as number
      if (more > 0 || index === 0) {
        count += more
        countStart = at
        at = writeNumber(buffer, at, count)
        countLength = at - countStart
        // Most buckets add nothing to what the one before has.
      } else at = copyWords(view, at, view, countStart, countLength)
      const exemplar = exemplars[index]
      if (exemplar !== undefined) at += exemplar.copy(buffer, at)
      buffer[at++] = NEWLINE
    }
    const sum = numbers[last + 1] as number
    // A sum that nobody kept is NaN. OpenMetrics 1.0.0, section "Histogram": no sum where measurements may be negative,
    // as it then is no counter, and no count without a sum; the +Inf bucket has it.
    const hasSum = this.#openMetrics ? sum >= 0 && !this.#negativeBounds : !Number.isNaN(sum)
    if (hasSum) at = writeSample(chunk, at, this.#sumName, labels, length, sum)
    if (hasSum || !this.#openMetrics) at = writeSample(chunk, at, this.#countName, labels, length, count)
    chunk.at = at
    if (this.#created !== undefined) writeCreated(chunk, this.#created, labels, length, numbers)
  }
}

/** The most bytes that a sample with `labelBytes` of label text takes. */
function sampleBytes(name: SampleName | undefined, labelBytes: number): number {
  return name === undefined ? 0 : name.length + labelBytes + MAX_NUMBER_BYTES + 3
}

/** Writes when a series began, if that is known, in seconds. */
function writeCreated(chunk: Chunk, name: SampleName, labels: DataView, length: number, numbers: Float64Array): void {
  const createdMs = numbers[numbers.length - 1] as number
  if (createdMs > 0) chunk.at = writeSample(chunk, chunk.at, name, labels, length, createdMs / 1_000)
}

function writeSample(
  { buffer, view }: Chunk,
  start: number,
  { opening, bare }: SampleName,
  labels: DataView,
  length: number,
  value: number,
  exemplar?: Buffer,
): number {
  let at: number
  if (length > 0) {
    at = copyWords(view, start, opening.view, 0, opening.length)
    at = copyWords(view, at, labels, 0, length)
    buffer[at++] = CLOSE
    buffer[at++] = SPACE
  } else at = copyWords(view, start, bare.view, 0, bare.length)
  at = writeNumber(buffer, at, value)
  if (exemplar !== undefined) at += exemplar.copy(buffer, at)
  buffer[at++] = NEWLINE
  return at
}
