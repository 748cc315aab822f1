/** Segments that this many characters or more long are data, not words of a route. */
const MAX_WORD_LENGTH = 40
/** Segments after this many are written as one `*`. */
const MAX_SEGMENTS = 10

const ID = ':id'
const PLAIN_WORD = /^[a-z_-]{1,15}$/i
const VERSION = /^v\d+(?:\.\d+)*$/i
const SEPARATORS = /[-_.,~]/
const DIGITS = /^\d+$/
const HEX_WITH_DIGIT = /^(?=.*\d)[0-9a-f]{8,}$/i
const LONG_HEX = /^[0-9a-f]{16,}$/i
/** ULIDs, keys and the like: long, letters and digits without a separator. */
const TOKEN = /^(?=.*\d)[a-z0-9]{16,}$/i
/** Base64url, nano ids and the like: they may hold `-` and `_`, as names do, but mix small and capital letters with digits. */
const MIXED_TOKEN = /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w+=-]{16,}$/
const FOUR_DIGITS = /\d\D*\d\D*\d\D*\d/
/** Percent escapes, addresses and anything that does not belong into a word of a route. */
const NOT_A_WORD = /[^\w.~!$()*+,;=:-]/

/**
 * The path of a URL with everything that looks like data written as `:id`: numbers, UUIDs, hashes, dates, tokens, escaped text.
 *
 * It takes no knowledge of the routes, so it errs towards `:id`; a text that it has made comes back from it unchanged.
 * Empty segments and a closing slash are dropped.
 */
export function normalisePath(path: string): string {
  let text = ''
  let segments = 0
  let start = 0
  while (start < path.length) {
    let end = path.indexOf('/', start)
    if (end === -1) end = path.length
    if (end > start) {
      if (segments === MAX_SEGMENTS) return `${text}/*`
      text += `/${normaliseSegment(path.slice(start, end))}`
      segments++
    }
    start = end + 1
  }
  return text === '' ? '/' : text
}

function normaliseSegment(segment: string): string {
  // What nearly all segments are; the rules below come to the same.
  if (PLAIN_WORD.test(segment)) return segment
  if (DIGITS.test(segment)) return ID
  if (segment === ID || VERSION.test(segment)) return segment
  return isData(segment) ? ID : segment
}

function isData(segment: string): boolean {
  if (segment.length >= MAX_WORD_LENGTH || NOT_A_WORD.test(segment) || FOUR_DIGITS.test(segment)) return true
  if (LONG_HEX.test(segment) || TOKEN.test(segment) || MIXED_TOKEN.test(segment)) return true
  return segment.split(SEPARATORS).some((word) => DIGITS.test(word) || HEX_WITH_DIGIT.test(word))
}

/**
 * The path of a request target: without query, and without scheme and host where a client sent an absolute form.
 * `undefined` for what has no path, such as `host:port`.
 */
export function pathOfTarget(target: string): string | undefined {
  const query = target.indexOf('?')
  const path = query === -1 ? target : target.slice(0, query)
  if (path.charCodeAt(0) === 0x2f || path === '*') return path
  const authority = path.indexOf('://')
  if (authority === -1) return undefined
  const slash = path.indexOf('/', authority + 3)
  return slash === -1 ? '/' : path.slice(slash)
}
