import { DefinitionError } from '../../model/errors'
import { overrideMethod } from '../override-method'
import { watchProperty } from '../watch-property'
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
  executePromise(...args: never[]): PromiseLike<Judgement>
  _promiseBreaker(...args: never[]): unknown
  dispose(): unknown
}

const STATES: Readonly<Record<string, BreakerState>> = { closed: 'closed', opened: 'open', 'half-opened': 'half_open' }
const METHODS = ['execute', 'executePromise', '_promiseBreaker', 'dispose'] as const

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
 * Records the life of a breaker. Its state is watched where it is written: `state-changed` comes late, and tells of the
 * state that it has then. Each call that is let through goes through `executePromise`, and `_promiseBreaker` without it
 * is a rejection.
 */
function watch(breaker: MollitiaBreaker, recorder: BreakerRecorder): () => void {
  const what = `breaker "${recorder.name}"`
  let admitted = 0
  const { executePromise, _promiseBreaker: promiseBreaker, dispose } = breaker
  const settle = (startMs: number) => (judgement: Judgement) => {
    const { requestResult, response } = judgement
    if (requestResult === 1 && isBulkheadError(response)) recorder.rejection('semaphore')
    else recorder.call(outcomeOf(judgement), performance.now() - startMs)
  }
  const overrides = [
    overrideMethod(
      breaker,
      'executePromise',
      function (this: unknown, ...args) {
        admitted++
        const startMs = performance.now()
        try {
          const judged = Reflect.apply(executePromise, this, args)
          // It never rejects, and mollitia waits for it itself.
          judged.then(settle(startMs))
          return judged
        } catch (error) {
          // Thrown before there was a promise: mollitia hands it on without counting the call.
          recorder.call('ignored', performance.now() - startMs)
          throw error
        }
      },
      what,
    ),
    overrideMethod(
      breaker,
      '_promiseBreaker',
      function (this: unknown, ...args) {
        const before = admitted
        const promise = Reflect.apply(promiseBreaker, this, args)
        if (admitted === before) recorder.rejection('open')
        return promise
      },
      what,
    ),
    overrideMethod(
      breaker,
      'dispose',
      function (this: unknown, ...args) {
        recorder.end()
        return Reflect.apply(dispose, this, args)
      },
      what,
    ),
  ]
  // It is written with every call, mostly with what it was.
  const onWrite = (state: unknown, before: unknown): void => {
    if (state !== before) recorder.transition(stateOf(before), stateOf(state))
  }
  const unwatch = watchProperty(breaker, 'state', { onWrite }, what)
  return () => {
    for (const override of overrides) override.restore()
    unwatch()
  }
}

function outcomeOf({ requestResult, response, shouldReportFailure }: Judgement): BreakerOutcome {
  if (requestResult === 0) return 'success'
  if (requestResult === 2 || isTimeoutError(response)) return 'timeout'
  return shouldReportFailure ? 'failure' : 'ignored'
}
