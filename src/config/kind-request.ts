import { validateHeaderName, validateHeaderValue } from 'node:http'
import { type Entry, type Kind, namedValues } from './kind'

/** In any case, as everywhere in a URL. */
const SCHEME = '[hH][tT][tT][pP][sS]?://'
const URL_PATTERN = `^${SCHEME}[^\\s/]+\\S*$`
const HOST_AND_PORT = '^[^\\s/@]+:\\d+$'

export const isHttpUrl = (value: string): boolean => new RegExp(URL_PATTERN).test(value) && URL.canParse(value)

/** `collector:4317`, as gRPC has it. */
export const isHostAndPort = (value: string): boolean =>
  new RegExp(HOST_AND_PORT).test(value) && URL.canParse(`https://${value}`)

/** Where requests are sent. */
export function url(): Kind<string> {
  return ofTexts('an http or https URL', isHttpUrl, URL_PATTERN)
}

/** Where requests are sent, over HTTP or gRPC. */
export function endpoint(): Kind<string> {
  return ofTexts(
    'an http or https URL, or host:port over gRPC',
    (value) => isHttpUrl(value) || isHostAndPort(value),
    `${URL_PATTERN}|${HOST_AND_PORT}`,
  )
}

function ofTexts(wanted: string, isOne: (value: string) => boolean, pattern: string): Kind<string> {
  return {
    wanted,
    holds: (value) => typeof value === 'string' && isOne(value),
    parse: (given) => (isOne(given) ? given : undefined),
    schema: { type: 'string', pattern },
  }
}

const HEADER_ENTRY: Entry = {
  wanted: 'a string, and both as a header may have them',
  holds: (value, name) => typeof value === 'string' && isHeader(name, value),
  schema: { type: 'string' },
}

/** Headers of requests by their names. */
export function headers(): Kind<Readonly<Record<string, string>>> {
  return namedValues('an object of strings by name, as headers may have them', HEADER_ENTRY)
}

function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}
