import type { InstrumentKind } from '../../src/model/definition'
import { ESCAPINGS, type Escaping } from '../../src/model/escaping'
import type { ExponentialOptions } from '../../src/model/exponential'
import { MAX_LABEL_LENGTH } from '../../src/model/labels'
import { Random } from './random'

/** A measurement: what is added, set, counted or observed. */
export interface Measurement {
  readonly value: number
  readonly exemplar?: Readonly<Record<string, string>>
}

export interface SeriesPlan {
  /** A value for each label name of the metric. */
  readonly labels: readonly string[]
  /** Whether it is recorded by a bound instrument. */
  readonly isBound: boolean
  readonly measurements: readonly Measurement[]
}

export interface MetricPlan {
  readonly kind: InstrumentKind
  readonly name: string
  readonly help: string
  readonly unit: string
  readonly labelNames: readonly string[]
  readonly series: readonly SeriesPlan[]
  readonly buckets?: readonly number[]
  readonly native?: true | ExponentialOptions
  readonly states?: readonly string[]
}

/** Everything that a registry is told, and how its pages are asked for. */
export interface Plan {
  readonly constantLabels: Readonly<Record<string, string>>
  readonly resource: Readonly<Record<string, string>>
  readonly created: boolean
  /** The way in which the formats that can choose have names escaped. */
  readonly escaping: Escaping
  readonly metrics: readonly MetricPlan[]
}

const KINDS: readonly InstrumentKind[] = [
  'counter',
  'counter',
  'upDownCounter',
  'gauge',
  'histogram',
  'histogram',
  'histogram',
  'info',
  'stateSet',
  'observableCounter',
  'observableUpDownCounter',
  'observableGauge',
]

/** Text that formats and parsers stumble over. */
const AWKWARD = [
  ...['"', '\\', '\n', '\r', '\r\n', '\0', '\t', ' ', '\u2028', '\u2029', '\u0085', '\u001c', '\ufeff', '\ufffd'],
  ...['\uffff', '\ud800', '\udfff', '\u007f', '😀', 'é', 'e\u0301', '\\n', '\\"', '\\\\', '{', '}', ',', '=', '",'],
  ...['="', '"} 1', '# EOF', '\n# EOF\n', ' # {a="b"} 1', '# HELP g x', 'le="1"', '__proto__', 'constructor', '#', ';'],
]

/** What a name begins with, before the digit that tells it from all others. */
const BEGINNINGS = ['a', 'b_', 'A', '_', 'a:', ':', 'é', '😀', '"', '\\', '\n', ' ', '-', '{', '#', 'größe.', 'x.y-']
const LABEL_BEGINNINGS = BEGINNINGS.filter((text) => !text.startsWith('__'))
const ENDINGS = [
  ...['', '', '', '_total', '_info', '_bucket', '_sum', '_count', '_created', '_seconds', '_bytes_total', '.total'],
  ...['_seconds_total', ' x', '"', '\\', '\n', '}', 'é', '__', '.', '😀', '-', ':', '_celsius'],
]
const UNITS = ['', '', 's', 'By', 'Cel', '%', 'ms', '{request}']

/** The plan with this number. The same number gives the same plan, in every process. */
export function planOf(seed: number): Plan {
  const random = new Random(seed)
  // Half of the registries have names that every scraper takes.
  const isPlain = random.chance(0.5)
  const constantLabels = random.chance(0.2)
    ? { [isPlain ? 'env' : random.pick(['env', 'zone.é'])]: textOf(random) }
    : {}
  return {
    constantLabels,
    resource: { 'service.name': textOf(random) },
    created: random.chance(0.3),
    escaping: random.pick(ESCAPINGS),
    metrics: random.list(1, 3, (index) => metricOf(random, isPlain, index)),
  }
}

function metricOf(random: Random, isPlain: boolean, index: number): MetricPlan {
  const kind = random.pick(KINDS)
  // A state set's label is called as it is, and `:` is for metrics alone.
  const isLabel = kind === 'stateSet'
  const name = nameOf(random, isPlain, isLabel ? LABEL_BEGINNINGS : BEGINNINGS, index, isLabel)
  // The digits of labels are others than those of metrics: the label of a state set is called as the metric.
  const labelNames = random.list(0, 3, (place) => nameOf(random, isPlain, LABEL_BEGINNINGS, 5 + place, true))
  const series = seriesOf(random, kind, labelNames.length)
  const isUnitless = kind === 'info' || kind === 'stateSet'
  const metric: MetricPlan = {
    kind,
    name,
    // Parsers of text trim white space, so there is something around it.
    help: random.chance(0.5) ? `<${textOf(random)}>` : '',
    unit: isUnitless ? '' : random.pick(UNITS),
    labelNames,
    series,
  }
  if (kind === 'stateSet') return { ...metric, states: statesOf(random) }
  return kind === 'histogram' ? { ...metric, ...bucketsOf(random) } : metric
}

