import type { Attributes, Context, Counter, Gauge, Histogram, UpDownCounter } from '@opentelemetry/api'
import { type Definition, isNonNegative } from '../model/definition'
import type { ExemplarSampler } from '../store/exemplar-sampler'
import { withMeasurementContext } from '../store/measurement-context'
import type { RecordingSink } from '../store/succession'
import { wholeNumber } from './whole-number'

/** What `Counter`, `UpDownCounter`, `Gauge` and `Histogram` of the API have in common: a value goes to a sink. */
abstract class SynchronousInstrument {
  readonly integer: boolean
  readonly nonNegative: boolean

  constructor(
    public sink: RecordingSink,
    readonly sampler: ExemplarSampler,
    definition: Definition,
  ) {
    this.integer = definition.integer
    this.nonNegative = isNonNegative(definition)
    sink.follow((next) => {
      this.sink = next
    })
  }

  protected put(value: number, attributes: Attributes | undefined, context: Context | undefined): void {
    const taken = this.integer ? wholeNumber(value, this.nonNegative) : value
    if (context === undefined) this.sink.record(taken, attributes)
    else {
      this.sampler.notice(context)
      withMeasurementContext(context, () => this.sink.record(taken, attributes))
    }
  }
}

/** `Counter` and `UpDownCounter` of the API: what they may add is the sink's to say. */
export class AddingInstrument extends SynchronousInstrument implements Counter, UpDownCounter {
  add(value: number, attributes?: Attributes, context?: Context): void {
    this.put(value, attributes, context)
  }
}

/** `Gauge` and `Histogram` of the API. */
export class RecordingInstrument extends SynchronousInstrument implements Gauge, Histogram {
  record(value: number, attributes?: Attributes, context?: Context): void {
    this.put(value, attributes, context)
  }
}
