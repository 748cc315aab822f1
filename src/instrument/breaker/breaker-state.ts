/** The states of a circuit breaker as they are named in labels. */
export type BreakerState = 'closed' | 'open' | 'half_open' | 'isolated'

/** The values of the state gauge. */
export const STATE_VALUES: Readonly<Record<BreakerState, number>> = { closed: 0, open: 1, half_open: 2, isolated: 3 }

export const STATES = Object.keys(STATE_VALUES) as readonly BreakerState[]

const BY_SEVERITY: readonly BreakerState[] = ['closed', 'half_open', 'open', 'isolated']

/** The state that lets fewer calls through. */
export function worseState(a: BreakerState, b: BreakerState): BreakerState {
  return BY_SEVERITY.indexOf(a) >= BY_SEVERITY.indexOf(b) ? a : b
}
