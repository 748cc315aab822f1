import { DefinitionError } from '../../model/errors'
import { Follower } from '../follower'
import { type Method, type Override, overrideMethod } from '../override-method'
import type { BreakerOutcome, BreakerRecorder } from './breaker-adapter'
import type { BreakerState } from './breaker-state'
import { isBulkheadError, isTimeoutError, moduleParts } from './mollitia-modules'
import type { BreakerKind, Subject } from './subject'

/** How mollitia judges a call that it let through. */
interface Judgement {
  /** 0 success, 1 failure, 2 too slow. */
  readonly requestResult: number
  /** What the call resolved or rejected with. */
  readonly response: unknown
  /** Whether `onError` takes the failure for one. */
  readonly shouldReportFailure: boolean
}

/** The part of mollitia's breaker modules that is used here. */
interface MollitiaBreaker {
  readonly state: string
  readonly active: boolean
  readonly stateTimestamp: number
  readonly openStateDelay: number
  open: Method
  halfOpen: Method
  close: Method
  executePromise: Method
  _promiseBreaker: Method
  dispose: Method
}

type Overridden = 'open' | 'halfOpen' | 'close' | 'executePromise' | '_promiseBreaker' | 'dispose'

const STATES: Readonly<Record<string, BreakerState>> = { closed: 'closed', opened: 'open', 'half-opened': 'half_open' }
const METHODS = ['execute', 'executePromise', '_promiseBreaker', 'open', 'halfOpen', 'close', 'dispose'] as const
/** What each method makes of the state, unless it is so already. */
const CHANGES = [
  ['open', 'open'],
  ['halfOpen', 'half_open'],
  ['close', 'closed'],
] as const

/** A `SlidingCountBreaker` or `SlidingTimeBreaker`, or a `Circuit` with one of them among its modules. */
export function mollitiaSubject(breaker: object, name: string): Subject | undefined {
  if (isBreaker(breaker)) return { breaker, kind: mollitia, parts: [] }
  const modules: unknown = Reflect.get(breaker, 'modules')
  if (!Array.isArray(modules) || !Array.isArray(Reflect.get(breaker, 'activeModules'))) return undefined
  const breakers = modules.filter(isBreaker)
  const [inner] = breakers
  if (inner === undefined || breakers.length > 1) {
    throw new DefinitionError(
      `Cannot instrument breaker "${name}": circuit must have one breaker among its modules, got ${breakers.length}. ` +
        `Instrument each SlidingCountBreaker or SlidingTimeBreaker under a name of its own.`,
    )
  }
  return { breaker: inner, kind: mollitia, parts: moduleParts(modules, modules.indexOf(inner)) }
}

function isBreaker(module: object): module is MollitiaBreaker {
  return (
    METHODS.every((key) => typeof Reflect.get(module, key) === 'function') &&
    typeof Reflect.get(module, 'state') === 'string' &&
    typeof Reflect.get(module, 'openStateDelay') === 'number'
  )
}

const mollitia: BreakerKind<MollitiaBreaker> = {
  /**
   * A module that is not active lets every call pass. One that was made open begins to wait with its first call, and
   * finds then that its time is over.
   */
  state: (breaker) => {
    if (!breaker.active) return 'closed'
    const state = stateOf(breaker.state)
    return state === 'open' && Date.now() - breaker.stateTimestamp >= breaker.openStateDelay ? 'half_open' : state
  },
  watch,
}

function stateOf(state: unknown): BreakerState {
  return STATES[String(state)] ?? 'closed'
}

/**
 * Records the life of a breaker at its methods: `state-changed` comes late, and tells of the state that it has then. Each
 * call that is let through goes through `executePromise`, and `_promiseBreaker` without it is a rejection.
 */
function watch(breaker: MollitiaBreaker, recorder: BreakerRecorder): () => void {
  let admitted = 0
  const idle: Admission[] = []
  let last = stateOf(breaker.state)
  const change = (from: BreakerState, to: BreakerState): void => {
    recorder.transition(from, to)
    last = stateOf(breaker.state)
  }
  const overrides: Override[] = []
  const override = (key: Overridden, stand: (method: Method) => Method): void => {
    overrides.push(overrideMethod(breaker, key, stand(breaker[key]), `breaker "${recorder.name}"`))
  }

  for (const [key, to] of CHANGES) {
    override(key, (method) => {
      return function (this: unknown, ...args) {
        const from = stateOf(breaker.state)
        const changed = Reflect.apply(method, this, args)
        change(from, to)
        return changed
      }
    })
  }
  override('executePromise', (method) => {
    return function (this: unknown, ...args) {
      admitted++
      const call = (idle.pop() ?? new Admission(idle, recorder)).begin()
      let judged: PromiseLike<Judgement>
      try {
        judged = Reflect.apply(method, this, args) as PromiseLike<Judgement>
      } catch (error) {
        // Thrown before there was a promise: mollitia hands it on without counting the call.
        call.rejected(error)
        throw error
      }
      // It never rejects, and mollitia waits for it itself.
      judged.then(call.fulfilled, call.rejected)
      return judged
    }
  })
  override('_promiseBreaker', (method) => {
    return function (this: unknown, ...args) {
      // The state may have come from a store that breakers share.
      const state = stateOf(breaker.state)
      if (state !== last) change(last, state)
      const before = admitted
      const promise = Reflect.apply(method, this, args)
      if (admitted === before) recorder.rejection('open')
      return promise
    }
  })
  override('dispose', (method) => {
    return function (this: unknown, ...args) {
      recorder.end()
      return Reflect.apply(method, this, args)
    }
  })
  return () => {
    for (const { restore } of overrides) restore()
  }
}

/** A call that was let through, until it is judged. */
class Admission extends Follower {
  readonly #recorder: BreakerRecorder
  #startMs = 0

  constructor(idle: Follower[], recorder: BreakerRecorder) {
    super(idle)
    this.#recorder = recorder
  }

  begin(): this {
    this.#startMs = performance.now()
    return this
  }

  protected succeed(judged: unknown): void {
    const judgement = judged as Judgement
    if (judgement.requestResult === 1 && isBulkheadError(judgement.response)) this.#recorder.rejection('semaphore')
    else this.#recorder.call(outcomeOf(judgement), performance.now() - this.#startMs)
  }

  protected fail(): void {
    this.#recorder.call('ignored', performance.now() - this.#startMs)
  }
}

function outcomeOf({ requestResult, response, shouldReportFailure }: Judgement): BreakerOutcome {
  if (requestResult === 0) return 'success'
  if (requestResult === 2 || isTimeoutError(response)) return 'timeout'
  return shouldReportFailure ? 'failure' : 'ignored'
}
