import type { Definition } from './definition'
import { unitWords } from './units'

/** A habit of the field that a name breaks, if it does: said once in the log, never an error. */
type Rule = (definition: Definition) => string | undefined

const isCounter = ({ kind }: Definition): boolean => kind === 'counter' || kind === 'observableCounter'

const counterEndsInTotal: Rule = (definition) =>
  isCounter(definition) && !definition.name.endsWith('_total')
    ? 'a counter\'s name should end in "_total" (OpenMetrics shows it as unknown until then)'
    : undefined

const unitInName: Rule = (definition) => {
  const words = nameWords(definition)
  const base = withoutTotal(definition)
  return words !== '' && base !== words && !base.endsWith(`_${words}`) ? 'a name should end in its unit' : undefined
}

const infoEndsInInfo: Rule = ({ kind, name }) =>
  kind === 'info' && !name.endsWith('_info')
    ? 'an info\'s name should end in "_info" (OpenMetrics shows it as a gauge until then)'
    : undefined

const RULES: readonly Rule[] = [counterEndsInTotal, unitInName, infoEndsInInfo]

/** What to say about a definition of the facade; nothing where its name keeps to the habits of the field. */
export function lint(definition: Definition): string | undefined {
  const broken = RULES.flatMap((rule) => rule(definition) ?? [])
  return broken.length === 0 ? undefined : `${broken.join(', and ')}: write "${properName(definition)}"`
}

function properName(definition: Definition): string {
  if (definition.kind === 'info') return `${definition.name}_info`
  const words = nameWords(definition)
  const base = withoutTotal(definition)
  const named = words === '' || base === words || base.endsWith(`_${words}`) ? base : `${base}_${words}`
  return isCounter(definition) || base !== definition.name ? `${named}_total` : named
}

/** The words of the unit that a name should end in; a ratio may go by its own name. */
function nameWords({ unit, kind }: Definition): string {
  const words = unitWords(unit, kind === 'gauge' || kind === 'observableGauge')
  return words === 'ratio' ? '' : words
}

function withoutTotal({ name }: Definition): string {
  return name.replace(/_total$/, '')
}
