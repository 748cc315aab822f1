import type { LabelsInput } from '../model/labels'

/** Not an object, so that it is turned away whenever it is recorded with. */
const UNREADABLE = 'unreadable' as unknown as LabelsInput

/**
 * A copy of labels, joined with `more`, that the caller can change no longer: for a bound series, or a timer that runs.
 * Never throws; what cannot be read is turned away when it is recorded with.
 */
export function ownLabels(labels: LabelsInput | undefined, more?: LabelsInput): LabelsInput {
  if (!mayBeLabels(labels) || !mayBeLabels(more)) return UNREADABLE
  try {
    return { ...labels, ...more }
  } catch {
    return UNREADABLE
  }
}

function mayBeLabels(labels: LabelsInput | undefined): boolean {
  return typeof labels === 'object' || labels === undefined
}
