import type { BoundCounter, Counter } from '../../facade/counter'
import type { BoundHistogram, Histogram } from '../../facade/histogram'
import type { Instruments } from '../../facade/instruments'
import { received } from '../../model/errors'
import type { Logger } from '../../model/log'
import { calls, fallbacks, rejections, transitions } from './breaker.metrics'
import type { BreakerOutcome, BreakerRejection } from './breaker-adapter'
import { type BreakerState, STATES } from './breaker-state'

const OUTCOMES: readonly BreakerOutcome[] = ['success', 'failure', 'timeout', 'ignored']
const REJECTIONS: readonly BreakerRejection[] = ['open', 'semaphore', 'isolated']

/** The instruments that all breakers of one service share, but for the state. */
export class BreakerInstruments {
  readonly log: Logger
  readonly calls: Histogram<'breaker' | 'outcome'>
  readonly rejections: Counter<'breaker' | 'reason'>
  readonly transitions: Counter<'breaker' | 'from' | 'to'>
  readonly fallbacks: Counter<'breaker'>

  constructor(metrics: Instruments) {
    this.log = metrics.log
    this.calls = metrics.countedHistogram(calls)
    this.rejections = metrics.counter(rejections)
    this.transitions = metrics.counter(transitions)
    this.fallbacks = metrics.counter(fallbacks)
  }
}

/**
 * The series of the breakers of one name, bound once. Successes, failures, rejections while open and fallbacks are there
 * from the start, so that a rate over them begins at zero; the rarer ones appear with their first event. Adapters are the
 * application's, too: a word that is none of the known ones makes no series.
 */
export class BreakerSeries {
  private readonly outcomes = new Map<BreakerOutcome, BoundHistogram>()
  private readonly reasons = new Map<BreakerRejection, BoundCounter>()
  private readonly changes = new Map<BreakerState, Map<BreakerState, BoundCounter>>()
  private readonly fallbacks: BoundCounter
  private warned = false

  constructor(
    private readonly instruments: BreakerInstruments,
    private readonly breaker: string,
  ) {
    this.outcome('success')
    this.outcome('failure')
    this.reason('open')
    this.fallbacks = instruments.fallbacks.bind({ breaker })
  }

  recordCall(outcome: BreakerOutcome, durationMs: number): void {
    // A breaker that measures with the wall clock sees it set back now and then.
    const seconds = typeof durationMs === 'number' && durationMs > 0 ? durationMs / 1000 : 0
    const bound = this.outcomes.get(outcome) ?? this.outcome(outcome)
    bound?.record(seconds)
  }

  countRejection(reason: BreakerRejection): void {
    const bound = this.reasons.get(reason) ?? this.reason(reason)
    bound?.add()
  }

  countTransition(from: BreakerState, to: BreakerState): void {
    const bound = this.changes.get(from)?.get(to) ?? this.change(from, to)
    bound?.add()
  }

  countFallback(): void {
    this.fallbacks.add()
  }

  /** Takes the series off the page. */
  remove(): void {
    const { breaker, instruments } = this
    for (const outcome of this.outcomes.keys()) instruments.calls.remove({ breaker, outcome })
    for (const reason of this.reasons.keys()) instruments.rejections.remove({ breaker, reason })
    for (const [from, targets] of this.changes) {
      for (const to of targets.keys()) instruments.transitions.remove({ breaker, from, to })
    }
    instruments.fallbacks.remove({ breaker })
  }

  private outcome(outcome: BreakerOutcome): BoundHistogram | undefined {
    if (!this.isKnown('outcome of a call', outcome, OUTCOMES)) return undefined
    const bound = this.instruments.calls.bind({ breaker: this.breaker, outcome })
    this.outcomes.set(outcome, bound)
    return bound
  }

  private reason(reason: BreakerRejection): BoundCounter | undefined {
    if (!this.isKnown('reason of a rejection', reason, REJECTIONS)) return undefined
    const bound = this.instruments.rejections.bind({ breaker: this.breaker, reason })
    this.reasons.set(reason, bound)
    return bound
  }

  private change(from: BreakerState, to: BreakerState): BoundCounter | undefined {
    if (!this.isKnown('state', from, STATES) || !this.isKnown('state', to, STATES)) return undefined
    const bound = this.instruments.transitions.bind({ breaker: this.breaker, from, to })
    let targets = this.changes.get(from)
    if (targets === undefined) {
      targets = new Map()
      this.changes.set(from, targets)
    }
    targets.set(to, bound)
    return bound
  }

  private isKnown(what: string, word: string, known: readonly string[]): boolean {
    if (known.includes(word)) return true
    if (!this.warned) {
      this.warned = true
      this.instruments.log.warn(
        `Cannot record breaker "${this.breaker}": ${what} must be one of ${known.join(', ')}, got ${received(word)}. ` +
          `Have its adapter tell one of these.`,
      )
    }
    return false
  }
}
