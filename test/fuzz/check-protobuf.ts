import { isDeepStrictEqual } from 'node:util'
import {
  type Metric,
  type MetricFamily,
  nativeBuckets,
  type PageExemplar,
  type PageHistogram,
  parseProtobuf,
} from '../support/protobuf-page'
import { boundsOf, exemplarOf, lastWithExemplar, NOW, sumOf } from './expected'
import { heldState } from './fill'
import { labelName, metricName } from './names'
import type { MetricPlan, Plan, SeriesPlan } from './plan'

type Pair = readonly [name: string, value: string]

/** Throws where a page of protobuf is not what was recorded. */
export function checkProtobuf(plan: Plan, page: Buffer, escaping: Plan['escaping']): void {
  const families = new Map<string, MetricFamily>()
  for (const family of parseProtobuf(page)) {
    const { name, metric = [] } = family
    const before = families.get(name)
    if (before !== undefined && family.type !== 'HISTOGRAM') throw new Error(`${JSON.stringify(name)} is there twice`)
    // Prometheus reads all series of a message as it reads the first.
    const kinds = new Set(metric.map(({ histogram }) => histogram?.schema === undefined))
    if (kinds.size > 1) throw new Error(`a message of ${JSON.stringify(name)} has native buckets and others`)
    families.set(name, { ...family, metric: [...(before?.metric ?? []), ...metric] })
  }
  const target = families.get('target_info')
  const service = [labelName('service.name', escaping), plan.resource['service.name']?.toWellFormed() ?? '']
  equal(
    'target_info',
    [pairsOf(target?.metric?.[0]), target?.metric?.[0]?.gauge?.value],
    [service[1] === '' ? [] : [service], 1],
  )
  families.delete('target_info')
  for (const metric of plan.metrics) {
    const name = metricName(metric.name, escaping)
    const family = families.get(name)
    families.delete(name)
    checkFamily(plan, metric, name, family, escaping)
  }
  if (families.size > 0) throw new Error(`${[...families.keys()].map((name) => JSON.stringify(name))} is too much`)
}

function checkFamily(
  plan: Plan,
  metric: MetricPlan,
  name: string,
  family: MetricFamily | undefined,
  escaping: Plan['escaping'],
): void {
  const labelled = (pairs: readonly Pair[]): Pair[] =>
    pairs
      .map(([label, value]) => [labelName(label, escaping), value.toWellFormed()] as const)
      .filter(([, value]) => value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1))
  const read = new Map<string, Metric>()
  for (const each of family?.metric ?? []) {
    const key = JSON.stringify(pairsOf(each))
    if (read.has(key)) throw new Error(`${JSON.stringify(name)} ${key} is there twice`)
    read.set(key, each)
  }
  const isCounter = metric.kind === 'counter' || metric.kind === 'observableCounter'
  for (const [index, series] of metric.series.entries()) {
    if (metric.kind === 'gauge' && metric.labelNames.length > 0 && series.measurements.length === 0) continue
    equal(
      `the head of ${JSON.stringify(name)}`,
      [family?.type, family?.help ?? ''],
      [isCounter ? 'COUNTER' : metric.kind === 'histogram' ? 'HISTOGRAM' : 'GAUGE', metric.help.toWellFormed()],
    )
    const pairs = [
      ...Object.entries(plan.constantLabels),
      ...metric.labelNames.map((label, level) => [label, series.labels[level] ?? ''] as const),
    ]
    const states = metric.kind === 'stateSet' ? (metric.states ?? []) : [undefined]
    for (const state of states) {
      const labels = labelled(state === undefined ? pairs : [...pairs, [metric.name, state]])
      const key = JSON.stringify(labels)
      const what = `${JSON.stringify(name)} ${key}`
      const found = read.get(key)
      if (found === undefined) throw new Error(`${what} is missing`)
      read.delete(key)
      if (metric.kind === 'histogram') checkHistogram(what, metric, series, found.histogram)
      else if (isCounter) checkCounter(what, metric, series, found)
      else equal(what, found.gauge?.value, gaugeOf(metric, series, index, state))
    }
  }
  for (const key of read.keys()) throw new Error(`${JSON.stringify(name)} ${key} is too much`)
}

function gaugeOf(metric: MetricPlan, { measurements }: SeriesPlan, index: number, state: string | undefined): number {
  if (metric.kind === 'info') return 1
  if (state !== undefined) return heldState(metric, index) === state ? 1 : 0
  const values = measurements.map(({ value }) => value)
  return metric.kind === 'gauge' || metric.kind === 'observableGauge' ? (values.at(-1) ?? 0) : sumOf(values)
}

function checkCounter(what: string, metric: MetricPlan, { measurements }: SeriesPlan, { counter }: Metric): void {
  equal(what, counter?.value, sumOf(measurements.map(({ value }) => value)))
  equal(`when ${what} began`, counter?.createdTimestamp?.seconds, NOW)
  const exemplar = metric.kind === 'counter' ? lastWithExemplar(measurements) : undefined
  equal(`the exemplar of ${what}`, exemplarRead(counter?.exemplar), exemplar && exemplarOf(exemplar))
}

