import type { LabelsInput } from '../model/labels'
import type { MeasurementEvents } from './measurement-events'
import { ObservedStream } from './observed'
import type { Sink, Stream } from './stream'

/** An observable instrument as the store sees it: the streams that its observations go to. */
export class ObservedInstrument {
  readonly streams: readonly Stream[]

  constructor(
    readonly name: string,
    private readonly targets: readonly (ObservedStream | Sink)[],
    private readonly events: MeasurementEvents,
  ) {
    this.streams = targets.flatMap((target) => (target instanceof ObservedStream ? [target] : target.streams))
  }

  begin(): void {
    for (const target of this.targets) if (target instanceof ObservedStream) target.begin()
  }

  observe(value: number, labels: LabelsInput | undefined): void {
    this.events.begin()
    for (const target of this.targets) {
      if (target instanceof ObservedStream) target.observe(value, labels)
      else target.record(value, labels)
    }
  }

  end(): void {
    for (const target of this.targets) if (target instanceof ObservedStream) target.end()
  }
}
