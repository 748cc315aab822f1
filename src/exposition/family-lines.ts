import { unitWords } from '../model/units'
import type { BucketStream } from '../store/stream'
import { boundText, copyBytes, MAX_NUMBER_BYTES, writeNumber } from './bytes'
import type { Chunk } from './chunk'
import { type Family, isBucketStream } from './family'
import type { Format } from './format'

/** The text that opens a family. */
export function familyHeader({ name, baseName, type, help, unit }: Family, format: Format): string {
  if (format.id === 'text') {
    const helpLine = help === '' ? '' : `# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}\n`
    return `${helpLine}# TYPE ${name} ${type}\n`
  }
  // OpenMetrics 1.0.0, section "Counter": samples end in _total. A counter named otherwise keeps its name, not its type.
  const shownType = type === 'counter' && baseName === name ? 'unknown' : type
  const words = unitWords(unit, type === 'gauge')
  const unitLine = words !== '' && baseName.endsWith(`_${words}`) ? `# UNIT ${baseName} ${words}\n` : ''
  const escaped = help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"')
  return `# TYPE ${baseName} ${shownType}\n${unitLine}${help === '' ? '' : `# HELP ${baseName} ${escaped}\n`}`
}

const OPEN = 123 // {
const CLOSE = 125 // }
const COMMA = 44
const SPACE = 32
const NEWLINE = 10

/** Writes the samples of a family whose series are single numbers. */
export class NumberLines {
  readonly #name: Buffer

  constructor(family: Family) {
    this.#name = Buffer.from(family.name)
  }

  /** The most bytes that a series with `labelBytes` of label text takes. */
  sizeBytes(labelBytes: number): number {
    return this.#name.length + labelBytes + MAX_NUMBER_BYTES + 4
  }

  /** Writes one series, whose label text is `labels[from, to)`. */
  write(chunk: Chunk, labels: Uint8Array, from: number, to: number, value: number): void {
    chunk.at = writeSample(chunk.buffer, chunk.at, this.#name, labels, from, to, value)
  }
}

/** Writes the samples of a family of explicit-bucket histograms. */
export class HistogramLines {
  readonly #bucketName: Buffer
  readonly #sumName: Buffer
  readonly #countName: Buffer
  /** `le="0.1"} ` of each bucket. */
  readonly #bounds: readonly Buffer[]
  readonly #longestBound: number
  readonly #openMetrics: boolean
  readonly #negativeBounds: boolean

  constructor(family: Family, format: Format) {
    const bounds = family.streams.find(isBucketStream)?.bounds ?? []
    this.#openMetrics = format.id === 'openmetrics'
    this.#negativeBounds = (bounds[0] ?? 0) < 0
    this.#bucketName = Buffer.from(`${family.name}_bucket{`)
    this.#sumName = Buffer.from(`${family.name}_sum`)
    this.#countName = Buffer.from(`${family.name}_count`)
    this.#bounds = [...bounds, Number.POSITIVE_INFINITY].map((bound) =>
      Buffer.from(`le="${boundText(bound, this.#openMetrics)}"} `),
    )
    this.#longestBound = Math.max(...this.#bounds.map(({ length }) => length))
  }

  /** The most bytes that a series with `labelBytes` of label text takes. */
  sizeBytes(labelBytes: number): number {
    const line = this.#bucketName.length + labelBytes + this.#longestBound + MAX_NUMBER_BYTES + 4
    return line * (this.#bounds.length + 2)
  }

  /** Writes one series, whose label text is `labels[from, to)`. */
  write(
    chunk: Chunk,
    labels: Uint8Array,
    from: number,
    to: number,
    stream: BucketStream,
    cells: Float64Array,
    cellsAt: number,
  ): void {
    const { buffer } = chunk
    const bounds = this.#bounds
    const start = chunk.at
    let at = copyBytes(buffer, start, this.#bucketName, 0, this.#bucketName.length)
    if (to > from) {
      at = copyBytes(buffer, at, labels, from, to)
      buffer[at++] = COMMA
    }
    const opening = at - start
    let count = 0
    for (let index = 0; index < bounds.length; index++) {
      if (index > 0) {
        // Every bucket's line opens as the first one did.
        buffer.copyWithin(at, start, start + opening)
        at += opening
      }
      const bound = bounds[index] as Buffer
      at = copyBytes(buffer, at, bound, 0, bound.length)
      count += stream.bucketAt(cells, cellsAt, index)
      at = writeNumber(buffer, at, count)
      buffer[at++] = NEWLINE
    }
    const sum = stream.sumAt(cells, cellsAt)
    // A sum that nobody kept is NaN. OpenMetrics 1.0.0, section "Histogram": no sum where measurements may be negative,
    // as it then is no counter, and no count without a sum; the +Inf bucket has it.
    const hasSum = this.#openMetrics ? sum >= 0 && !this.#negativeBounds : !Number.isNaN(sum)
    if (hasSum) at = writeSample(buffer, at, this.#sumName, labels, from, to, sum)
    if (hasSum || !this.#openMetrics) at = writeSample(buffer, at, this.#countName, labels, from, to, count)
    chunk.at = at
  }
}

function writeSample(
  buffer: Uint8Array,
  start: number,
  name: Uint8Array,
  labels: Uint8Array,
  from: number,
  to: number,
  value: number,
): number {
  let at = copyBytes(buffer, start, name, 0, name.length)
  if (to > from) {
    buffer[at++] = OPEN
    at = copyBytes(buffer, at, labels, from, to)
    buffer[at++] = CLOSE
  }
  buffer[at++] = SPACE
  at = writeNumber(buffer, at, value)
  buffer[at++] = NEWLINE
  return at
}
