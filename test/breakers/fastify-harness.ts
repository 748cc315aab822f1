import { mock } from 'node:test'
import circuitBreaker, { type FastifyCircuitBreakerOptions } from '@fastify/circuit-breaker'
import fastify, { type FastifyInstance } from 'fastify'
import { BREAK_MS, BreakerHarness, TIMEOUT_MS } from '../instrument/breaker/breaker-harness'
import { DeferredFunction, settled } from '../support/deferred'

/** An error that becomes a response of that status. */
export class StatusError extends Error {
  constructor(readonly statusCode: number) {
    super(`status ${statusCode}`)
  }
}

/** What a guard of the harness is made with, unless a test says otherwise. */
export const PLUGIN = { threshold: 3, timeout: TIMEOUT_MS, resetTimeout: BREAK_MS }

interface Answer {
  readonly status: number
  readonly body: string
}

/** A Fastify application with the plugin, in the time of the breakers' harness. */
export class FastifyHarness extends BreakerHarness {
  readonly app: FastifyInstance = fastify()
  readonly action = new DeferredFunction<string>()

  constructor() {
    super()
    // The plugin reads this clock.
    mock.method(process, 'hrtime', () => [0, performance.now() * 1e6])
  }

  override async close(): Promise<void> {
    await this.app.close()
    await super.close()
  }

  async register(options: FastifyCircuitBreakerOptions = PLUGIN): Promise<void> {
    await this.app.register(circuitBreaker, options)
  }

  /** A route that answers what the harness's action comes to, behind a guard. */
  route(url: string, options?: FastifyCircuitBreakerOptions, app: FastifyInstance = this.app): void {
    app.get(url, { preHandler: app.circuitBreaker(options) }, () => this.action.call())
  }

  /** Sends a request, which is under way when this resolves. */
  async send(url: string): Promise<{ readonly answer: Promise<Answer> }> {
    const answer = Promise.resolve(this.app.inject(url)).then(({ statusCode, body }) => ({ status: statusCode, body }))
    for (let turn = 0; turn < 5; turn++) await settled()
    return { answer }
  }

  /** A request that takes `ms` and then ends as `end` has its handler end. */
  async request(url: string, ms: number, end: (action: DeferredFunction<string>) => void): Promise<Answer> {
    const { answer } = await this.send(url)
    this.tick(ms)
    end(this.action)
    return answer
  }

  succeed(url: string, ms: number): Promise<Answer> {
    return this.request(url, ms, (action) => action.resolve('paid'))
  }

  fail(url: string, ms: number, status = 500): Promise<Answer> {
    return this.request(url, ms, (action) => action.reject(new StatusError(status)))
  }
}
