import type { BreakerState } from './breaker-state'

/** When a guard of @fastify/circuit-breaker opens, and for how long. */
export interface GuardSettings {
  /** Failures in a row that open it. */
  readonly threshold: number
  /** Milliseconds until it is half-open. */
  readonly resetTimeout: number
}

/**
 * What @fastify/circuit-breaker keeps of one guard, where nobody can read it: worked out from the requests that the guard
 * lets through and refuses, by the rules of the plugin's `onSend` hook, its oddities included. A request that the plugin
 * answers with its error passes that hook twice, and counts twice.
 *
 * Only that a timeout opens the guard, and when it is half-open, is known from the settings alone. Where they are wrong,
 * the next request that tells otherwise puts the state right.
 */
export class GuardModel {
  #state: BreakerState = 'closed'
  #failures = 0
  #threshold: number
  readonly #resetTimeoutMs: number
  #reset: NodeJS.Timeout | undefined
  readonly #onChange: (from: BreakerState, to: BreakerState) => void

  constructor(settings: GuardSettings, onChange: (from: BreakerState, to: BreakerState) => void) {
    this.#threshold = settings.threshold
    this.#resetTimeoutMs = settings.resetTimeout
    this.#onChange = onChange
  }

  get state(): BreakerState {
    return this.#state
  }

  /** A request was let through. */
  admitted(): void {
    if (this.#state === 'open') this.#halfOpen()
  }

  /** A request was refused. While half-open that is so whenever another one is under way. */
  refused(): void {
    if (this.#state === 'closed') this.#open()
  }

  succeeded(): void {
    this.#failures = 0
    this.#enter('closed')
  }

  /** A request failed that the plugin answered as it was: it opens the guard only from half-open. */
  failed(): void {
    this.#failures++
    if (this.#state === 'half_open') this.#open()
  }

  /** A request failed, and the plugin answered that it has opened. Returns whether the settings had it so. */
  tripped(): boolean {
    this.#failures++
    const expected = this.#state !== 'closed' || this.#failures >= this.#threshold
    this.#threshold = Math.min(this.#threshold, this.#failures)
    this.#open()
    return expected
  }

  timedOut(): void {
    this.#failures++
    if (this.#failures >= this.#threshold) this.#open()
  }

  stop(): void {
    clearTimeout(this.#reset)
    this.#reset = undefined
  }

  #open(): void {
    this.#enter('open')
    // The plugin has one timer, too, which nothing takes back: not even a late success that closes the guard.
    this.#reset ??= setTimeout(() => this.#halfOpen(), this.#resetTimeoutMs).unref()
  }

  #halfOpen(): void {
    this.stop()
    this.#enter('half_open')
  }

  #enter(state: BreakerState): void {
    const before = this.#state
    this.#state = state
    if (before !== state) this.#onChange(before, state)
  }
}
