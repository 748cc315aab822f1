import { isPlainLabel } from '../model/escaping'
import { exemplarLength, MAX_EXEMPLAR_LENGTH } from '../model/exemplar'
import { SPAN_ID, TRACE_ID } from '../store/exemplar-sampler'
import type { Exemplar } from '../store/exemplars'
import { labelText } from './value-texts'

/**
 * The labels that an exemplar is written with: the ids first, then as many of the others as are label names and fit
 * (OpenMetrics 1.0.0, section "Exemplars"). A label that a view took may be called as an id is; the id stands.
 */
export function exemplarLabels({ traceId, spanId, labels }: Exemplar): [name: string, value: string][] {
  const written: [string, string][] = []
  let length = 0
  const add = (name: string, value: string) => {
    const more = exemplarLength(name, value)
    if (length + more > MAX_EXEMPLAR_LENGTH || written.some(([before]) => before === name)) return
    length += more
    written.push([name, value])
  }
  if (traceId !== '') {
    add(TRACE_ID, traceId)
    add(SPAN_ID, spanId)
  }
  for (const [name, value] of labels) if (isPlainLabel(name)) add(name, labelText(value))
  return written
}
