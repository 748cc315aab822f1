import type { BoundCounter, Counter } from '../../facade/counter'
import type { BoundHistogram, Histogram } from '../../facade/histogram'
import type { Instruments } from '../../facade/instruments'
import { calls, fallbacks, rejections, transitions } from './breaker.metrics'
import type { BreakerState } from './breaker-state'

/** How a call ended that the breaker let through. */
export type Outcome = 'success' | 'failure' | 'timeout' | 'ignored'

/** Why the breaker did not let a call through. */
export type Rejection = 'open' | 'semaphore' | 'isolated'

/** The instruments that all breakers of one service share, but for the state. */
export class BreakerInstruments {
  readonly calls: Histogram<'breaker' | 'outcome'>
  readonly rejections: Counter<'breaker' | 'reason'>
  readonly transitions: Counter<'breaker' | 'from' | 'to'>
  readonly fallbacks: Counter<'breaker'>

  constructor(metrics: Instruments) {
    this.calls = metrics.countedHistogram(calls)
    this.rejections = metrics.counter(rejections)
    this.transitions = metrics.counter(transitions)
    this.fallbacks = metrics.counter(fallbacks)
  }
}

/**
 * The series of one breaker, bound once. Successes, failures, rejections while open and fallbacks are there from the
 * start, so that a rate over them begins at zero; the rarer ones appear with their first event.
 */
export class BreakerSeries {
  private readonly outcomes = new Map<Outcome, BoundHistogram>()
  private readonly reasons = new Map<Rejection, BoundCounter>()
  private readonly changes = new Map<`${BreakerState} ${BreakerState}`, BoundCounter>()
  private readonly fallbacks: BoundCounter
  private removed = false

  constructor(
    private readonly instruments: BreakerInstruments,
    private readonly breaker: string,
  ) {
    this.outcome('success')
    this.outcome('failure')
    this.reason('open')
    this.fallbacks = instruments.fallbacks.bind({ breaker })
  }

  recordCall(outcome: Outcome, durationMs: number): void {
    if (this.removed) return
    // A breaker that measures with the wall clock sees it set back now and then.
    this.outcome(outcome).record(Math.max(0, durationMs) / 1000)
  }

  countRejection(reason: Rejection): void {
    if (this.removed) return
    this.reason(reason).add()
  }

  countTransition(from: BreakerState, to: BreakerState): void {
    if (this.removed) return
    let bound = this.changes.get(`${from} ${to}`)
    if (bound === undefined) {
      bound = this.instruments.transitions.bind({ breaker: this.breaker, from, to })
      this.changes.set(`${from} ${to}`, bound)
    }
    bound.add()
  }

  countFallback(): void {
    if (this.removed) return
    this.fallbacks.add()
  }

  /** Takes the series off the page. An event that is just being told is not recorded, which would bring them back. */
  remove(): void {
    this.removed = true
    const { breaker, instruments } = this
    for (const outcome of this.outcomes.keys()) instruments.calls.remove({ breaker, outcome })
    for (const reason of this.reasons.keys()) instruments.rejections.remove({ breaker, reason })
    for (const change of this.changes.keys()) {
      const [from, to] = change.split(' ') as [BreakerState, BreakerState]
      instruments.transitions.remove({ breaker, from, to })
    }
    instruments.fallbacks.remove({ breaker })
  }

  private outcome(outcome: Outcome): BoundHistogram {
    let bound = this.outcomes.get(outcome)
    if (bound === undefined) {
      bound = this.instruments.calls.bind({ breaker: this.breaker, outcome })
      this.outcomes.set(outcome, bound)
    }
    return bound
  }

  private reason(reason: Rejection): BoundCounter {
    let bound = this.reasons.get(reason)
    if (bound === undefined) {
      bound = this.instruments.rejections.bind({ breaker: this.breaker, reason })
      this.reasons.set(reason, bound)
    }
    return bound
  }
}
