import { mock } from 'node:test'
import { ConsecutiveBreaker, circuitBreaker, handleAll, type ICircuitBreakerOptions } from 'cockatiel'
import CircuitBreaker from 'opossum'
import { createMetrics } from '../../../src/init'
import type { InstrumentedBreaker } from '../../../src/instrument/breaker/breaker-registry'
import { instrumentBreaker } from '../../../src/instrument/breaker/instrument-breaker'
import { samplesOf } from '../../support/page'

/** What a call came to, for calls whose rejection is expected: the value, or the error. */
export const ended = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error)

/** An error of the protected service. */
export class Refused extends Error {}

/** A function that fails. */
export const fail = (): never => {
  throw new Refused()
}

/** How long an opossum breaker of {@link BreakerHarness.opossum} waits for a call, in milliseconds. */
export const TIMEOUT_MS = 100
/** How long a breaker stays open, in milliseconds. */
export const BREAK_MS = 1000

/** A cockatiel breaker that opens at the second failure in a row. */
export const cockatiel = (options: Partial<ICircuitBreakerOptions> = {}, policy = handleAll) =>
  circuitBreaker(policy, { halfOpenAfter: BREAK_MS, breaker: new ConsecutiveBreaker(2), ...options })

/** A service to instrument breakers with, in a time that stands still until a test moves it. */
export class BreakerHarness {
  readonly metrics = createMetrics({
    serviceName: 'test',
    exporters: [],
    http: false,
    runtime: false,
    selfMetrics: false,
  })
  readonly #opossums: CircuitBreaker[] = []
  #nowMs = 0

  constructor() {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] })
    // A mocked method would keep the stack of every call, and with it the breakers on it.
    Object.defineProperty(performance, 'now', { value: () => this.#nowMs, configurable: true })
  }

  async close(): Promise<void> {
    for (const breaker of this.#opossums) breaker.shutdown()
    Reflect.deleteProperty(performance, 'now')
    mock.restoreAll()
    mock.timers.reset()
    await this.metrics.shutdown()
  }

  tick(ms: number): void {
    this.#nowMs += ms
    mock.timers.tick(ms)
  }

  /** An opossum breaker that opens at more than half of failures. */
  opossum(action: () => Promise<unknown>, options: CircuitBreaker.Options = {}): CircuitBreaker {
    const breaker = new CircuitBreaker(action, { timeout: TIMEOUT_MS, resetTimeout: BREAK_MS, ...options })
    this.#opossums.push(breaker)
    return breaker
  }

  instrumentedOpossum(action: () => Promise<unknown>, options: CircuitBreaker.Options = {}) {
    const breaker = this.opossum(action, options)
    return { breaker, handle: this.instrument(breaker) }
  }

  instrument(breaker: object, name = 'b'): InstrumentedBreaker {
    return instrumentBreaker(this.metrics, breaker, { name })
  }

  /**
   * The samples of the page but the histogram's buckets and counts, which `calls_total` repeats, by what follows
   * `circuit_breaker_`, with the constant `breaker="b"` left out; zeros too.
   */
  async samples(): Promise<Record<string, number>> {
    const samples = [...samplesOf((await this.metrics.render()).body)]
      .filter(([series]) => /^circuit_breaker_(?!.*_(bucket|count)\b)/.test(series))
      .map(([series, value]) => [series.slice('circuit_breaker_'.length).replace(/breaker="b",?/, ''), value] as const)
    return Object.fromEntries(samples)
  }

  /** The samples that are not zero. */
  async counts(): Promise<Record<string, number>> {
    return Object.fromEntries(Object.entries(await this.samples()).filter(([, value]) => value !== 0))
  }

  async state(name = 'b'): Promise<number | undefined> {
    return samplesOf((await this.metrics.render()).body).get(`circuit_breaker_state{breaker="${name}"}`)
  }
}
