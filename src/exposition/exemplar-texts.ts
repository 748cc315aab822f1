import { countExemplar, type Exemplar, type Slots } from '../store/exemplars'
import type { SeriesGroup } from '../store/series-group'
import type { Stream } from '../store/stream'
import { escapeLabelValue, numberText } from './bytes'
import { exemplarLabels } from './exemplar-labels'

/**
 * What stands behind the values of a series' samples, by slot: ` # {trace_id="…",span_id="…"} 0.67 1520879607.789`. Where the
 * counts of a histogram are a counter as well, the counter's is there behind those of the buckets.
 */
export type ExemplarTexts = readonly (Buffer | undefined)[]

export const NO_EXEMPLAR_TEXTS: ExemplarTexts = []

/** The exemplars of a series as OpenMetrics has them (OpenMetrics 1.0.0, section "Exemplars"); with that of its count or not. */
export function exemplarTexts(
  { exemplars }: Stream,
  group: SeriesGroup,
  row: number,
  isCounted: boolean,
): ExemplarTexts {
  if (exemplars?.some !== true) return NO_EXEMPLAR_TEXTS
  return slotTexts(exemplars.at(group, row), isCounted)
}

/** As {@link exemplarTexts}, of exemplars that were read already. */
export function slotTexts(slots: Slots | undefined, isCounted: boolean): ExemplarTexts {
  if (slots === undefined || slots.length === 0) return NO_EXEMPLAR_TEXTS
  const all = isCounted ? [...slots, countExemplar(slots)] : slots
  return all.map((exemplar) => exemplar && textOf(exemplar))
}

export function exemplarTextBytes(texts: ExemplarTexts): number {
  let length = 0
  for (const text of texts) length += text?.length ?? 0
  return length
}

function textOf(exemplar: Exemplar): Buffer {
  const labels = exemplarLabels(exemplar).map(([name, value]) => `${name}="${textOfValue(value)}"`)
  return Buffer.from(` # {${labels.join(',')}} ${numberText(exemplar.value)} ${exemplar.epochMs / 1_000}`)
}

/** At a NUL here, other than in a label of a series, Prometheus gives up the whole page. */
function textOfValue(value: string): string {
  return escapeLabelValue(value.replaceAll('\0', '\ufffd'))
}
