import type { Attributes } from '@opentelemetry/api'
import type { IAttributesProcessor } from '@opentelemetry/sdk-metrics'
import { detached } from '../model/detached'
import type { LabelsInput } from '../model/labels'
import type { LabelPolicy } from './label-policy'
import { isTooLong, type StoredLabel } from './label-values'
import { measurementContext } from './measurement-context'
import type { SeriesHandle } from './series-handles'
import { type SeriesRef, SeriesTable } from './series-table'
import type { TableOptions } from './table-options'

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
    const processed = this.#accepted(labels)
    return processed === undefined ? -1 : super.locate(processed)
  }

  override bind<H extends SeriesHandle>(labels: LabelsInput | undefined, create: () => H): H {
    const processed = this.#process(labels)
    return typeof processed === 'string' ? create() : super.bind(processed, create)
  }

  override reattach(handle: SeriesHandle, labels: LabelsInput | undefined): number {
    const processed = this.#accepted(labels)
    return processed === undefined ? -1 : super.reattach(handle, processed)
  }

  override refusal(labels: LabelsInput): string | undefined {
    const processed = this.#process(labels)
    return typeof processed === 'string' ? processed : super.refusal(processed)
  }

  override place(labels: LabelsInput | undefined): SeriesRef {
    const processed = labels && this.#process(labels)
    return super.place(typeof processed === 'string' ? undefined : processed)
  }

  /** Removes nothing where the view changed the labels: other label sets are counted in that series too. */
  override remove(labels: LabelsInput): boolean {
    const processed = this.#process(labels)
    if (typeof processed === 'string') return false
    const given = this.#incoming.namesOf(labels ?? {})
    const isWhole =
      Object.keys(processed).length === given.length && given.every((name) => Object.hasOwn(processed, name))
    return isWhole && super.remove(processed)
  }

  /** The labels to store a measurement under; `undefined` if they were rejected, which is counted. */
  #accepted(labels: LabelsInput | undefined): LabelsInput | undefined {
    const processed = this.#process(labels)
    if (typeof processed !== 'string') return processed
    this.#reject(processed)
    return undefined
  }

  /** What the processors take away; not what they change. An empty label is as good as none. */
  protected override dropped(labels: LabelsInput | undefined): ReadonlyMap<string, StoredLabel> {
    const given = this.#checked(labels)
    const kept = this.#process(labels)
    if (typeof given === 'string' || typeof kept === 'string') return new Map()
    const entries = Object.entries(given) as [name: string, value: StoredLabel][]
    const gone = entries.filter(([name, value]) => value !== '' && !isTooLong(value) && !Object.hasOwn(kept, name))
    return new Map(gone.map(([name, value]) => [name, typeof value === 'string' ? detached(value) : value]))
  }

  /** The labels as the processors leave them, or why they are rejected. */
  #process(labels: LabelsInput | undefined): LabelsInput | string {
    const checked = this.#checked(labels)
    if (typeof checked === 'string') return checked
    try {
      let attributes = checked
      const context = measurementContext()
      for (const processor of this.#processors) attributes = processor.process(attributes, context)
      return typeof attributes === 'object' ? attributes : 'invalid_labels'
    } catch {
      // A processor threw.
      return 'invalid_labels'
    }
  }

  /** The labels as the instrument declares them, or why they are rejected. */
  #checked(labels: LabelsInput | undefined): Attributes | string {
    try {
      if (labels !== undefined && typeof labels !== 'object') return 'invalid_labels'
      const given = this.#incoming.namesOf(labels ?? {})
      const placement = this.#incoming.place(given)
      if (typeof placement === 'string') return placement
      const entries: [name: string, value: StoredLabel][] = []
      for (const [index, name] of placement.names.entries()) {
        const place = placement.source[index] as number
        const value = this.#incoming.normalise(place < 0 ? undefined : labels?.[given[place] as string])
        if (value === undefined) return 'invalid_label_value'
        entries.push([name, value])
      }
      // Unlike an assignment, this makes an attribute of "__proto__" too.
      return Object.fromEntries(entries) as Attributes
    } catch {
      // A getter or a proxy among the labels threw.
      return 'invalid_labels'
    }
  }
}
