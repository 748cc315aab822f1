/** What befalls a receiver, as the table calls it; nothing, for how it goes anyhow. */
export const TROUBLES = ['none', 'killed', 'hangs', '503', '429, Retry-After', 'reset in mid-body'] as const
export type Trouble = (typeof TROUBLES)[number]

/** What the receiver is asked: to be in trouble, or well again; or what it has. It answers with {@link Received}. */
export interface Question {
  readonly trouble?: Trouble
}

/** The deltas that were taken, added up: what counters rose by, and how many measurements histograms have. */
export interface Received {
  readonly port: number
  readonly counted: number
  readonly measured: number
}
