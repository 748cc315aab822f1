import { errorText, received } from '../../model/errors'
import type { Logger } from '../../model/log'
import { WeakWatches } from '../weak-watches'
import type { BreakerOutcome, BreakerRejection } from './breaker-adapter'
import type { BreakerSeries } from './breaker-series'
import { type BreakerState, STATES } from './breaker-state'
import type { BreakerKind, BreakerPart, PartRecorder } from './subject'

/**
 * One breaker among those of its name, held weakly. What it hands out hangs on the breaker and on its parts, which may
 * outlive it: nothing here may keep hold of the breaker.
 */
export class BreakerMember implements PartRecorder {
  readonly name: string
  readonly #breaker: WeakRef<object>
  readonly #kind: BreakerKind
  readonly #series: BreakerSeries
  readonly #log: Logger
  readonly #onEnd: (breaker: object) => void
  readonly #parts = new WeakWatches()
  #ended = false
  #warned = false

  constructor(options: {
    readonly name: string
    readonly breaker: object
    readonly kind: BreakerKind
    readonly series: BreakerSeries
    readonly log: Logger
    /** Ends the measurement of the breaker. */
    readonly onEnd: (breaker: object) => void
  }) {
    this.name = options.name
    this.#breaker = new WeakRef(options.breaker)
    this.#kind = options.kind
    this.#series = options.series
    this.#log = options.log
    this.#onEnd = options.onEnd
  }

  /** `undefined` when it has been collected. */
  get breaker(): object | undefined {
    return this.#breaker.deref()
  }

  call(outcome: BreakerOutcome, durationMs: number): void {
    if (!this.#ended) this.#series.recordCall(outcome, durationMs)
  }

  rejection(reason: BreakerRejection): void {
    if (!this.#ended) this.#series.countRejection(reason)
  }

  transition(from: BreakerState, to: BreakerState): void {
    if (!this.#ended && from !== to) this.#series.countTransition(from, to)
  }

  fallback(): void {
    if (!this.#ended) this.#series.countFallback()
  }

  end(): void {
    const { breaker } = this
    if (!this.#ended && breaker !== undefined) this.#onEnd(breaker)
  }

  join(parts: readonly BreakerPart[]): void {
    if (this.#ended) return
    for (const part of parts) this.#parts.add(part.target, () => part.watch(this))
  }

  /** Records nothing any more, and leaves the parts as they were. */
  close(): void {
    this.#ended = true
    this.#parts.end()
  }

  /** The state of a breaker that is in use; `undefined` where there is none to tell. Never throws. */
  stateOf(breaker: object): BreakerState | undefined {
    try {
      const state: BreakerState = this.#kind.state(breaker)
      if (STATES.includes(state)) return state
      this.#warn(
        `state must be one of ${STATES.join(', ')}, got ${received(state)}. Have its adapter tell one of these.`,
      )
    } catch (error) {
      this.#warn(`state must be readable, got ${errorText(error)}. Have its adapter not throw.`)
    }
    return undefined
  }

  /** Whether the breaker refuses every call for good, so that another of its name has taken its place. */
  isRetired(breaker: object): boolean {
    return this.#kind.isRetired?.(breaker) === true
  }

  #warn(fault: string): void {
    if (!this.#warned) this.#log.warn(`Cannot read breaker "${this.name}": ${fault}`)
    this.#warned = true
  }
}
