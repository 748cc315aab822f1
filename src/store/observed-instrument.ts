import type { LabelsInput } from '../model/labels'
import { type MeasurementEvents, measurementEvents } from './measurement-events'
import { ObservedStream } from './observed'
import type { Sink, Stream } from './stream'

/** An observable instrument as the store sees it: the streams that its observations go to. */
export class ObservedInstrument {
  #targets: readonly (ObservedStream | Sink)[] = []
  #events: MeasurementEvents = measurementEvents({ rejected() {}, overflowed() {} })

  constructor(readonly name: string) {}

  get streams(): readonly Stream[] {
    return this.#targets.flatMap((target) => (target instanceof ObservedStream ? [target] : target.streams))
  }

  /** Has observations go to these from now on; `events` are those that they were made with. */
  retarget(targets: readonly (ObservedStream | Sink)[], events: MeasurementEvents): void {
    this.#targets = targets
    this.#events = events
  }

  begin(): void {
    for (const target of this.#targets) if (target instanceof ObservedStream) target.begin()
  }

  observe(value: number, labels: LabelsInput | undefined): void {
    this.#events.begin()
    for (const target of this.#targets) {
      if (target instanceof ObservedStream) target.observe(value, labels)
      else target.record(value, labels)
    }
  }

  end(): void {
    for (const target of this.#targets) if (target instanceof ObservedStream) target.end()
  }
}
