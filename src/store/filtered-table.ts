import type { IAttributesProcessor } from '@opentelemetry/sdk-metrics'
import { type Attributes, context } from '@opentelemetry/api'
import type { LabelsInput } from '../model/labels'
import type { LabelPolicy } from './label-policy'
import type { SeriesHandle } from './series-group'
import { SeriesTable, type TableOptions } from './series-table'

/**
 * The series of a stream whose view changes labels. Labels are checked as the instrument declares them, run through
 * the view's processors, and then stored: several of the instrument's label sets may meet in one series.
 */
export class FilteredTable extends SeriesTable {
  readonly #incoming: LabelPolicy
  readonly #processors: readonly IAttributesProcessor[]
  readonly #reject: (reason: string) => void

  constructor(options: TableOptions, incoming: LabelPolicy, processors: readonly IAttributesProcessor[]) {
    super(options)
    this.#incoming = incoming
    this.#processors = processors
    this.#reject = options.events.rejected
  }

  override locate(labels: LabelsInput | undefined): number {
    const processed = this.#process(labels)
    return processed === undefined ? -1 : super.locate(processed)
  }

  override bind<H extends SeriesHandle>(labels: LabelsInput | undefined, create: () => H): H {
    const processed = this.#process(labels)
    return processed === undefined ? create() : super.bind(processed, create)
  }

  override reattach(handle: SeriesHandle, labels: LabelsInput | undefined): number {
    const processed = this.#process(labels)
    return processed === undefined ? -1 : super.reattach(handle, processed)
  }

  override remove(labels: LabelsInput): boolean {
    const processed = this.#process(labels)
    return processed !== undefined && super.remove(processed)
  }

  #process(labels: LabelsInput | undefined): LabelsInput | undefined {
    try {
      const given = this.#incoming.namesOf(labels ?? {})
      const placement = this.#incoming.place(given)
      if (typeof placement === 'string') return this.#turnAway(placement)
      let attributes: Attributes = {}
      placement.names.forEach((name, index) => {
        const place = placement.source[index] as number
        const value = this.#incoming.normalise(place < 0 ? undefined : labels?.[given[place] as string])
        if (value === undefined) throw new TypeError('not a label value')
        attributes[name] = value as Attributes[string]
      })
      const active = context.active()
      for (const processor of this.#processors) attributes = processor.process(attributes, active)
      return attributes
    } catch {
      return this.#turnAway('invalid_labels')
    }
  }

  #turnAway(reason: string): undefined {
    this.#reject(reason)
  }
}
