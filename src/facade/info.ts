import type { Labels, LabelsArgument, LabelsInput } from '../model/labels'
import { ownLabels } from '../store/own-labels'
import { refusalOf } from '../store/refusal'
import type { Reject } from '../store/stream'
import type { RecordingSink } from '../store/succession'

export interface InfoOptions<L extends string = never> {
  /** The Prometheus name, as any instrument's. It should end in `_info`. */
  readonly name: string
  /** One sentence for the reader of a dashboard. Default: none. */
  readonly help?: string | undefined
  /** What is shown at first. Default: nothing, unless there are no labels at all. */
  readonly labels?: Labels<L> | undefined
  /** The names of the labels. Default: those of `labels`. */
  readonly labelNames?: readonly L[] | undefined
}

/** Facts as labels of a metric that is always 1, such as the version of the service. Exposed as a gauge but in OpenMetrics. */
export class Info<in out L extends string = never> {
  #sink: RecordingSink
  readonly #reject: Reject

  constructor(sink: RecordingSink, reject: Reject) {
    this.#sink = sink
    sink.follow((next) => {
      this.#sink = next
    })
    this.#reject = reject
  }

  /**
   * Shows these labels in the place of all others. Never throws: what cannot be shown is counted as rejected, and nothing
   * changes.
   */
  set(...labels: LabelsArgument<L>): void
  set(labels?: LabelsInput): void {
    const own = this.#accepted(labels)
    if (own === undefined) return
    this.#sink.clear()
    this.#sink.record(1, own)
  }

  /** Shows these labels beside the others. Never throws: what cannot be shown is counted as rejected. */
  add(...labels: LabelsArgument<L>): void
  add(labels?: LabelsInput): void {
    const own = this.#accepted(labels)
    if (own !== undefined) this.#sink.record(1, own)
  }

  /** Shows these labels no longer. False if they were not shown. */
  remove(labels: Labels<L>): boolean {
    return this.#sink.remove(labels as LabelsInput)
  }

  /** Shows nothing any more. */
  clear(): void {
    this.#sink.clear()
  }

  /** A copy of labels that can be shown; `undefined` where they cannot, which is counted. */
  #accepted(labels: LabelsInput | undefined): LabelsInput | undefined {
    const own = ownLabels(labels)
    const refusal = refusalOf(this.#sink, own)
    if (refusal === undefined) return own
    this.#reject(refusal)
    return undefined
  }
}
