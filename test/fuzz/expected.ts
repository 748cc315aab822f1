import { fallbackBounds } from './fallback-bounds'
import { heldState } from './fill'
import { labelName, metricName } from './names'
import type { Measurement, MetricPlan, Plan, SeriesPlan } from './plan'

/** An exemplar as a page should tell it. */
export interface ExpectedExemplar {
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly value: number
}

/** A sample as a page should have it. */
export interface ExpectedSample {
  readonly name: string
  readonly type: string
  readonly unit: string
  readonly help: string
  readonly labels: readonly (readonly [name: string, value: string])[]
  /** `undefined` where buckets are too coarse for the number to be told. */
  readonly value: number | undefined
  readonly exemplar?: ExpectedExemplar | undefined
}

/** When the clock of the house stands still, in seconds. */
export const NOW = 1_700_000_000

/** What the page of a plan should have in a text format, by nothing but what was recorded. */
export function expectedSamples(
  plan: Plan,
  format: 'text' | 'openmetrics',
  escaping: Plan['escaping'],
): ExpectedSample[] {
  const isOpenMetrics = format === 'openmetrics'
  const labelled = (pairs: readonly (readonly [string, string])[]) =>
    pairs
      .map(([name, value]) => [labelName(name, escaping), value.toWellFormed()] as const)
      .filter(([, value]) => value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1))
  const constant = Object.entries(plan.constantLabels)
  const samples: ExpectedSample[] = [
    {
      name: 'target_info',
      type: isOpenMetrics ? 'info' : 'gauge',
      unit: '',
      help: 'Target metadata',
      labels: labelled([['service_name', plan.resource['service.name'] ?? '']]).map(([, value]) => [
        labelName('service.name', escaping),
        value,
      ]),
      value: 1,
    },
  ]
  for (const metric of plan.metrics) {
    const name = metricName(metric.name, escaping)
    const head = headOf(metric, name, isOpenMetrics, escaping)
    const add = (
      suffix: string,
      labels: readonly (readonly [string, string])[],
      value?: number,
      exemplar?: Measurement,
    ) =>
      samples.push({
        ...head,
        name: suffix === '' ? head.sample : `${head.base}${suffix}`,
        labels,
        // -0 and 0 are one number on a page.
        value: value === undefined ? undefined : value + 0,
        exemplar: isOpenMetrics && exemplar !== undefined ? withoutNul(exemplarOf(exemplar)) : undefined,
      })
    for (const [index, series] of seriesOf(metric).entries()) {
      const pairs = [
        ...constant,
        ...metric.labelNames.map((label, level) => [label, series.labels[level] ?? ''] as const),
      ]
      const labels = labelled(pairs)
      const values = series.measurements.map(({ value }) => value)
      const hasCreated = plan.created && isOpenMetrics
      switch (metric.kind) {
        case 'counter':
        case 'observableCounter':
          add('', labels, sumOf(values), head.type === 'counter' ? lastWithExemplar(series.measurements) : undefined)
          if (hasCreated && head.type === 'counter') add('_created', labels, NOW)
          break
        case 'histogram':
          addHistogram(metric, series, labels, isOpenMetrics, add)
          if (hasCreated) add('_created', labels, NOW)
          break
        case 'info':
          add('', labels, 1)
          break
        case 'stateSet':
          for (const state of metric.states ?? []) {
            add('', labelled([...pairs, [metric.name, state]]), heldState(metric, index) === state ? 1 : 0)
          }
          break
        case 'gauge':
        case 'observableGauge':
          add('', labels, values.at(-1) ?? 0)
          break
        default:
          add('', labels, sumOf(values))
      }
    }
  }
  return samples
}

/** The series that the metric has: a gauge without labels is there before it is set, one with labels is not. */
function seriesOf({ kind, series, labelNames }: MetricPlan): readonly SeriesPlan[] {
  return kind === 'gauge' && labelNames.length > 0
    ? series.filter(({ measurements }) => measurements.length > 0)
    : series
}

type Add = (
  suffix: string,
  labels: readonly (readonly [string, string])[],
  value: number | undefined,
  exemplar?: Measurement,
) => void

