import { Instruments } from '../facade/instruments'
import type { InstrumentedBreaker } from './breaker/breaker-registry'
import { type InstrumentBreakerOptions, instrumentBreaker, stopBreakers } from './breaker/instrument-breaker'
import type { InstrumentBusOptions } from './bus/bus-options'
import type { InstrumentedBus } from './bus/bus-registry'
import { instrumentBus, stopBuses } from './bus/instrument-bus'
import {
  type BusFunction,
  type InstrumentFunctionOptions,
  instrumentHandler,
  instrumentPublish,
} from './bus/instrument-function'
import { measure } from './functions/measure'
import { measureJob } from './functions/measure-job'
import type { AnyFunction } from './functions/wrap'
import { type InstrumentAll, instrumentAll } from './instrument-all'

/** What instrumentation takes from the service's options unless its own say otherwise. */
export interface InstrumentingDefaults {
  readonly semconv?: boolean | undefined
}

/** A service's instruments, and the ways to have its buses, breakers and functions measured. */
export class Instrumenting extends Instruments {
  readonly #defaults: InstrumentingDefaults

  constructor(defaults: InstrumentingDefaults, ...instruments: ConstructorParameters<typeof Instruments>) {
    super(...instruments)
    this.#defaults = defaults
  }

  /**
   * Measures a message bus: what is published on it and how its handlers fare. It is an emitter or a client of a broker,
   * recognised by its shape; docs/BUSES.md has the libraries. Throws, saying what to do, for anything else.
   */
  instrumentBus(bus: object, options: InstrumentBusOptions): InstrumentedBus {
    return instrumentBus(this, bus, this.#completed(options))
  }

  /** A function that publishes as `publish` does and counts what it publishes: for buses that are not known. */
  instrumentPublish<F extends BusFunction>(publish: F, options: InstrumentFunctionOptions<F>): F {
    return instrumentPublish(this, publish, this.#completed(options))
  }

  /** A function that handles events as `handler` does, counts and times them: for buses that are not known. */
  instrumentHandler<F extends BusFunction>(handler: F, options: InstrumentFunctionOptions<F>): F {
    return instrumentHandler(this, handler, this.#completed(options))
  }

  /**
   * Measures several buses and breakers at once, each under its name in the map. One that cannot be measured makes it
   * throw, and none of them is then.
   */
  instrumentAll(things: InstrumentAll): { stop(): void } {
    return instrumentAll(this, things)
  }

  /**
   * Measures a circuit breaker: its state, calls, rejections, transitions and fallbacks. It is one of opossum, cockatiel,
   * mollitia, brakes or @fastify/circuit-breaker, or of any kind with an adapter. Throws where it is none of them.
   */
  instrumentBreaker<B extends object>(breaker: B, options: InstrumentBreakerOptions<B>): InstrumentedBreaker {
    return instrumentBreaker(this, breaker, options)
  }

  /**
   * A function that does what `fn` does, with the same `this`, result and errors, and counts its calls, errors and
   * durations under `name`. Works for methods, async functions and generators.
   */
  measure<F extends AnyFunction>(name: string, fn: F): F {
    return measure(this, name, fn)
  }

  /** As {@link measure}, for work that a scheduler calls: tells when the job last succeeded, too. */
  measureJob<F extends AnyFunction>(name: string, fn: F): F {
    return measureJob(this, name, fn)
  }

  /** What ends the measuring of buses, and of breakers. */
  protected get ends(): readonly (() => void)[] {
    return [() => stopBuses(this), () => stopBreakers(this)]
  }

  /** The options of a bus or a function; where they say nothing, also by `undefined`, the service's hold. */
  #completed<O extends InstrumentingDefaults>(options: O): O {
    return { ...options, semconv: options?.semconv ?? this.#defaults.semconv }
  }
}
