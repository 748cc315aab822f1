/** Levels that stand for one level of a topic, whichever it is. */
const ONE: ReadonlySet<string> = new Set(['*', '+'])
/** Levels that stand for any number of levels, none included: MQTT's and AMQP's `#`, eventemitter2's `**`. */
const MANY: ReadonlySet<string> = new Set(['#', '**'])
/** NATS's `>`: one level or more. */
const REST = '>'

/** What levels of a topic are told apart by, in the order in which a pattern is asked for one. */
const SEPARATORS = ['/', '.', ':'] as const

/**
 * Whether a text is a pattern rather than a topic: it has a level that is a wildcard, or one of Redis's `*`, `?` and `[`
 * somewhere, as in `orders:*`.
 */
export function isTopicPattern(text: string): boolean {
  if (text.includes('*') || text.includes('?') || text.includes('[')) return true
  if (!text.includes('+') && !text.includes('#') && !text.includes(REST)) return false
  return levelsOf(text, separatorOf(text)).some((level) => ONE.has(level) || MANY.has(level) || level === REST)
}

/**
 * A test whether topics fit a pattern. Levels are told apart by `/`, or where the pattern has none by `.`, or else by `:`.
 * `*` and `+` are one level, `#` and `**` any number of them, `>` one or more; within a level `*` is any run of characters
 * and `?` one character. It takes at most the product of the two lengths, whatever the pattern. A broker has one
 * `separator`, whatever the pattern holds.
 */
export function topicMatcher(pattern: string, separator = separatorOf(pattern)): (topic: string) => boolean {
  const wanted = levelsOf(pattern, separator).flatMap((level) => (level === REST ? ['*', '#'] : [level]))
  return (topic) => fits(wanted, levelsOf(topic, separator), (level) => MANY.has(level), fitsLevel)
}

/** A test whether texts fit a pattern of Redis, which knows no levels: `*` is any run of characters, `?` one. */
export function globMatcher(pattern: string): (topic: string) => boolean {
  return (topic) => fits(pattern, topic, isStar, fitsCharacter)
}

function separatorOf(pattern: string): string {
  return SEPARATORS.find((separator) => pattern.includes(separator)) ?? ''
}

function levelsOf(text: string, separator: string): string[] {
  return separator === '' ? [text] : text.split(separator)
}

function fitsLevel(wanted: string, given: string): boolean {
  if (ONE.has(wanted) || wanted === given) return true
  return wanted.includes('*') || wanted.includes('?') ? fits(wanted, given, isStar, fitsCharacter) : false
}

const isStar = (character: string): boolean => character === '*'
const fitsCharacter = (wanted: string, given: string): boolean => wanted === '?' || wanted === given

/** Whether a sequence fits one with wildcards: the last wildcard that stands for many gives way, one element at a time. */
function fits(
  wanted: ArrayLike<string>,
  given: ArrayLike<string>,
  isMany: (part: string) => boolean,
  fitsOne: (wanted: string, given: string) => boolean,
): boolean {
  let at = 0
  let many = -1
  let reach = 0
  for (let next = 0; next < given.length; ) {
    const part = wanted[at]
    if (part !== undefined && isMany(part)) {
      many = at++
      reach = next
    } else if (part !== undefined && fitsOne(part, given[next] as string)) {
      at++
      next++
    } else if (many >= 0) {
      at = many + 1
      next = ++reach
    } else return false
  }
  while (at < wanted.length && isMany(wanted[at] as string)) at++
  return at === wanted.length
}
