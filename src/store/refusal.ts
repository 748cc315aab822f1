import type { LabelsInput } from '../model/labels'
import type { Sink } from './stream'

/** Why a sink cannot have a series with these labels, were there room for it; `undefined` where it can. Counts nothing. */
export function refusalOf({ streams }: Sink, labels: LabelsInput): string | undefined {
  for (const { table } of streams) {
    const refusal = table.refusal(labels)
    if (refusal !== undefined) return refusal
  }
  return undefined
}
