import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import fc from 'fast-check'
import { createMetrics } from '../../../src/init'
import { instrumentBus } from '../../../src/instrument/bus/instrument-bus'
import { samplesOf } from '../../support/page'

const THIRD = Symbol('third')
const EVENTS = ['first', 'second', 'error', THIRD] as const
const LISTENERS = 6

type Event = (typeof EVENTS)[number]
type AddMethod = 'on' | 'addListener' | 'once' | 'prependListener' | 'prependOnceListener'

/** What a listener does when it is called, besides noting that it was. */
type Behaviour =
  | { readonly do: 'nothing' | 'throw' | 'return' }
  | { readonly do: 'emit'; readonly event: Event }
  | { readonly do: 'add' | 'remove'; readonly event: Event; readonly listener: number; readonly method: AddMethod }
  | { readonly do: 'removeAll'; readonly event: Event }

type Step =
  | { readonly step: 'add' | 'remove'; readonly method: AddMethod; readonly event: Event; readonly listener: number }
  | { readonly step: 'emit'; readonly event: Event; readonly args: readonly number[] }
  | { readonly step: 'removeAll'; readonly event: Event | undefined }
  | { readonly step: 'watchMeta' | 'monitorErrors' }

const eventOf = fc.constantFrom(...EVENTS)
const listenerOf = fc.nat(LISTENERS - 1)
const methodOf = fc.constantFrom<AddMethod>('on', 'addListener', 'once', 'prependListener', 'prependOnceListener')
const behaviourOf: fc.Arbitrary<Behaviour> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('nothing' as const, 'throw' as const, 'return' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('emit' as const), event: eventOf }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('add' as const, 'remove' as const),
      event: eventOf,
      listener: listenerOf,
      method: methodOf,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('removeAll' as const), event: eventOf }) },
)
const stepOf: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      step: fc.constantFrom('add' as const, 'add' as const, 'remove' as const),
      method: methodOf,
      event: eventOf,
      listener: listenerOf,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      step: fc.constant('emit' as const),
      event: eventOf,
      args: fc.array(fc.nat(9), { maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      step: fc.constant('removeAll' as const),
      event: fc.option(eventOf, { nil: undefined }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      step: fc.constantFrom('watchMeta' as const, 'monitorErrors' as const),
    }),
  },
)

/** A subclass that does what subclasses do in `emit`: it looks, it changes listeners, it emits more, then it passes on. */
class CuriousEmitter extends EventEmitter {
  readonly seen: unknown[] = []

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    this.seen.push(event, this.listenerCount(event), super.emit('*', event), ...this.listeners(event))
    if (event === 'second' && args.length === 2) this.on('second', latecomer)
    if (event === 'second' && args.length === 3) this.off('second', latecomer)
    if (event === THIRD && args.length === 1) this.emit('second')
    return super.emit(event, ...args)
  }
}

function latecomer(): void {}

/** One emitter, the listeners of one run, and everything an application could observe of them. */
class Run {
  readonly log: unknown[] = []
  readonly #listeners: ((...args: unknown[]) => unknown)[]
  #depth = 0

