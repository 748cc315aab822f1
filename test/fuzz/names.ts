import type { Escaping } from '../../src/model/escaping'

/**
 * The escaping schemes of Prometheus, written down anew from its documentation ("UTF-8 metric and label name escaping
 * schemes") and the rules of docs/FORMATS.md: what the pages' own code does must come to the same.
 */
export function metricName(name: string, escaping: Escaping): string {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) ? name : escaped(name, escaping, 'a-zA-Z_:')
}

export function labelName(name: string, escaping: Escaping): string {
  if (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) return name
  const text = escaped(name, escaping, 'a-zA-Z_')
  // Labels that begin with two underscores are Prometheus's own.
  return escaping === 'allow-utf-8' ? text : text.replace(/^__+/, '_')
}

function escaped(name: string, escaping: Escaping, letters: string): string {
  if (escaping === 'allow-utf-8') return name
  const legal = [...name].map((character, index) =>
    new RegExp(index === 0 ? `[${letters}]` : `[${letters}0-9]`).test(character),
  )
  const characters = [...name].map((character, index) => {
    const isLegal = legal[index] === true
    switch (escaping) {
      case 'underscores':
        return isLegal ? character : '_'
      case 'dots':
        if (character === '.') return '_dot_'
        return isLegal && character !== '_' ? character : '__'
      default:
        if (character === '_') return '__'
        return isLegal ? character : `_${(character.codePointAt(0) as number).toString(16)}_`
    }
  })
  return (escaping === 'values' ? 'U__' : '') + characters.join('')
}
