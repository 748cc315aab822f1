import type { Logger } from '../../model/log'
import type { BreakerOutcome, BreakerRecorder } from './breaker-adapter'
import type { BreakerState } from './breaker-state'
import type { Answer, Guard, GuardedReply, GuardedRequest, GuardOptions } from './fastify-types'
import { GuardModel } from './guard-model'

const DEFAULT_THRESHOLD = 5
const DEFAULT_RESET_TIMEOUT_MS = 10_000

const OPEN = 'FST_ERR_CIRCUIT_BREAKER_OPEN'
const TIMEOUT = 'FST_ERR_CIRCUIT_BREAKER_TIMEOUT'

/** What is known of a request under its mark. */
const RECORDED = 1
/** The plugin has also judged, in the run of its `onSend` hook that is under way, how the request ended. */
const JUDGED = 2

/**
 * The guards of one application under @fastify/circuit-breaker.
 *
 * The plugin decides in its `preHandler` whether a request goes on, and in its `onSend` hook how it ended: it passes the
 * answer on, replaces it by one of its errors, or asks `onCircuitOpen` or `onTimeout` for another. The first is seen in a
 * later `onSend` hook, the second in an `onError` hook, the third at the callbacks, which are wrapped where they are known.
 */
export class FastifyGuards {
  /** Requests are marked under this, so that each is recorded once whatever becomes of its answer. */
  readonly mark = Symbol('meterkit.breaker')
  readonly #recorder: BreakerRecorder
  readonly #plugin: GuardOptions
  readonly #log: Logger
  /** By the number that the plugin gives a guard. */
  readonly #models = new Map<number, GuardModel>()
  /** From `process.hrtime`, which the plugin reads, to `performance.now()`, which reads the same clock. */
  readonly #offsetMs: number
  #stopped = false
  #warned = false

  constructor(recorder: BreakerRecorder, plugin: GuardOptions, log: Logger) {
    this.#recorder = recorder
    this.#plugin = plugin
    this.#log = log
    const [seconds, nanoseconds] = process.hrtime()
    this.#offsetMs = seconds * 1e3 + nanoseconds / 1e6 - performance.now()
  }

  get states(): BreakerState[] {
    return [...this.#models.values()].map(({ state }) => state)
  }

  get isStopped(): boolean {
    return this.#stopped
  }

  /** A guard that `make` makes, with what it lets through and refuses noted. */
  measured(make: (options: GuardOptions) => Guard, options: GuardOptions): Guard {
    const { onCircuitOpen = this.#plugin.onCircuitOpen, onTimeout = this.#plugin.onTimeout } = options
    const guard = make({
      ...options,
      ...(onCircuitOpen && { onCircuitOpen: this.#answering(onCircuitOpen, 'failure') }),
      ...(onTimeout && { onTimeout: this.#answering(onTimeout, 'timeout') }),
    })
    const model = this.#newModel(options)
    const enter = (request: GuardedRequest) => this.#enter(request, model)
    return function beforeHandler(this: unknown, request, reply) {
      const passed = Reflect.apply(guard, this, [request, reply])
      enter(request)
      return passed
    }
  }

  onSend(request: GuardedRequest, { raw }: GuardedReply): void {
    if (this.#stopped) return
    if (request._cbIsOpen) this.#refuse(request)
    else if (request._cbRouteId !== 0) {
      if (request[this.mark] === JUDGED) request[this.mark] = RECORDED
      else if (raw.statusCode < 500) this.#end(request, 'success')
      else this.#end(request, 'failure')
    }
  }

  onError(request: GuardedRequest, error: unknown): void {
    if (this.#stopped || request._cbIsOpen || request._cbRouteId === 0) return
    const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined
    if (code === TIMEOUT) this.#end(request, 'timeout')
    else if (code === OPEN) this.#trip(request)
  }

  stop(): void {
    this.#stopped = true
    for (const model of this.#models.values()) model.stop()
  }

  #enter(request: GuardedRequest, model: GuardModel): void {
    if (this.#stopped) return
    if (request._cbIsOpen) model.refused()
    else if (request._cbRouteId !== 0) {
      if (!this.#models.has(request._cbRouteId)) this.#models.set(request._cbRouteId, model)
      model.admitted()
    }
  }

  #refuse(request: GuardedRequest): void {
    if (request[this.mark] !== undefined) return
    request[this.mark] = RECORDED
    this.#recorder.rejection('open')
  }

  #end(request: GuardedRequest, outcome: BreakerOutcome): void {
    const model = this.#modelOf(request)
    if (outcome === 'success') model.succeeded()
    else if (outcome === 'timeout') model.timedOut()
    else model.failed()
    this.#record(request, outcome)
  }

  #trip(request: GuardedRequest): void {
    const model = this.#modelOf(request)
    if (!model.tripped() && !this.#warned) {
      this.#warned = true
      this.#log.warn(
        `Cannot follow breaker "${this.#recorder.name}": threshold must be what the plugin was registered with, got ` +
          `${this.#plugin.threshold ?? DEFAULT_THRESHOLD}. Pass the plugin's options as "plugin".`,
      )
    }
    this.#record(request, 'failure')
  }

  #record(request: GuardedRequest, outcome: BreakerOutcome): void {
    if (request[this.mark] !== undefined) return
    request[this.mark] = RECORDED
    this.#recorder.call(outcome, performance.now() + this.#offsetMs - request._cbTime)
  }

  /** A callback of the application, with what its call says noted. */
  #answering(callback: Answer, outcome: 'failure' | 'timeout'): Answer {
    const note = (request: GuardedRequest): void => {
      if (this.#stopped) return
      this.#recorder.fallback()
      if (request._cbIsOpen) return
      if (outcome === 'timeout') this.#end(request, outcome)
      else this.#trip(request)
      request[this.mark] = JUDGED
    }
    return function (this: unknown, request, reply) {
      note(request)
      return Reflect.apply(callback, this, [request, reply])
    }
  }

  #modelOf({ _cbRouteId: id }: GuardedRequest): GuardModel {
    let model = this.#models.get(id)
    if (model === undefined) {
      model = this.#newModel({})
      this.#models.set(id, model)
    }
    return model
  }

  #newModel(options: GuardOptions): GuardModel {
    const settings = {
      threshold: options.threshold || this.#plugin.threshold || DEFAULT_THRESHOLD,
      resetTimeout: options.resetTimeout || this.#plugin.resetTimeout || DEFAULT_RESET_TIMEOUT_MS,
    }
    return new GuardModel(settings, (from, to) => this.#recorder.transition(from, to))
  }
}
