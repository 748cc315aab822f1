import { expect } from 'chai'
import fc from 'fast-check'
import type { BusAdapter } from '../../../src/instrument/bus/bus-adapter'
import type { BusRecorder } from '../../../src/instrument/bus/bus-recorder'
import type { InstrumentedBus } from '../../../src/instrument/bus/bus-registry'
import { stopBuses } from '../../../src/instrument/bus/instrument-bus'
import { BusHarness } from './bus-harness'

const NAMES = ['a', 'b'] as const
const TOPICS = ['x', 'y'] as const

type Step =
  | { readonly do: 'instrument'; readonly bus: number; readonly name: string }
  | { readonly do: 'stop'; readonly bus: number }
  | { readonly do: 'publish'; readonly bus: number; readonly topic: string; readonly fails: boolean }
  | {
      readonly do: 'deliver'
      readonly bus: number
      readonly topic: string
      readonly events: number
      readonly acknowledged: boolean
    }
  | { readonly do: 'settle'; readonly delivery: number; readonly how: 'handled' | 'acknowledge' | 'fail' | 'drop' }
  | { readonly do: 'stopAll' }

const busOf = fc.nat(2)
const topicOf = fc.constantFrom(...TOPICS)
const how = fc.constantFrom(
  'handled' as const,
  'handled' as const,
  'acknowledge' as const,
  'fail' as const,
  'drop' as const,
)
const stepOf: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('instrument' as const), bus: busOf, name: fc.constantFrom(...NAMES) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('stop' as const), bus: busOf }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('publish' as const), bus: busOf, topic: topicOf, fails: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      bus: busOf,
      topic: topicOf,
      events: fc.integer({ min: 1, max: 3 }),
      acknowledged: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('settle' as const), delivery: fc.nat(9), how }) },
  { weight: 1, arbitrary: fc.constant({ do: 'stopAll' as const }) },
)

/** A bus with nothing in it: what happens on it is what a step tells its recorder. */
class Bus {
  recorder: BusRecorder | undefined
  handle: InstrumentedBus | undefined
}

const adapter: BusAdapter<Bus> = {
  library: 'model',
  system: 'model',
  recognises: (bus) => bus instanceof Bus,
  watch(bus, recorder) {
    bus.recorder = recorder
    return { stop() {} }
  },
}

/** What is to be on the page: by the bus's name, and there by series. */
type Page = Map<string, Map<string, number>>

/** One measurement of one bus, from its start to its end. */
interface Measurement {
  readonly name: string
  running: boolean
}

interface Open {
  readonly measurement: Measurement
  readonly topic: string
  readonly events: number
  readonly delivery: ReturnType<BusRecorder['deliver']>
  waitsFor: Set<string>
}

class Model {
  readonly page: Page = new Map()
  readonly #measurements: (Measurement | undefined)[] = [undefined, undefined, undefined]
  readonly #last: (Measurement | undefined)[] = [undefined, undefined, undefined]
  readonly #open: Open[] = []

  constructor(
    readonly harness: BusHarness,
    readonly buses: readonly Bus[],
  ) {}

  take(step: Step): void {
    if (step.do === 'settle') this.#settle(step.delivery, step.how)
    else if (step.do === 'stopAll') {
      stopBuses(this.harness.metrics)
      for (const bus of this.buses.keys()) this.#ended(bus)
    } else if (step.do === 'instrument') this.#instrument(step.bus, step.name)
    else if (step.do === 'stop') {
      this.buses[step.bus]?.handle?.stop()
      this.#ended(step.bus)
    } else this.#happen(step)
  }