function nameOf(
  random: Random,
  isPlain: boolean,
  beginnings: readonly string[],
  index: number,
  isLabel: boolean,
): string {
  const plain = isLabel ? /^[a-zA-Z_]*$/ : /^[a-zA-Z_:]*$/
  const fits = (text: string) => !isPlain || plain.test(text)
  return `${random.pick(beginnings.filter(fits))}${index}${random.pick(ENDINGS.filter(fits))}`
}

function textOf(random: Random): string {
  if (random.chance(0.3)) return random.pick(['', 'x', 'prod', '/users/:id', 'GET', '200'])
  if (random.chance(0.005))
    return random
      .pick(AWKWARD)
      .repeat(2_000)
      .slice(0, MAX_LABEL_LENGTH - 1)
  const unit = () => (random.chance(0.6) ? random.pick(AWKWARD) : String.fromCharCode(random.below(0x10000)))
  return random.list(0, 5, unit).join('')
}

function seriesOf(random: Random, kind: InstrumentKind, depth: number): SeriesPlan[] {
  const byText = new Map<string, SeriesPlan>()
  for (let count = depth === 0 ? 1 : 1 + random.below(3); count > 0; count--) {
    const labels = Array.from({ length: depth }, () => textOf(random))
    const key = JSON.stringify(labels.map((text) => text.toWellFormed()))
    byText.set(key, { labels, isBound: random.chance(0.5), measurements: measurementsOf(random, kind) })
  }
  return [...byText.values()]
}

function measurementsOf(random: Random, kind: InstrumentKind): Measurement[] {
  const sign = () => (random.chance(0.3) ? -1 : 1)
  const withExemplar = (value: number): Measurement =>
    random.chance(0.15) ? { value, exemplar: exemplarOf(random) } : { value }
  /** Sums of these are exact in any order. */
  const exact = () => random.below(2_000) / 8
  switch (kind) {
    case 'counter':
      if (random.chance(0.3)) return [withExemplar(Math.abs(random.double()))]
      return random.list(0, 4, () => withExemplar(random.chance(0.5) ? 1 : exact()))
    case 'upDownCounter':
      if (random.chance(0.3)) return [{ value: random.double() }]
      return random.list(0, 4, () => ({ value: sign() * exact() }))
    case 'histogram':
      return random.list(0, 6, () => withExemplar(measured(random)))
    case 'info':
    case 'stateSet':
      return []
    case 'observableCounter':
      return [{ value: Math.abs(random.double()) }]
    default:
      return [{ value: random.chance(0.5) ? random.double() : random.pick([0, -0, 1, 2 ** 31, 2 ** 53, 1e21, 1e-7]) }]
  }
}

/** What a histogram counts: mostly numbers that people measure. */
function measured(random: Random): number {
  if (random.chance(0.05)) return random.double()
  if (random.chance(0.2)) return random.pick([0, -0, 1, 2, 0.5, 1024, -1, -0.25, 0.1])
  return 2 ** (random.below(3_000) / 100 - 15)
}

function exemplarOf(random: Random): Record<string, string> {
  const labels = random.list(0, 3, (index) => [
    `${random.pick(['a', 'trace_id', '_', 'B'])}${index}`,
    // The parser of OpenMetrics takes any of these for the end of an exemplar's labels.
    textOf(random).replaceAll('}', ')'),
  ])
  // One that is no label's name, which is left out.
  if (random.chance(0.1)) labels.push(['not.plain', 'x'])
  return Object.fromEntries(labels) as Record<string, string>
}

function bucketsOf(random: Random): Pick<MetricPlan, 'buckets' | 'native'> {
  const isNative = random.chance(0.5)
  const native = random.chance(0.5)
    ? true
    : ({ maxBuckets: 2 + random.below(40), scale: random.below(24) - 6 } as const)
  if (isNative && random.chance(0.5)) return { native }
  const bounds = random.list(0, 4, () => (random.chance(0.2) ? random.double() : measured(random)) + 0)
  const buckets = [...new Set(bounds)].sort((a, b) => a - b)
  return isNative ? { native, buckets } : { buckets }
}

function statesOf(random: Random): string[] {
  return [...new Set(random.list(1, 3, (index) => `${textOf(random).toWellFormed()}${index}`))]
}
