import { ESCAPINGS, type Escaping } from '../model/escaping'
import { type Format, OPENMETRICS, PROTOBUF, TEXT, TEXT_1 } from './format'

interface MediaRange {
  readonly type: string
  readonly version: string | undefined
  readonly escaping: Escaping | undefined
  readonly quality: number
  /** Where in the header it stands. */
  readonly place: number
}

interface Offer {
  readonly type: string
  readonly version: string
  readonly format: Format
}

/** What the range has to say for a version: which messages, and how they follow one another. */
const PROTOBUF_VERSION = 'io.prometheus.client.metricfamily delimited'

/** What we can write, in the order in which it is taken by who has no preference. */
const OFFERS: readonly Offer[] = [
  { type: 'text/plain', version: '0.0.4', format: TEXT },
  { type: 'text/plain', version: '1.0.0', format: TEXT_1 },
  // Not 0.0.1, the number of the draft: who asks for that alone does not ask for what 1.0.0 says.
  { type: 'application/openmetrics-text', version: '1.0.0', format: OPENMETRICS },
  { type: 'application/vnd.google.protobuf', version: PROTOBUF_VERSION, format: PROTOBUF },
]

/** Longer headers are read no further than this: no scraper sends as much. */
const MAX_HEADER_LENGTH = 2_048

/**
 * The format that an `Accept` header asks for most (RFC 9110, section 12.5.1): each format has the quality of the range
 * that names it most closely; the highest quality wins, then the order written. Where nothing fits, text 0.0.4: a page
 * is better than an error.
 */
export function negotiateFormat(accept: string | undefined, offers: readonly Offer[] = OFFERS): Format {
  const ranges = mediaRanges(accept)
  let best: { readonly format: Format; readonly range: MediaRange } | undefined
  for (const offer of offers) {
    const range = closestRange(ranges, offer)
    if (range === undefined || range.quality === 0) continue
    if (best === undefined || isPreferred(range, best.range)) best = { format: offer.format, range }
  }
  if (best === undefined || best.format === TEXT) return TEXT
  // Prometheus leaves it out where it asks for protobuf, and reads the same names in all formats.
  return withEscaping(best.format, best.range.escaping ?? ranges.find(({ escaping }) => escaping)?.escaping)
}

/** As {@link negotiateFormat}, among the formats that are text. */
export function negotiateText(accept: string | undefined): Format {
  return negotiateFormat(
    accept,
    OFFERS.filter(({ format }) => format !== PROTOBUF),
  )
}

function closestRange(ranges: readonly MediaRange[], offer: Offer): MediaRange | undefined {
  let closest: MediaRange | undefined
  for (const range of ranges) {
    if (closeness(range, offer) > (closest === undefined ? 0 : closeness(closest, offer))) closest = range
  }
  return closest
}

/** How closely a range names an offer: 0 not at all, then any type, any subtype, any version, 4 exactly. */
function closeness({ type, version }: MediaRange, offer: Offer): number {
  if (type !== offer.type) {
    // Nobody who takes anything means bytes that cannot be read.
    if (offer.format === PROTOBUF) return 0
    if (type === '*/*') return 1
    return type === offer.type.replace(/\/.*/, '/*') ? 2 : 0
  }
  if (version === undefined) return 3
  return version === offer.version ? 4 : 0
}

function isPreferred(range: MediaRange, other: MediaRange): boolean {
  return range.quality > other.quality || (range.quality === other.quality && range.place < other.place)
}

/** Says how names are escaped, to those who know of it; text 1.0.0 always does. */
function withEscaping(format: Format, asked: Escaping | undefined): Format {
  if (asked === undefined && format !== TEXT_1) return format
  const escaping = asked ?? format.escaping
  return { ...format, escaping, contentType: `${format.contentType}; escaping=${escaping}` }
}

/** Whether an `Accept-Encoding` header takes gzip, and no less than an uncompressed page (RFC 9110, section 12.5.3). */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const ranges = mediaRanges(acceptEncoding)
  const qualityOfCoding = (...names: string[]) => ranges.find(({ type }) => names.includes(type))?.quality
  const gzip = qualityOfCoding('gzip', 'x-gzip') ?? qualityOfCoding('*') ?? 0
  return gzip > 0 && gzip >= (qualityOfCoding('identity') ?? 0)
}

function mediaRanges(header: string | undefined): MediaRange[] {
  if (typeof header !== 'string') return []
  return header
    .slice(0, MAX_HEADER_LENGTH)
    .split(',')
    .map((part, place) => {
      const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
      const parameter = (name: string) =>
        parameters
          .find((text) => text.startsWith(`${name}=`))
          ?.slice(name.length + 1)
          .replace(/^"(.*)"$/, '$1')
      const escaping = escapingOf(parameter('escaping'))
      return {
        type,
        version: parameter('version') ?? messagesOf(parameter),
        escaping,
        quality: qualityOf(parameter('q')),
        place,
      }
    })
}

/** A range that names one of the two parameters only, or other messages, is none that we can serve. */
function messagesOf(parameter: (name: string) => string | undefined): string | undefined {
  const [proto, encoding] = [parameter('proto'), parameter('encoding')]
  return proto === undefined && encoding === undefined ? undefined : `${proto} ${encoding}`
}

/** A way to escape that we do not know cannot be what every scraper reads. */
function escapingOf(text: string | undefined): Escaping | undefined {
  return text === undefined ? undefined : (ESCAPINGS.find((known) => known === text) ?? 'underscores')
}

function qualityOf(text: string | undefined): number {
  if (text === undefined) return 1
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : 0
}
