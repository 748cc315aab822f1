import { type Format, OPENMETRICS, TEXT } from './format'

interface MediaRange {
  readonly type: string
  readonly version: string | undefined
  readonly quality: number
}

/** Longer headers are read no further than this: no scraper sends as much. */
const MAX_HEADER_LENGTH = 2_048

/**
 * The format that an `Accept` header asks for most (RFC 9110, section 12.5.1): the highest quality wins, then the order
 * written. Ranges that name a version we do not write are passed over. Where nothing fits, text 0.0.4: a page is
 * better than an error.
 */
export function negotiateFormat(accept: string | undefined): Format {
  let best: Format = TEXT
  let bestQuality = 0
  for (const range of mediaRanges(accept)) {
    const format = formatOf(range)
    if (format !== undefined && range.quality > bestQuality) {
      best = format
      bestQuality = range.quality
    }
  }
  return best
}

function formatOf({ type, version }: MediaRange): Format | undefined {
  switch (type) {
    case 'application/openmetrics-text':
      // 0.0.1 was the draft's number; what was asked for by it is not what 1.0.0 says.
      return version === undefined || version === '1.0.0' ? OPENMETRICS : undefined
    case 'text/plain':
      return version === undefined || version === '0.0.4' ? TEXT : undefined
    case 'text/*':
    case '*/*':
      return TEXT
    default:
      return undefined
  }
}

/** Whether an `Accept-Encoding` header takes gzip (RFC 9110, section 12.5.3). */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  let wildcard = 0
  for (const { type, quality } of mediaRanges(acceptEncoding)) {
    if (type === 'gzip' || type === 'x-gzip') return quality > 0
    if (type === '*') wildcard = quality
  }
  return wildcard > 0
}

function mediaRanges(header: string | undefined): MediaRange[] {
  if (typeof header !== 'string') return []
  return header
    .slice(0, MAX_HEADER_LENGTH)
    .split(',')
    .map((part) => {
      const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
      const parameter = (name: string) =>
        parameters
          .find((text) => text.startsWith(`${name}=`))
          ?.slice(name.length + 1)
          .replace(/^"(.*)"$/, '$1')
      return { type, version: parameter('version'), quality: qualityOf(parameter('q')) }
    })
}

function qualityOf(text: string | undefined): number {
  if (text === undefined) return 1
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : 0
}