function checkHistogram(what: string, metric: MetricPlan, { measurements }: SeriesPlan, found?: PageHistogram): void {
  const values = measurements.map(({ value }) => value)
  const sum = sumOf(values)
  equal(`the count of ${what}`, found?.sampleCount, values.length)
  equal(`the sum of ${what}`, found?.sampleSum, Number.isNaN(sum) ? undefined : sum)
  equal(`when ${what} began`, found?.createdTimestamp?.seconds, NOW)
  const bounds = [...boundsOf(metric), Number.POSITIVE_INFINITY]
  const exemplars = bounds.map((bound, index) => {
    const below = bounds[index - 1] ?? Number.NEGATIVE_INFINITY
    const newest = lastWithExemplar(measurements.filter(({ value }) => value <= bound && value > below))
    return newest && exemplarOf(newest)
  })
  const isNative = found?.schema !== undefined
  if (isNative) {
    checkNative(what, values, found)
    equal(`the exemplars of ${what}`, (found.exemplars ?? []).map(exemplarRead), exemplars.filter(Boolean))
  } else if (metric.native !== undefined && !isCoarse(metric, values)) throw new Error(`${what} has no native buckets`)
  // Where the explicit buckets are not of its own, only a scraper without native ones gets them.
  if (metric.buckets === undefined) return
  const explicit = bounds.map((bound, index) => ({
    bound,
    count: values.filter((value) => value <= bound).length,
    exemplar: exemplars[index],
  }))
  // The last bucket goes without saying, unless it has an exemplar.
  if (explicit.at(-1)?.exemplar === undefined || bounds.length === 1) explicit.pop()
  equal(
    `the buckets of ${what}`,
    (found?.bucket ?? []).map(({ upperBound, cumulativeCount, exemplar }) => ({
      bound: upperBound,
      count: cumulativeCount,
      exemplar: exemplarRead(exemplar),
    })),
    explicit,
  )
}

/** Whether the values may need coarser buckets than Prometheus has: at its coarsest, they reach over 16 powers of two. */
function isCoarse({ native }: MetricPlan, values: readonly number[]): boolean {
  const { maxBuckets = 160, scale = 20 } = native === true || native === undefined ? {} : native
  if (scale < -4) return true
  const indices = values.filter((value) => value !== 0).map((value) => Math.ceil(Math.log2(Math.abs(value))) / 16)
  return indices.length > 0 && Math.max(...indices) - Math.min(...indices) + 2 >= maxBuckets
}

function checkNative(what: string, values: readonly number[], found: PageHistogram): void {
  const { schema = 0, zeroThreshold, zeroCount } = found
  if (schema < -4 || schema > 8) throw new Error(`the schema of ${what} is ${schema}`)
  // Some versions of Prometheus know it for native only so.
  const threshold = values.length === 0 ? Number.MIN_VALUE : 0
  const zeros = values.filter((value) => value === 0).length
  equal(`the zero bucket of ${what}`, [zeroThreshold, zeroCount], [threshold, zeros])
  for (const [sign, spans, deltas] of [
    [1, found.positiveSpan, found.positiveDelta],
    [-1, found.negativeSpan, found.negativeDelta],
  ] as const) {
    const side = values.map((value) => value * sign).filter((value) => value > 0)
    const buckets = nativeBuckets(spans, deltas)
    const total = buckets.reduce((sum, [, count]) => sum + count, 0)
    equal(`the count of the native buckets of ${what}`, total, side.length)
    for (const [index, count] of buckets) {
      // Within a rounding of a bound, either bucket may have the value.
      const place = (value: number) => Math.log2(Math.max(value, 2 ** -1_022)) * 2 ** schema
      const near = 1e-9 * 2 ** Math.max(schema, 0)
      const sure = side.filter((value) => place(value) > index - 1 + near && place(value) <= index - near).length
      const maybe = side.filter((value) => place(value) > index - 1 - near && place(value) <= index + near).length
      if (count < sure || count > maybe) throw new Error(`native bucket ${index} of ${what} has ${count}`)
    }
  }
}

function exemplarRead(exemplar: PageExemplar | undefined) {
  if (exemplar === undefined) return undefined
  const { label = [], value, timestamp } = exemplar
  if (timestamp?.seconds !== NOW) throw new Error('an exemplar has another time than that of its measurement')
  const labels = label.map(({ name, value: text }) => [name, text ?? ''] as const)
  return { labels: labels.sort(([a], [b]) => (a < b ? -1 : 1)), value: value + 0 }
}

/** The labels of a series, without empty ones. */
function pairsOf(metric: Metric | undefined): Pair[] {
  return (metric?.label ?? [])
    .map(({ name, value }) => [name, value] as const)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

function equal(what: string, found: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(found, wanted) && found !== wanted) {
    throw new Error(`${what} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`)
  }
}
