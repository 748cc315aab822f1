import type { InstrumentOptions } from '../model/definition'
import type { Labels, LabelsArgument, LabelsInput } from '../model/labels'
import { ownLabels } from '../store/own-labels'
import { refusalOf } from '../store/refusal'
import type { Cell, Reject } from '../store/stream'
import type { RecordingSink } from '../store/succession'

export interface StateSetOptions<S extends string, L extends string = never>
  extends Omit<InstrumentOptions<L>, 'unit'> {
  /** The names of the states: one or more, none of them empty. */
  readonly states: readonly S[]
}

/** The one state that holds, or for each of them whether it does. */
export type States<S extends string> = S | Readonly<Record<S, boolean>>

/** The states of one set of labels, resolved once. */
export interface BoundStateSet<S extends string> {
  /** Sets all states. Never throws: what is no state is counted as rejected, and nothing changes. */
  set(states: States<S>): void
}

/**
 * States that hold or do not: one of several (`closed`, `open`), or any of them. A series for each, 1 where it holds;
 * its name is the value of the label that is called as the metric. Exposed as a gauge but in OpenMetrics.
 */
export class StateSet<in out S extends string, in out L extends string = never> {
  #sink: RecordingSink
  readonly #name: string
  readonly #states: readonly string[]
  readonly #reject: Reject

  constructor(sink: RecordingSink, name: string, states: readonly string[], reject: Reject) {
    this.#sink = sink
    sink.follow((next) => {
      this.#sink = next
    })
    this.#name = name
    this.#states = states
    this.#reject = reject
  }

  /**
   * Sets all states of the series with these labels. Never throws: what is no state, or labels that cannot be, are counted
   * as rejected, and nothing changes.
   */
  set(states: States<S>, ...labels: LabelsArgument<L>): void
  set(states: States<S>, labels?: LabelsInput): void {
    const values = this.#valuesOf(states)
    if (values === undefined) return
    const own = ownLabels(labels)
    const refusal = this.#refusalOf(own)
    if (refusal !== undefined) this.#reject(refusal)
    else values.forEach((value, index) => void this.#sink.record(value, this.#labelsOf(own, index)))
  }

  /** The states with these labels, which exist from now on, none of them holding if they are new. */
  bind(...labels: LabelsArgument<L>): BoundStateSet<S>
  bind(labels?: LabelsInput): BoundStateSet<S> {
    const own = ownLabels(labels)
    const refusal = this.#refusalOf(own)
    const cells: readonly Cell[] = this.#states.map((_state, index) => this.#sink.bind(this.#labelsOf(own, index)))
    return {
      set: (states) => {
        const values = this.#valuesOf(states)
        if (values === undefined) return
        if (refusal !== undefined) this.#reject(refusal)
        else values.forEach((value, index) => void cells[index]?.set(value))
      },
    }
  }

  /** Drops the states with these labels. False if there are none. Bound ones come back when they are next set. */
  remove(labels: Labels<L>): boolean {
    const own = ownLabels(labels as LabelsInput)
    const removed = this.#states.map((_state, index) => this.#sink.remove(this.#labelsOf(own, index)))
    return removed.includes(true)
  }

  /** Drops every series. */
  clear(): void {
    this.#sink.clear()
  }

  /** Why no state can have these labels: all can, or none. */
  #refusalOf(labels: LabelsInput): string | undefined {
    return refusalOf(this.#sink, this.#labelsOf(labels, 0))
  }

  #labelsOf(labels: LabelsInput, index: number): LabelsInput {
    return ownLabels(labels, { [this.#name]: this.#states[index] })
  }

  /** 1 or 0 for each state; `undefined` where `given` is rejected. */
  #valuesOf(given: unknown): number[] | undefined {
    const values = typeof given === 'string' ? this.#only(given) : this.#each(given)
    if (values === undefined) this.#reject('invalid_state')
    return values
  }

  #only(state: string): number[] | undefined {
    return this.#states.includes(state) ? this.#states.map((each) => (each === state ? 1 : 0)) : undefined
  }

  #each(given: unknown): number[] | undefined {
    try {
      const holding = new Map(Object.entries(given as object))
      const holds = this.#states.map((state) => holding.get(state))
      const isComplete = holding.size === holds.length && holds.every((value) => typeof value === 'boolean')
      return isComplete ? holds.map(Number) : undefined
    } catch {
      // Nothing at all, a getter that throws, a proxy that was revoked.
      return undefined
    }
  }
}