function addHistogram(
  metric: MetricPlan,
  { measurements }: SeriesPlan,
  labels: readonly (readonly [string, string])[],
  isOpenMetrics: boolean,
  add: Add,
): void {
  const values = measurements.map(({ value }) => value)
  const bounds = [...boundsOf(metric), Number.POSITIVE_INFINITY]
  const isExact = metric.buckets !== undefined || isFine(metric, values)
  const bucketOf = (value: number) => bounds.findIndex((bound) => value <= bound)
  for (const [index, bound] of bounds.entries()) {
    const here = measurements.filter(({ value }) => bucketOf(value) === index)
    const le = [...labels, ['le', boundText(bound)] as const].sort(([a], [b]) => (a < b ? -1 : 1))
    const count = values.filter((value) => value <= bound).length
    add('_bucket', le, isExact || index === bounds.length - 1 ? count : undefined, lastWithExemplar(here))
  }
  const sum = sumOf(values)
  const isCounter = sum >= 0 && !((bounds[0] as number) < 0)
  if (isOpenMetrics ? isCounter : !Number.isNaN(sum)) add('_sum', labels, sum)
  if (!isOpenMetrics || isCounter) add('_count', labels, values.length)
}

/**
 * Whether the native buckets of such values are no wider than from one power of two to the next, so that explicit ones
 * can be told from them, or may so easily be wider that explicit ones are counted.
 */
function isFine({ native }: MetricPlan, values: readonly number[]): boolean {
  const { maxBuckets = 160, scale = 20 } = native === true || native === undefined ? {} : native
  const spans = [values.filter((value) => value > 0), values.filter((value) => value < 0)].map((side) => {
    const indices = side.map((value) => Math.ceil(Math.log2(Math.abs(value))))
    return indices.length === 0 ? 0 : Math.max(...indices) - Math.min(...indices) + 2
  })
  return scale < 0 || maxBuckets < 100 || Math.max(...spans) < maxBuckets
}

export function boundsOf(metric: MetricPlan): readonly number[] {
  return metric.buckets ?? fallbackBounds(metric)
}

/** A bound as the numbers of a page are compared: by what it is, not how it is written. */
export function boundText(bound: number): string {
  return bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound + 0)
}

/** The newest measurement that a caller made an exemplar. */
export function lastWithExemplar(measurements: readonly Measurement[]): Measurement | undefined {
  return measurements.findLast(({ exemplar }) => exemplar !== undefined)
}

/** The labels that fit into 128 code points, in the order given, without those that are no labels' names. */
export function exemplarOf({ value, exemplar = {} }: Measurement): ExpectedExemplar {
  let room = 128
  const labels: [string, string][] = []
  for (const [name, given] of Object.entries(exemplar)) {
    const text = given.toWellFormed()
    const length = [...name, ...text].length
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || length > room) continue
    room -= length
    labels.push([name, text])
  }
  return { labels: labels.sort(([a], [b]) => (a < b ? -1 : 1)), value: value + 0 }
}

/** As OpenMetrics has it: Prometheus stumbles over a NUL in an exemplar. */
function withoutNul({ labels, value }: ExpectedExemplar): ExpectedExemplar {
  return { labels: labels.map(([name, text]) => [name, text.replaceAll('\0', '\ufffd')]), value }
}

/** A sum that leaves the range of numbers stays at its end. */
export function sumOf(values: readonly number[]): number {
  const { MAX_VALUE } = Number
  return values.reduce((sum, value) => Math.min(Math.max(sum + value, -MAX_VALUE), MAX_VALUE), 0)
}

/** What a page says of a metric as a whole, and what its sample without a suffix is called. */
function headOf(metric: MetricPlan, name: string, isOpenMetrics: boolean, escaping: Plan['escaping']) {
  const isCounter = metric.kind === 'counter' || metric.kind === 'observableCounter'
  const type = isCounter ? 'counter' : metric.kind === 'histogram' ? 'histogram' : 'gauge'
  const help = metric.help.toWellFormed()
  if (!isOpenMetrics) {
    // The parser of text puts _total behind the names of all counters.
    const sample = isCounter && !name.endsWith('_total') ? `${name}_total` : name
    // A gauge that is called as counters are has no type.
    const shown = type === 'gauge' && name.endsWith('_total') ? 'unknown' : type
    return { type: shown, unit: '', help, base: name, sample }
  }
  const suffix = isCounter ? '_total' : metric.kind === 'info' ? '_info' : ''
  const hasSuffix = suffix !== '' && name.endsWith(suffix)
  const base = hasSuffix ? name.slice(0, -suffix.length) : name
  const word = UNIT_WORDS[metric.unit]
  const unit = word !== undefined && base.endsWith(`_${word}`) ? word : ''
  let shown = type
  if (isCounter && !hasSuffix) shown = 'unknown'
  if (metric.kind === 'info' && hasSuffix) shown = 'info'
  if (metric.kind === 'stateSet' && labelName(metric.name, escaping) === name) shown = 'stateset'
  return { type: shown, unit, help, base, sample: name }
}

const UNIT_WORDS: Readonly<Record<string, string>> = {
  s: 'seconds',
  By: 'bytes',
  Cel: 'celsius',
  '%': 'percent',
  ms: 'milliseconds',
}
