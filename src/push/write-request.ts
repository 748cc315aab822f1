import { Message } from '../exposition/protobuf-bytes'
import type { SeriesFamily, TimeSeries } from '../exposition/time-series'

/** Fields of `prometheus.WriteRequest` and of the messages in it (Prometheus's prompb/remote.proto and types.proto). */
const TIME_SERIES = 1
const METADATA = 3
const LABEL = 1
const SAMPLE = 2
const EXEMPLAR = 3
const HISTOGRAM = 4
const NAME = 1
const VALUE = 2
const SAMPLE_VALUE = 1
const SAMPLE_TIMESTAMP = 2
const EXEMPLAR_VALUE = 2
const EXEMPLAR_TIMESTAMP = 3
const HISTOGRAM_SUM = 3
const HISTOGRAM_TIMESTAMP = 15
const METADATA_TYPE = 1
const METADATA_NAME = 2
const METADATA_HELP = 4

const TYPES = { counter: 1, gauge: 2, histogram: 3 } as const

/** Series that a request has at most, as many as Prometheus itself sends in one. */
const MAX_SERIES = 2_000

/** The sample after which a series has none: a NaN with these bits (Remote Write 1.0, "Stale Markers"). */
const STALE = Buffer.from('020000000000f07f', 'hex')

export interface WriteOptions {
  /** The time of the samples, in milliseconds since the epoch. */
  readonly epochMs: number
  /** Labels that every series has; its own of the same name becomes `exported_…`, as Prometheus does it for a scrape. */
  readonly group: readonly (readonly [name: string, value: string])[]
  /** Whether series end with this sample. */
  readonly isEnd: boolean
}

/** `prometheus.WriteRequest` messages with one sample of each series. */
export function writeRequests(families: Iterable<SeriesFamily>, options: WriteOptions): Buffer[] {
  const requests: Buffer[] = []
  let request = new Message()
  let count = 0
  for (const family of families) {
    for (const series of family.series) {
      if (count === MAX_SERIES) {
        requests.push(request.bytes)
        request = new Message()
        count = 0
      }
      request.message(TIME_SERIES, timeSeriesOf(series, options))
      count++
    }
    request.message(METADATA, metadataOf(family))
  }
  if (request.length > 0) requests.push(request.bytes)
  return requests
}

function timeSeriesOf(series: TimeSeries, { group, epochMs, isEnd }: WriteOptions): Message {
  const { labels, value, exemplars, native } = series
  const message = new Message()
  const all = new Map([...labels, ...group])
  for (const [name, text] of labels) if (group.some(([other]) => other === name)) all.set(exportedName(name, all), text)
  const sorted = [...all].filter(([, text]) => text !== '').sort(([a], [b]) => (a < b ? -1 : 1))
  for (const label of sorted) message.message(LABEL, labelOf(label))
  const isNative = native !== undefined
  const sample = isNative && !isEnd ? native : new Message()
  const valueField = isNative ? HISTOGRAM_SUM : SAMPLE_VALUE
  if (isEnd) sample.doubleBytes(valueField, STALE)
  else sample.double(valueField, value)
  sample.varint(isNative ? HISTOGRAM_TIMESTAMP : SAMPLE_TIMESTAMP, epochMs)
  message.message(isNative ? HISTOGRAM : SAMPLE, sample)
  for (const exemplar of isEnd ? [] : exemplars) {
    const each = new Message()
    for (const label of exemplar.labels) each.message(LABEL, labelOf(label))
    each.double(EXEMPLAR_VALUE, exemplar.value)
    each.varint(EXEMPLAR_TIMESTAMP, Math.floor(exemplar.epochMs))
    message.message(EXEMPLAR, each)
  }
  return message
}

function exportedName(name: string, taken: ReadonlyMap<string, string>): string {
  const exported = `exported_${name}`
  return taken.has(exported) ? exportedName(exported, taken) : exported
}

function labelOf([name, value]: readonly [string, string]): Message {
  const label = new Message()
  label.text(NAME, name)
  label.text(VALUE, value)
  return label
}

function metadataOf({ name, type, help }: SeriesFamily): Message {
  const metadata = new Message()
  metadata.varint(METADATA_TYPE, TYPES[type])
  metadata.text(METADATA_NAME, name)
  metadata.text(METADATA_HELP, help)
  return metadata
}
