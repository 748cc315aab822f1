import type { Stream } from './stream'

/** Who goes on with what a stream counted. It holds no stream, so that those in between need not be kept. */
export class Lineage {
  /** None while the stream counts. */
  readonly heirs: Heir[] = []
}

/** A stream that goes on with what another one counted. */
export interface Heir {
  readonly lineage: Lineage
  /** Since when, in milliseconds since the epoch. */
  readonly sinceMs: number
  /** Makes one like it that has no series, and is no part of anything. */
  scratch(): Stream
}

const lineages = new WeakMap<Stream, Lineage>()

/** The same for a stream each time, and another one for each. */
export function lineageOf(stream: Stream): Lineage {
  let lineage = lineages.get(stream)
  if (lineage === undefined) {
    lineage = new Lineage()
    lineages.set(stream, lineage)
  }
  return lineage
}
