import { type LimitedEmitter, makeListenerRoom } from '../listener-room'
import { overrideMethod } from '../override-method'
import { watchProperty } from '../watch-property'
import { type BrakesCircuit, watchCircuit } from './brakes-circuit'
import type { BreakerState } from './breaker-state'
import type { BreakerKind, BreakerPart, PartRecorder, Subject } from './subject'

type Handler = (...args: never[]) => void

/** The part of a `Brakes` that is used here. */
interface Brakes extends LimitedEmitter {
  readonly _mainCircuit?: BrakesCircuit
  isOpen(): boolean
  destroy(): unknown
  subCircuit(...args: never[]): BrakesCircuit
  prependListener(event: string, handler: Handler): unknown
  removeListener(event: string, handler: Handler): unknown
}

const METHODS = ['exec', 'isOpen', 'destroy', 'subCircuit', 'prependListener', 'removeListener'] as const

/** A `Brakes`, or a circuit that its `subCircuit` made. */
export function brakesSubject(breaker: object): Subject | undefined {
  if (isBrakes(breaker)) {
    const main = breaker._mainCircuit
    return { breaker, kind: brakes, parts: main === undefined ? [] : [circuitPart(main)] }
  }
  const owner: unknown = Reflect.get(breaker, '_brakes')
  if (typeof owner !== 'object' || owner === null || !isBrakes(owner)) return undefined
  const { kind, parts } = brakesSubject(owner) as Subject
  return { breaker: owner, kind, parts: [...parts, circuitPart(breaker as BrakesCircuit)] }
}

function isBrakes(breaker: object): breaker is Brakes {
  return METHODS.every((key) => typeof Reflect.get(breaker, key) === 'function')
}

/** Made for a call each, maybe: they are held no longer than the application holds them. */
function circuitPart(circuit: BrakesCircuit): BreakerPart {
  return { target: circuit, watch: (recorder) => watchCircuit(circuit, recorder) }
}

const brakes: BreakerKind<Brakes> = {
  /** It has no half-open state: when the break is over, all calls pass. */
  state: (breaker) => (breaker.isOpen() ? 'open' : 'closed'),
  watch,
}

/**
 * Records the life of a breaker from its events. For a rejection it emits nothing, but it decides on one just after
 * `exec`. Errors that `isFailure` passes and fallbacks are seen at its circuits.
 */
function watch(breaker: Brakes, recorder: PartRecorder): () => void {
  const what = `breaker "${recorder.name}"`
  let last: BreakerState = breaker.isOpen() ? 'open' : 'closed'
  const enter = (state: BreakerState) => () => {
    recorder.transition(last, state)
    last = state
  }
  const handlers: Readonly<Record<string, Handler>> = {
    exec: () => {
      if (breaker.isOpen()) recorder.rejection('open')
    },
    success: (durationMs: number) => recorder.call('success', durationMs),
    failure: (durationMs: number) => recorder.call('failure', durationMs),
    timeout: (durationMs: number) => recorder.call('timeout', durationMs),
    circuitOpen: enter('open'),
    circuitClosed: enter('closed'),
  }

  const { destroy, subCircuit } = breaker
  const overrides = [
    overrideMethod(
      breaker,
      'destroy',
      function (this: unknown, ...args) {
        recorder.end()
        return Reflect.apply(destroy, this, args)
      },
      what,
    ),
    overrideMethod(
      breaker,
      'subCircuit',
      function (this: unknown, ...args) {
        const circuit = Reflect.apply(subCircuit, this, args)
        recorder.join([circuitPart(circuit)])
        return circuit
      },
      what,
    ),
  ]
  // Circuits without a fallback of their own use this one.
  const unwatch = watchProperty(breaker, '_fallback', { onCall: () => recorder.fallback() }, what)
  const takeRoom = makeListenerRoom(breaker)
  for (const [event, handler] of Object.entries(handlers)) breaker.prependListener(event, handler)
  return () => {
    for (const override of overrides) override.restore()
    for (const [event, handler] of Object.entries(handlers)) breaker.removeListener(event, handler)
    unwatch()
    takeRoom()
  }
}
