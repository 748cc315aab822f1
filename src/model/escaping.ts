/**
 * How names of other characters than letters, digits, `_` and `:` reach a scraper; it says so in its `Accept` header
 * (Prometheus, "UTF-8 metric and label name escaping schemes").
 */
export type Escaping = (typeof ESCAPINGS)[number]

export const ESCAPINGS = ['allow-utf-8', 'underscores', 'dots', 'values'] as const

const PLAIN_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const PLAIN_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** Whether a metric's name needs neither quotes nor escaping: every version of Prometheus takes it. */
export function isPlainName(name: string): boolean {
  return PLAIN_NAME.test(name)
}

/** Whether a label's name needs neither quotes nor escaping. */
export function isPlainLabel(name: string): boolean {
  return PLAIN_LABEL.test(name)
}

/** A metric's name as a scraper with this escaping gets it. Plain names stay as they are. */
export function escapedName(name: string, escaping: Escaping): string {
  return isPlainName(name) ? name : escapeName(name, escaping)
}

/**
 * A label's name as a scraper with this escaping gets it. Plain names stay as they are. Where escaping would put two
 * underscores first, there is one: Prometheus drops labels that begin with two.
 */
export function escapedLabel(name: string, escaping: Escaping): string {
  if (isPlainLabel(name) || escaping === 'allow-utf-8') return name
  return escaped(name, escaping, /[a-zA-Z_]/).replace(/^_{2,}/, '_')
}

/** Any name by the scheme's rules, as `EscapeName` of prometheus/common has it. */
export function escapeName(name: string, escaping: Escaping): string {
  // Of the schemes, `dots` alone changes plain names too: it doubles their underscores.
  if (escaping === 'allow-utf-8' || (escaping !== 'dots' && isPlainName(name))) return name
  return name === '' ? '' : escaped(name, escaping, /[a-zA-Z_:]/)
}

/** `initial` is what may stand first. */
function escaped(name: string, escaping: Escaping, initial: RegExp): string {
  let text = escaping === 'values' ? 'U__' : ''
  let isFirst = true
  for (const character of name) {
    const isPlain = initial.test(character) || (!isFirst && /[0-9]/.test(character))
    text += escapedCharacter(character, isPlain, escaping)
    isFirst = false
  }
  return text
}

function escapedCharacter(character: string, isPlain: boolean, escaping: Escaping): string {
  if (escaping === 'underscores') return isPlain ? character : '_'
  if (character === '_') return '__'
  if (isPlain) return character
  if (escaping === 'dots') return character === '.' ? '_dot_' : '__'
  return `_${(character.codePointAt(0) as number).toString(16)}_`
}
