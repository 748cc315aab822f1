import { DefinitionError, received } from '../model/errors'
import { EXEMPLAR_FILTERS } from '../model/exemplar'
import { type HttpClientOptions, MAX_MAX_HOSTS } from '../model/http-client-options'
import { HTTP_ENGINES, type HttpLabels, type HttpOptions, MAX_LABEL_LIMIT, MAX_MAX_PATHS } from '../model/http-options'
import { checkLabelNames } from '../model/names'
import { checkEndpoints } from '../model/selection'
import { DEFAULT_TRANSLATION, keepsUtf8, TRANSLATION_STRATEGIES } from '../model/translation'
import type { MetricsOptions, PrometheusOptions } from './options'

type Check = readonly [wanted: string, holds: (value: unknown) => boolean]

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)
const isString: Check = ['a string', (value) => typeof value === 'string']
const isBoolean: Check = ['true or false', (value) => typeof value === 'boolean']
/** What a timer of Node.js can wait; it takes anything longer for no time at all. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1
const timeout: Check = [
  `a number above 0 and up to ${MAX_TIMEOUT_MS}`,
  (value) => typeof value === 'number' && value > 0 && value <= MAX_TIMEOUT_MS,
]
const wholeNumber = (from: number, to: number): Check => [
  to === Number.MAX_SAFE_INTEGER ? `a whole number of ${from} or more` : `a whole number from ${from} to ${to}`,
  (value) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to,
]

const isReader = (value: unknown): boolean =>
  isObject(value) && typeof (value as { setMetricProducer?: unknown }).setMetricProducer === 'function'

const isPlainValues = (value: unknown): boolean =>
  isObject(value) &&
  Object.values(value as object).every((entry) => ['string', 'number', 'boolean'].includes(typeof entry))

const OPTIONS: Readonly<Record<keyof MetricsOptions, Check>> = {
  serviceName: isString,
  resource: ['an object of strings, numbers and booleans', isPlainValues],
  exporters: [
    "a list of 'prometheus', 'console' and metric readers",
    (value) =>
      Array.isArray(value) && value.every((entry) => entry === 'prometheus' || entry === 'console' || isReader(entry)),
  ],
  prometheus: ['an object', isObject],
  http: ['an object of options, or false', (value) => value === false || isObject(value)],
  runtime: isBoolean,
  selfMetrics: isBoolean,
  views: ["a list of sdk-metrics's ViewOptions", (value) => Array.isArray(value) && value.every(isObject)],
  cardinalityLimit: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  exemplars: [`one of ${EXEMPLAR_FILTERS.join(', ')}`, (value) => EXEMPLAR_FILTERS.some((filter) => filter === value)],
  semconv: isBoolean,
  constantLabels: ['an object of strings, numbers and booleans', isPlainValues],
  logger: [
    'an object with info, warn and error, or false',
    (value) =>
      value === false ||
      (isObject(value) &&
        ['info', 'warn', 'error'].every((level) => typeof (value as Record<string, unknown>)[level] === 'function')),
  ],
}

const PROMETHEUS: Readonly<Record<keyof PrometheusOptions, Check>> = {
  host: ['a host name or address', (value) => typeof value === 'string' && value !== ''],
  port: wholeNumber(0, 65_535),
  path: ['a path that starts with "/"', (value) => typeof value === 'string' && /^\/[^?#\s]*$/.test(value)],
  endpoints: ['an object of paths', isObject],
  server: isBoolean,
  timeoutMs: timeout,
  created: isBoolean,
  translationStrategy: [
    `one of ${TRANSLATION_STRATEGIES.join(', ')}`,
    (value) => TRANSLATION_STRATEGIES.some((strategy) => strategy === value),
  ],
}

const isFunction = (value: unknown): boolean => typeof value === 'function'

const isBounds = (value: unknown): boolean =>
  Array.isArray(value) && value.every((bound) => typeof bound === 'number' && !Number.isNaN(bound))
const buckets: Check = ['a list of numbers', isBounds]
const isFilter = (value: unknown): boolean =>
  isFunction(value) ||
  (Array.isArray(value) && value.every((entry) => typeof entry === 'string' || entry instanceof RegExp))

const HTTP_CLIENT: Readonly<Record<keyof HttpClientOptions, Check>> = {
  buckets,
  ignore: ['a list of hosts and regular expressions, or a function', isFilter],
  host: ['a function', isFunction],
  maxHosts: wholeNumber(1, MAX_MAX_HOSTS),
}

const HTTP_LABELS: Readonly<Record<keyof HttpLabels, Check>> = {
  names: ['a list of names', (value) => Array.isArray(value) && value.length > 0],
  of: ['a function', isFunction],
  limit: wholeNumber(1, MAX_LABEL_LIMIT),
}

/** The labels that the HTTP metrics have already. */
const HTTP_LABEL_NAMES = ['method', 'path', 'status_code', 'le']

