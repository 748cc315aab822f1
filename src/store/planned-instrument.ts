import type { Definition } from '../model/definition'
import { FanOut } from './fan-out'
import { HistogramCountStream, HistogramStream } from './histogram'
import { identityOf, makeObserved, makeStream, type StreamHost } from './make-stream'
import { type MeasurementEvents, measurementEvents } from './measurement-events'
import type { ObservedStream } from './observed'
import { ObservedInstrument } from './observed-instrument'
import { Occurrences } from './occurrences'
import type { Sink, Stream } from './stream'
import type { RecordingSink } from './succession'
import { countPlan, type StreamPlan } from './views'

/** A stream, and what it was made by. */
export interface Part {
  readonly definition: Definition
  readonly plan: StreamPlan
  readonly stream: Stream
}

/** The plans of an instrument's definitions, in their order. */
export type Plans = readonly (readonly StreamPlan[])[]

/** What is needed of the registry to make the streams of an instrument. */
export type HostOf = (definition: Definition) => StreamHost

/** An instrument with its streams, which may be made anew when there are other views. */
export interface PlannedInstrument {
  readonly definitions: readonly Definition[]
  /** Makes streams, and returns what has them be recorded in. */
  make(plans: Plans): { readonly parts: readonly Part[]; install(): void }
  /** Whether streams must be made anew for other plans, even where each of them could go on. */
  mustChange?(plans: Plans): boolean
}

/** One that records. */
export class PlannedRecording implements PlannedInstrument {
  readonly definitions: readonly Definition[]
  sink: RecordingSink | undefined
  readonly #hostOf: HostOf

  constructor(definition: Definition, hostOf: HostOf) {
    this.definitions = [definition]
    this.#hostOf = hostOf
  }

  make([plans = []]: Plans) {
    const [definition] = this.definitions as [Definition]
    const sink = composed(definition, plans, this.#hostOf)
    return {
      parts: partsOf(definition, plans, sink.streams),
      install: () => {
        this.sink?.succeededBy(sink)
        this.sink = sink
      },
    }
  }
}

/**
 * A histogram whose counts are a counter too. They are read from the same cells, unless views give the two different series:
 * then each has its own, fed by the same recording.
 */
export class PlannedCounted implements PlannedInstrument {
  sink: RecordingSink | undefined
  readonly #hostOf: HostOf
  #isShared = true

  constructor(
    readonly definitions: readonly [histogram: Definition, counter: Definition],
    hostOf: HostOf,
  ) {
    this.#hostOf = hostOf
  }

  make([measured = [], counted = []]: Plans) {
    const [histogram, counter] = this.definitions
    const sink = composed(histogram, measured, this.#hostOf)
    const plan = countPlan(measured, counted)
    // A counter that once had series of its own counted what the histogram's cells do not tell.
    const isShared = this.#isShared && plan !== undefined && sink instanceof HistogramStream
    const own = isShared ? undefined : composed(counter, counted, this.#hostOf)
    const counts = own?.streams ?? [
      new HistogramCountStream(identityOf(counter, plan as StreamPlan), sink as HistogramStream),
    ]
    const all = own === undefined ? sink : new FanOut([sink, new Occurrences(own, Number.isFinite)])
    return {
      parts: [...partsOf(histogram, measured, sink.streams), ...partsOf(counter, counted, counts)],
      install: () => {
        this.sink?.succeededBy(all)
        this.sink = all
        this.#isShared = isShared
      },
    }
  }

  mustChange([measured = [], counted = []]: Plans): boolean {
    return this.#isShared && countPlan(measured, counted) === undefined
  }
}

/** One that is observed. */
export class PlannedObserved implements PlannedInstrument {
  readonly definitions: readonly Definition[]
  readonly instrument: ObservedInstrument
  readonly #hostOf: HostOf
  #createdMs: number | undefined

  constructor(definition: Definition, hostOf: HostOf) {
    this.definitions = [definition]
    this.#hostOf = hostOf
    this.instrument = new ObservedInstrument(definition.name)
  }

  make([plans = []]: Plans) {
    const [definition] = this.definitions as [Definition]
    const host = this.#hostOf(definition)
    const events: MeasurementEvents = measurementEvents(host.events)
    this.#createdMs ??= host.nowMs()
    const createdMs = this.#createdMs
    const targets: (ObservedStream | Sink)[] = plans.map((plan) =>
      makeObserved(definition, plan, { ...host, events }, createdMs),
    )
    const streams = targets.map((target) => ('streams' in target ? (target.streams[0] as Stream) : target))
    return {
      parts: partsOf(definition, plans, streams),
      install: () => this.instrument.retarget(targets, events),
    }
  }
}

/** The sink of an instrument: its one stream, or all that there are. */
function composed(definition: Definition, plans: readonly StreamPlan[], hostOf: HostOf): RecordingSink {
  const host = hostOf(definition)
  const events = measurementEvents(host.events)
  const sinks = plans.map((plan) => makeStream(definition, plan, plans.length === 1 ? host : { ...host, events }))
  const [only] = sinks
  return only !== undefined && sinks.length === 1 ? only : new FanOut(sinks, events)
}

function partsOf(definition: Definition, plans: readonly StreamPlan[], streams: readonly Stream[]): Part[] {
  return plans.map((plan, index) => ({ definition, plan, stream: streams[index] as Stream }))
}
