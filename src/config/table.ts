import { DEFAULT_CARDINALITY_LIMIT } from '../model/definition'
import { EXEMPLAR_FILTERS } from '../model/exemplar'
import { LOG_LEVELS } from '../model/log'
import { RESOURCE_DETECTORS } from '../model/resource-detectors'
import { DEFAULT_TRANSLATION, TRANSLATION_STRATEGIES } from '../model/translation'
import {
  ATTRIBUTE_ENTRY,
  delay,
  flag,
  isObject,
  type Kind,
  listOf,
  namedValues,
  ofCode,
  oneOf,
  optionsOrFalse,
  PLAIN_ENTRY,
  text,
  wholeNumber,
} from './kind'
import type { Options } from './option'
import { EXPORTERS, type ExporterName, type MetricsOptions, type PrometheusOptions } from './options'
import { HTTP } from './table-http'
import { CONSOLE, OTLP } from './table-otlp'
import { PUSH } from './table-push'

/**
 * The options of a service, each told once: what it may be, the variables of the environment and the key of a file that
 * give it, and its default. What it means stands at its property of {@link MetricsOptions}; the compiler sees to it that
 * each has its row here, of the same type.
 */

const PULL = 'meter_provider.readers[].pull'
const PULL_EXPORTER = `${PULL}.exporter.prometheus/development`

const PROMETHEUS: Options<PrometheusOptions> = {
  host: {
    // Neither a URL nor with a port: one colon is too few for an address of IPv6.
    kind: text('a host name or address, without a port', /^([^\s/:]+|[^\s/:]*:[^\s/:]*:[^\s/]*)$/),
    env: ['OTEL_EXPORTER_PROMETHEUS_HOST'],
    file: `${PULL_EXPORTER}.host`,
    default: 'localhost',
  },
  port: {
    kind: wholeNumber(0, 65_535),
    env: ['OTEL_EXPORTER_PROMETHEUS_PORT'],
    file: `${PULL_EXPORTER}.port`,
    default: 9464,
  },
  // As it stands in a request: printable ASCII without a query or a fragment.
  path: { kind: text('a path that starts with "/", written as in a URL', /^\/[!"$->@-~]*$/), default: '/metrics' },
  endpoints: { kind: { ...ofCode('an object of paths', isObject), schema: { type: 'object' } } },
  server: { kind: flag(), default: true },
  timeoutMs: { kind: delay(), default: 10_000 },
  created: { kind: flag(), default: false },
  translationStrategy: {
    kind: oneOf(TRANSLATION_STRATEGIES),
    file: `${PULL_EXPORTER}.translation_strategy`,
    default: DEFAULT_TRANSLATION,
  },
}

const PLAIN = 'an object of strings, numbers and booleans'

const isReader = (value: unknown): boolean => isObject(value) && typeof value.setMetricProducer === 'function'
const named = listOf<ExporterName>('a list of exporters', oneOf(EXPORTERS), { max: EXPORTERS.length })

const detectors = listOf(
  `a list of ${[...RESOURCE_DETECTORS, 'all'].join(', ')}`,
  oneOf([...RESOURCE_DETECTORS, 'all'] as const),
  { max: RESOURCE_DETECTORS.length },
)

export const TABLE: Options<MetricsOptions> = {
  disabled: { kind: flag(), env: ['OTEL_SDK_DISABLED'], file: 'disabled', default: false },
  serviceName: { kind: text(), env: ['OTEL_SERVICE_NAME'] },
  resource: {
    kind: namedValues(`${PLAIN}, and arrays of these`, ATTRIBUTE_ENTRY),
    env: ['OTEL_RESOURCE_ATTRIBUTES'],
    file: 'resource.attributes',
    isMerged: true,
  },
  resourceDetectors: {
    kind: {
      ...detectors,
      holds: (value) => Array.isArray(value) && value.every((entry) => detectors.choices?.includes(entry)),
    },
    env: [
      {
        name: 'OTEL_NODE_RESOURCE_DETECTORS',
        parse: (given) => noneOr(given, detectors),
      },
    ],
    file: 'resource.detection/development.detectors',
    default: ['env'],
  },
  resourceLabels: {
    kind: listOf('a list of up to 20 attribute names', text('a name', /./), { max: 20 }),
    file: `${PULL_EXPORTER}.resource_constant_labels.included`,
  },
  exporters: {
    kind: {
      ...named,
      wanted: `a list of ${EXPORTERS.map((name) => `'${name}'`).join(', ')} and metric readers, each once`,
      // Who has two readers of one name would be sent all deltas twice.
      holds: (value) =>
        Array.isArray(value) &&
        value.every((entry, at) => (named.choices?.includes(entry) || isReader(entry)) && value.indexOf(entry) === at),
    },
    env: [{ name: 'OTEL_METRICS_EXPORTER', parse: (given) => noneOr(given, named) }],
    file: 'meter_provider.readers',
    default: ['prometheus'],
  },
  prometheus: { kind: { ...ofCode('an object', isObject), schema: (options) => options }, options: PROMETHEUS },
  otlp: {
    kind: {
      wanted: 'an object, or a list of them',
      holds: (value) => isObject(value) || (Array.isArray(value) && value.length > 0 && value.every(isObject)),
      schema: (options) => ({ anyOf: [options, { type: 'array', items: options, minItems: 1 }] }),
    },
    options: OTLP,
  },
  console: { kind: { ...ofCode('an object', isObject), schema: (options) => options }, options: CONSOLE },
  push: { kind: ofCode('an object', isObject), options: PUSH },
  http: { kind: optionsOrFalse(), options: HTTP },
  runtime: { kind: flag(), default: true },
  selfMetrics: { kind: flag(), default: true },
  views: {
    kind: ofCode("a list of sdk-metrics's ViewOptions", (value) => Array.isArray(value) && value.every(isObject)),
    file: 'meter_provider.views',
  },
  cardinalityLimit: {
    kind: wholeNumber(1, Number.MAX_SAFE_INTEGER),
    file: `${PULL}.cardinality_limits.default`,
    default: DEFAULT_CARDINALITY_LIMIT,
  },
  exemplars: {
    kind: oneOf(EXEMPLAR_FILTERS),
    env: ['OTEL_METRICS_EXEMPLAR_FILTER'],
    file: 'meter_provider.exemplar_filter',
    default: 'trace_based',
  },
  semconv: { kind: flag(), default: false },
  constantLabels: { kind: namedValues(PLAIN, PLAIN_ENTRY), isMerged: true },
  logLevel: {
    kind: oneOf(LOG_LEVELS),
    env: [{ name: 'OTEL_LOG_LEVEL', parse: logLevelOf }],
    file: 'log_level',
    default: 'info',
  },
  logger: {
    kind: ofCode(
      'an object with info, warn and error, or false',
      (value) =>
        value === false ||
        (isObject(value) && ['info', 'warn', 'error'].every((level) => typeof value[level] === 'function')),
    ),
  },
}

/** A list of the environment, or `none`. */
function noneOr<T>(given: string, kind: Kind<readonly T[]>): readonly T[] | undefined {
  return given.trim().toLowerCase() === 'none' ? [] : kind.parse?.(given)
}

/** OpenTelemetry's levels in any letters, of which ours are some. */
function logLevelOf(given: string): MetricsOptions['logLevel'] {
  const level = given.toLowerCase()
  if (['debug', 'verbose', 'all'].includes(level)) return 'info'
  return LOG_LEVELS.find((known) => known === level)
}
