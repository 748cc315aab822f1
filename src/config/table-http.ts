import { DEFAULT_MAX_HOSTS, type HttpClientOptions, MAX_MAX_HOSTS } from '../model/http-client-options'
import {
  DEFAULT_LABEL_LIMIT,
  DEFAULT_MAX_PATHS,
  HTTP_ENGINES,
  type HttpLabels,
  type HttpOptions,
  MAX_LABEL_LIMIT,
  MAX_MAX_PATHS,
} from '../model/http-options'
import { bounds, flag, isObject, type Kind, listOf, ofCode, oneOf, optionsOrFalse, text, wholeNumber } from './kind'
import type { Options } from './option'

const isFunction = (value: unknown): boolean => typeof value === 'function'

/** A list of exact texts and regular expressions, or a predicate; in a file and in the environment, texts. */
function filter<T>(wanted: string, pattern: RegExp): Kind<T> {
  const isListed = (entry: unknown) => (typeof entry === 'string' && pattern.test(entry)) || entry instanceof RegExp
  const texts = listOf(wanted, text('a text', pattern), { max: 1_000 })
  return {
    wanted,
    holds: (value) => isFunction(value) || (Array.isArray(value) && value.every(isListed)),
    parse: (given) => texts.parse?.(given) as T | undefined,
    schema: texts.schema as object,
  }
}

const CLIENT: Options<HttpClientOptions> = {
  buckets: { kind: bounds() },
  ignore: { kind: filter('a list of hosts and regular expressions, or a function', /^[^\s/]+$/) },
  host: { kind: ofCode('a function', isFunction) },
  maxHosts: { kind: wholeNumber(1, MAX_MAX_HOSTS), default: DEFAULT_MAX_HOSTS },
}

const LABELS: Options<HttpLabels> = {
  names: { kind: ofCode('a list of names', (value) => Array.isArray(value) && value.length > 0) },
  of: { kind: ofCode('a function', isFunction) },
  limit: {
    kind: ofCode(wholeNumber(1, MAX_LABEL_LIMIT).wanted, wholeNumber(1, MAX_LABEL_LIMIT).holds),
    default: DEFAULT_LABEL_LIMIT,
  },
}

/** How many methods may be listed; RFC 9110 (9.1) and its registry have some forty. */
const MAX_METHODS = 50

export const HTTP: Options<HttpOptions> = {
  engine: { kind: oneOf(HTTP_ENGINES) },
  buckets: { kind: bounds() },
  // `*` is that of OPTIONS.
  ignore: { kind: filter('a list of paths and regular expressions, or a function', /^(\/.*|\*)$/) },
  route: { kind: ofCode('a function', isFunction) },
  maxPaths: { kind: wholeNumber(1, MAX_MAX_PATHS), default: DEFAULT_MAX_PATHS },
  methods: {
    kind: listOf(`a list of 1 to ${MAX_METHODS} methods in capitals`, text('a method in capitals', /^[A-Z][A-Z-]*$/), {
      max: MAX_METHODS,
    }),
  },
  labels: { kind: ofCode('an object with names and of', isObject), options: LABELS },
  sizes: {
    kind: {
      ...flag(),
      wanted: 'true, false, or an object with buckets',
      holds: (value) => typeof value === 'boolean' || (isObject(value) && bounds().holds(value.buckets)),
    },
    default: false,
  },
  client: { kind: optionsOrFalse(), options: CLIENT },
}
