import type { Definition } from './definition'
import { unitWords } from './units'

/** A habit of the field that a definition breaks: said once in the log, never an error. */
type Rule = (definition: Definition) => string | undefined

const counterEndsInTotal: Rule = ({ kind, name }) =>
  (kind === 'counter' || kind === 'observableCounter') && !name.endsWith('_total')
    ? `a counter's name should end in "_total": write "${name}_total" (OpenMetrics shows it as unknown until then)`
    : undefined

const unitInName: Rule = ({ kind, name, unit }) => {
  const words = unitWords(unit, kind === 'gauge' || kind === 'observableGauge')
  const base = name.replace(/_total$/, '')
  return words !== '' && words !== 'ratio' && base !== words && !base.endsWith(`_${words}`)
    ? `a name should end in its unit: write "${base}_${words}${name === base ? '' : '_total'}"`
    : undefined
}

const RULES: readonly Rule[] = [counterEndsInTotal, unitInName]

/** What to say about a definition of the facade. */
export function lint(definition: Definition): string[] {
  return RULES.flatMap((rule) => rule(definition) ?? [])
}
