import type { Stream } from './stream'

/** A stream that goes on with what another one counted. */
export interface Heir {
  readonly stream: Stream
  /** Since when, in milliseconds since the epoch. */
  readonly sinceMs: number
  /** Makes one like it that has no series, and is no part of anything. */
  scratch(): Stream
}

const heirs = new WeakMap<Stream, Heir[]>()

/** Notes who goes on with what `stream` counted. */
export function noteHeir(stream: Stream, heir: Heir): void {
  heirs.set(stream, [...heirsOf(stream), heir])
}

/** Those that go on with what a stream counted, which counts no more; none where it does. */
export function heirsOf(stream: Stream): readonly Heir[] {
  return heirs.get(stream) ?? []
}