  constructor(
    readonly emitter: EventEmitter,
    behaviours: readonly Behaviour[],
  ) {
    const run = this
    this.#listeners = behaviours.map((behaviour, index) => {
      return function (this: unknown, ...args: unknown[]) {
        run.log.push(['called', index, this === run.emitter, args, run.observe()])
        return run.#behave(behaviour, index)
      }
    })
  }

  take(step: Step): void {
    const { emitter } = this
    if (step.step === 'add') emitter[step.method](step.event, this.#listener(step.listener))
    else if (step.step === 'remove') emitter.off(step.event, this.#listener(step.listener))
    else if (step.step === 'emit') this.#attempt(() => this.#emit(step.event, step.args))
    else if (step.step === 'removeAll') {
      if (step.event === undefined) emitter.removeAllListeners()
      else emitter.removeAllListeners(step.event)
    } else if (step.step === 'monitorErrors') {
      emitter.on(EventEmitter.errorMonitor, (error) => this.log.push(['monitor', error, this.observe()]))
    } else if (step.step === 'watchMeta') {
      for (const event of ['newListener', 'removeListener']) {
        emitter.on(event, (name, listener) => this.log.push([event, name, this.#nameOf(listener), this.observe()]))
      }
    }
    this.log.push(this.observe())
  }

  /** What an application sees when it asks the emitter. */
  observe(): unknown {
    const { emitter } = this
    const byEvent = EVENTS.map((event) => [
      emitter.listenerCount(event),
      this.nameAll(emitter.listeners(event)),
      this.nameAll(emitter.rawListeners(event)),
      this.#listeners.map((listener) => emitter.listenerCount(event, listener)),
    ])
    return [...byEvent, emitter.eventNames()]
  }

  nameAll(values: readonly unknown[]): unknown[] {
    return values.map((value) => (typeof value === 'function' ? this.#nameOf(value) : value))
  }

  #behave(behaviour: Behaviour, index: number): unknown {
    if (behaviour.do === 'throw') throw new RangeError(`listener ${index}`)
    if (behaviour.do === 'return') return index
    if (behaviour.do === 'emit' && this.#depth < 3) this.#emit(behaviour.event, [index])
    if (behaviour.do === 'add' && this.log.length < 200) {
      this.emitter[behaviour.method](behaviour.event, this.#listener(behaviour.listener))
    }
    if (behaviour.do === 'remove') this.emitter.off(behaviour.event, this.#listener(behaviour.listener))
    if (behaviour.do === 'removeAll') this.emitter.removeAllListeners(behaviour.event)
    return undefined
  }

  #emit(event: Event, args: readonly number[]): void {
    this.#depth++
    try {
      this.log.push(['returned', this.emitter.emit(event, ...args)])
    } finally {
      this.#depth--
    }
  }

  #attempt(action: () => void): void {
    try {
      action()
    } catch (error) {
      this.log.push(['threw', String(error)])
    }
  }

  #listener(index: number): (...args: unknown[]) => unknown {
    const listener = this.#listeners[index]
    if (listener === undefined) throw new Error(`no listener ${index}`)
    return listener
  }

  /** A listener's number; for the wrapper that `once` makes, the number of what it wraps. */
  #nameOf(listener: unknown): string {
    const index = this.#listeners.indexOf(listener as (...args: unknown[]) => unknown)
    if (index >= 0) return `${index}`
    if (typeof listener === 'function' && 'listener' in listener) return `once ${this.#nameOf(listener.listener)}`
    return listener === latecomer ? 'latecomer' : 'other'
  }
}

describe('an instrumented emitter behaves as a plain one', () => {
  let metrics: ReturnType<typeof createMetrics>
  beforeEach(() => {
    metrics = createMetrics({ serviceName: 'test', exporters: [], http: false, runtime: false })
  })
  afterEach(() => metrics.shutdown())

  const kinds: readonly [string, () => EventEmitter][] = [
    ['EventEmitter', () => new EventEmitter()],
    ['EventEmitter that captures rejections', () => new EventEmitter({ captureRejections: true })],
    ['a subclass with an emit of its own', () => new CuriousEmitter()],
  ]
  for (const [kind, create] of kinds) {
    it(`${kind}, whatever is done with it`, () => {
      const property = fc.property(
        fc.array(behaviourOf, { minLength: LISTENERS, maxLength: LISTENERS }),
        fc.array(stepOf, { maxLength: 10 }),
        fc.array(stepOf, { maxLength: 40 }),
        fc.array(stepOf, { maxLength: 10 }),
        (behaviours, before, during, after) => {
          const plain = new Run(create().setMaxListeners(0), behaviours)
          const measured = new Run(create().setMaxListeners(0), behaviours)
          const keys = Reflect.ownKeys(measured.emitter)
          const takeBoth = (steps: readonly Step[]) => {
            for (const step of steps) {
              plain.take(step)
              measured.take(step)
            }
          }
          takeBoth(before)
          const handle = instrumentBus(metrics, measured.emitter, { name: 'bus' })
          takeBoth(during)
          handle.stop()
          takeBoth(after)
          expect(measured.log).to.deep.equal(plain.log)
          if (plain.emitter instanceof CuriousEmitter && measured.emitter instanceof CuriousEmitter) {
            expect(measured.nameAll(measured.emitter.seen)).to.deep.equal(plain.nameAll(plain.emitter.seen))
          }
          expect(Reflect.ownKeys(measured.emitter)).to.deep.equal(keys)
        },
      )
      fc.assert(property, { numRuns: 1000 })
    })
  }

  it('and every emit and every call of a listener is counted', async () => {
    const bus = new EventEmitter().setMaxListeners(0)
    const steps = fc.sample(fc.array(stepOf, { minLength: 200, maxLength: 200 }), { numRuns: 10, seed: 7 }).flat()
    const behaviours = fc
      .sample(behaviourOf, { numRuns: LISTENERS, seed: 7 })
      .map((behaviour) => (behaviour.do === 'add' ? { ...behaviour, method: 'on' as const } : behaviour))
    const run = new Run(bus, behaviours)
    instrumentBus(metrics, bus, { name: 'bus' })
    let emits = 0
    const { emit } = bus
    bus.emit = function (this: EventEmitter, event: string | symbol, ...args: unknown[]) {
      if ((EVENTS as readonly unknown[]).includes(event)) emits++
      return emit.call(this, event, ...args)
    }
    // The wrapper that `once` makes can be called twice when emits nest, and calls its listener once.
    for (const step of steps) run.take(step.step === 'add' ? { ...step, method: 'on' } : step)

    const samples = [...samplesOf((await metrics.render()).body)]
    const sum = (name: string) =>
      samples.reduce((total, [series, value]) => total + (series.startsWith(`${name}{`) ? value : 0), 0)
    const called = run.log.filter((entry) => Array.isArray(entry) && entry[0] === 'called').length
    expect(called).to.be.greaterThan(100)
    expect(sum('message_bus_events_published_total')).to.equal(emits)
    expect(sum('message_bus_events_consumed_total') + sum('message_bus_events_failed_total')).to.equal(called)
    expect(sum('message_bus_processing_duration_seconds_count')).to.equal(called)
  })
})
