import { hasMethods } from '../../has-methods'
import { type Method, overrideMethod } from '../../override-method'
import type { BusAdapter } from '../bus-adapter'
import type { BusRecorder } from '../bus-recorder'
import type { EventMeasure } from '../emitter/event-listeners'
import { type Emitter, MeasuredEmit } from '../emitter/measured-emit'
import type { TopicSeries } from '../topic-series'

/** An emitter of Node.js or eventemitter3. */
export type EmitterBus = Emitter & { emit: Method }

/** An event of an in-process bus: emitting it is publishing it. */
class PublishedEvent implements EventMeasure {
  constructor(private readonly topic: TopicSeries) {}

  emitted(): TopicSeries {
    this.topic.countPublished()
    return this.topic
  }
}

/** One whose topic depends on the message: what is emitted first after the event's name. */
class NamedEvent implements EventMeasure {
  constructor(
    private readonly event: string | symbol,
    private readonly recorder: BusRecorder,
  ) {}

  emitted(_event: unknown, message: unknown): TopicSeries | undefined {
    const topic = this.recorder.topic(this.event, message)
    topic?.countPublished()
    return topic
  }
}

/** What is measured of each event of an in-process bus. */
export function publishedEvents(recorder: BusRecorder): (event: string | symbol) => EventMeasure | undefined {
  return (event) => {
    if (recorder.namesPerMessage) return new NamedEvent(event, recorder)
    const topic = recorder.topic(event)
    return topic === undefined ? undefined : new PublishedEvent(topic)
  }
}

/**
 * Overrides the emitter's own `emit` with one that measures, and returns what ends that. `emitAsync` is another method
 * that emits, and waits for what listeners return.
 */
export function measureEmit(
  emitter: EmitterBus & { emitAsync?: Method },
  recorder: BusRecorder,
  measureOf: (event: string | symbol) => EventMeasure | undefined,
  method: 'emit' | 'emitAsync' = 'emit',
): () => void {
  const original = emitter[method] ?? emitter.emit
  const measured = new MeasuredEmit(emitter, original, measureOf, recorder)
  const override = overrideMethod(emitter, method, measured.emit, `bus "${recorder.name}"`)
  return () => {
    measured.stop()
    override.restore()
  }
}

/** Node.js's `EventEmitter`, classes derived from it, and eventemitter3. */
export const emitterAdapter: BusAdapter<EmitterBus> = {
  library: 'EventEmitter of Node.js or eventemitter3',
  system: 'nodejs',

  recognises(bus: object): boolean {
    return '_events' in bus && hasMethods(bus, 'emit', 'on')
  },

  watch(bus, recorder) {
    return { stop: measureEmit(bus, recorder, publishedEvents(recorder)) }
  },
}
