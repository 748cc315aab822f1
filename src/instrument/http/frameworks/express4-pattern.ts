import type { Layer, LayerKey } from './express-layer'

/**
 * The path that an Express 4 layer was given, from the regular expression that path-to-regexp 0.1 has made of it: the layer
 * keeps no other. `/org/:id` has become `^\/org(?:\/([^/]+?))\/?(?=\/|$)`.
 *
 * Paths with expressions of their own come back with these in parentheses. What path-to-regexp has not made is a regular
 * expression that the application has given, and stands as it is.
 */
export function express4Pattern({ regexp, keys = [] }: Layer): string {
  const expression = String(regexp)
  if (regexp === undefined) return expression
  const names = keys.values()
  const texts = alternatives(regexp.source).map((source) => patternOf(source, names))
  return texts.some((text) => text === undefined) ? expression : texts.join('|')
}

/** An array of paths has become one expression of several, each with its own start. */
function alternatives(source: string): string[] {
  return source.split(/\|(?=\^)/)
}

/** What follows the path: a closing slash, which may be there, and the end of the text or of its segment. */
const ENDING = /(?:\\\/\?|\?)?(?:\(\?=\\\/\|\$\)|\$)?$/
/** What is inside the group of a parameter: the dot or slash before it, its expression, and another if it may repeat. */
const PARAMETER = /^(\\\.)?(\\\/)?(\(.*?\))(\(\(\?:\[[^\]]*\]\.\+\?\)\?\))?$/
/** The expression of a parameter that has none of its own. */
const ANY_SEGMENT = /^\(\[\^\\?\/(?:\\\.)?\]\+\?\)$|^\(\(\?:\(\?!.*\)\.\)\+\?\)$/
const GROUP = '(?:'
const WILDCARD = '(.*)'
const LITERAL = /^(?:\\(.)|([^\\^$*+?.()|[\]{}]))/

function patternOf(source: string, names: Iterator<LayerKey>): string | undefined {
  if (!source.startsWith('^')) return undefined
  let rest = source.slice(1).replace(ENDING, '')
  let text = ''
  while (rest !== '') {
    const literal = LITERAL.exec(rest)
    if (rest.startsWith(GROUP)) {
      const end = endOfGroup(rest)
      const parameter = parameterOf(rest.slice(GROUP.length, end), names)
      if (parameter === undefined) return undefined
      const optional = rest[end + 1] === '?' ? '?' : ''
      text += parameter + optional
      rest = rest.slice(end + 1 + optional.length)
    } else if (rest.startsWith(WILDCARD)) {
      names.next()
      text += '*'
      rest = rest.slice(WILDCARD.length)
    } else if (literal !== null) {
      text += literal[1] ?? literal[2] ?? ''
      rest = rest.slice(literal[0].length)
    } else {
      return undefined
    }
  }
  return text
}

function parameterOf(group: string, names: Iterator<LayerKey>): string | undefined {
  const parts = PARAMETER.exec(group)
  if (parts === null) return undefined
  const [, dot, slash, expression = '', star] = parts
  const own = ANY_SEGMENT.test(expression) ? '' : expression
  return `${slash ? '/' : ''}${dot ? '.' : ''}:${names.next().value?.name ?? ''}${own}${star ? '*' : ''}`
}

/** Where the group that the text begins with ends: at the parenthesis that closes its first one. */
function endOfGroup(text: string): number {
  let open = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '\\') at++
    else if (character === '(') open++
    else if (character === ')' && --open === 0) return at
  }
  return text.length
}