/** How many methods may be listed; RFC 9110 (9.1) and its registry have some forty. */
const MAX_METHODS = 50

const HTTP: Readonly<Record<keyof HttpOptions, Check>> = {
  engine: [`one of ${HTTP_ENGINES.join(', ')}`, (value) => HTTP_ENGINES.some((engine) => engine === value)],
  buckets,
  ignore: ['a list of paths and regular expressions, or a function', isFilter],
  route: ['a function', isFunction],
  maxPaths: wholeNumber(1, MAX_MAX_PATHS),
  methods: [
    `a list of 1 to ${MAX_METHODS} methods in capitals`,
    (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.length <= MAX_METHODS &&
      value.every((method) => typeof method === 'string' && /^[A-Z][A-Z-]*$/.test(method)),
  ],
  labels: ['an object with names and of', isObject],
  sizes: [
    'true, false, or an object with buckets',
    (value) => typeof value === 'boolean' || (isObject(value) && isBounds((value as { buckets?: unknown }).buckets)),
  ],
  client: ['an object of options, or false', (value) => value === false || isObject(value)],
}

/** Throws for the first option that is unknown or has a value it cannot have. `undefined` counts as left out. */
export function checkOptions(options: MetricsOptions): void {
  checkAgainst('', options, OPTIONS)
  if (options.prometheus !== undefined) checkAgainst('prometheus.', options.prometheus, PROMETHEUS)
  const { endpoints } = options.prometheus ?? {}
  if (endpoints !== undefined) checkEndpoints('Cannot start "metrics":', 'prometheus.endpoints', endpoints)
  const constantLabels = Object.keys(options.constantLabels ?? {})
  const utf8 = keepsUtf8(options.prometheus?.translationStrategy ?? DEFAULT_TRANSLATION)
  checkLabelNames('service', options.serviceName ?? 'metrics', constantLabels, ['le'], utf8)
  if (typeof options.http === 'object') checkHttp(options.http, constantLabels, utf8)
}

function checkHttp(http: HttpOptions, constantLabels: readonly string[], utf8: boolean): void {
  checkAgainst('http.', http, HTTP)
  if (typeof http.client === 'object') checkAgainst('http.client.', http.client, HTTP_CLIENT)
  if (http.labels === undefined) return
  checkAgainst('http.labels.', http.labels, HTTP_LABELS)
  for (const key of ['names', 'of'] as const) {
    if (http.labels[key] === undefined) {
      throw new DefinitionError(
        `Cannot start "metrics": http.labels.${key} must be ${HTTP_LABELS[key][0]}, got undefined. Write http: { labels: { names: ['tenant'], of: (request) => ({ tenant: … }) } }.`,
      )
    }
  }
  checkLabelNames('http labels', 'http', http.labels.names, [...HTTP_LABEL_NAMES, ...constantLabels], utf8)
}

function checkAgainst(prefix: string, options: object, checks: Readonly<Record<string, Check>>): void {
  if (!isObject(options)) {
    throw new DefinitionError(
      `Cannot start "metrics": options must be an object, got ${received(options)}. Write initMetrics({ serviceName: 'orders' }).`,
    )
  }
  for (const [key, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined
    if (check === undefined) {
      throw new DefinitionError(
        `Cannot start "metrics": an option must be one of ${Object.keys(checks)
          .map((known) => prefix + known)
          .join(', ')}, got ${received(prefix + key)}. Remove it or correct its name.`,
      )
    }
    const [wanted, holds] = check
    if (value !== undefined && !holds(value)) {
      throw new DefinitionError(
        `Cannot start "metrics": ${prefix}${key} must be ${wanted}, got ${received(value)}. Leave it out for the default.`,
      )
    }
  }
}