  #instrument(at: number, name: string): void {
    const bus = this.buses[at] as Bus
    const known = this.#measurements[at]
    const instrument = () => this.harness.instrument(bus, { name, adapter })
    if (known === undefined) {
      bus.handle = instrument()
      this.#measurements[at] = this.#last[at] = { name, running: true }
      if (!this.page.has(name)) this.page.set(name, new Map())
    } else if (known.name === name) expect(instrument()).to.equal(bus.handle)
    else expect(instrument).to.throw('must not be instrumented yet')
  }

  /** The last measurement of a name takes the series away; before that, what was under way is no longer. */
  #ended(at: number): void {
    const measurement = this.#measurements[at]
    if (measurement === undefined) return
    for (const { measurement: own, topic, events, waitsFor } of this.#open) {
      if (own === measurement && waitsFor.size > 0) this.#add(own, 'events_in_flight', topic, -events)
    }
    measurement.running = false
    this.#measurements[at] = undefined
    if (!this.#measurements.some((other) => other?.name === measurement.name)) this.page.delete(measurement.name)
  }

  /** On a bus that is measured, was measured (late: its recorder is still there) or never was. */
  #happen(step: Extract<Step, { do: 'publish' | 'deliver' }>): void {
    const { recorder } = this.buses[step.bus] as Bus
    const measurement = this.#last[step.bus]
    if (recorder === undefined || measurement === undefined) return
    const topic = recorder.topic(step.topic)
    if (topic === undefined) {
      expect(measurement.running, 'left out').to.equal(false)
      return
    }
    this.#add(measurement, 'events_published_total', step.topic, 0)
    this.#add(measurement, 'events_consumed_total', step.topic, 0)
    if (step.do === 'deliver') {
      const delivery = recorder.deliver(topic, step.events, step.acknowledged)
      const waitsFor = new Set(step.acknowledged ? ['handled', 'acknowledge'] : ['handled'])
      this.#open.push({ measurement, topic: step.topic, events: step.events, delivery, waitsFor })
      this.#add(measurement, 'events_in_flight', step.topic, step.events)
    } else if (step.fails) {
      const publish = () => recorder.publish(topic, fail, undefined, 1, new RangeError())
      expect(publish).to.throw(RangeError)
      this.#add(measurement, 'events_failed_total', step.topic, 1, 'reason="RangeError",')
    } else {
      recorder.publish(topic, () => {}, undefined, 1)
      this.#add(measurement, 'events_published_total', step.topic, 1)
    }
  }

  #settle(at: number, how: 'handled' | 'acknowledge' | 'fail' | 'drop'): void {
    const open = this.#open[at % Math.max(1, this.#open.length)]
    if (open === undefined) return
    const { measurement, topic, events, delivery, waitsFor } = open
    if (how === 'fail') delivery.fail(new TypeError())
    else if (how === 'drop') delivery.reject('dropped', true)
    else delivery[how]()
    if (waitsFor.size === 0) return
    if (how === 'handled' || how === 'acknowledge') {
      waitsFor.delete(how)
      if (waitsFor.size > 0) return
      this.#add(measurement, 'events_consumed_total', topic, events)
    } else {
      waitsFor.clear()
      const reason = how === 'fail' ? 'TypeError' : 'dropped'
      this.#add(measurement, 'events_failed_total', topic, events, `reason="${reason}",`)
      if (how === 'drop') this.#add(measurement, 'dead_letters_total', topic, events)
    }
    this.#add(measurement, 'events_in_flight', topic, -events)
    this.#add(measurement, 'processing_duration_seconds_count', topic, 1)
  }

  #add({ name, running }: Measurement, metric: string, topic: string, value: number, labels = ''): void {
    const series = running ? this.page.get(name) : undefined
    const key = `${metric}{bus="${name}",${labels}topic="${topic}"}`
    series?.set(key, (series.get(key) ?? 0) + value)
  }
}

function fail(error: Error): never {
  throw error
}

describe('the buses of a service, by a model of them', () => {
  it('count what happens on each while it is measured, whoever shares its name, and nothing before or after', async () => {
    const property = fc.asyncProperty(fc.array(stepOf, { minLength: 5, maxLength: 60 }), async (steps) => {
      const harness = new BusHarness()
      try {
        const buses = [new Bus(), new Bus(), new Bus()]
        const model = new Model(harness, buses)
        for (const step of steps) model.take(step)
        const counted = [...(await harness.samples())]
          .filter(([series]) => series.startsWith('message_bus_') && !/_(bucket|sum)\{/.test(series))
          .map(([series, value]) => [series.slice('message_bus_'.length), value])
        const expected = [...model.page.values()].flatMap((series) => [...series])
        expect(Object.fromEntries(counted)).to.deep.equal(Object.fromEntries(expected))
      } finally {
        await harness.close()
      }
    })
    await fc.assert(property, { numRuns: 300 })
  }).timeout(60_000)
})
