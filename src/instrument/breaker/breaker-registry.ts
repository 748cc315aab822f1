import type { Instruments } from '../../facade/instruments'
import type { ObservableResult } from '../../model/definition'
import { state } from './breaker.metrics'
import { BreakerInstruments, BreakerSeries } from './breaker-series'
import { type BreakerState, STATE_VALUES, worseState } from './breaker-state'

/** A breaker that is being measured. */
export interface InstrumentedBreaker {
  readonly name: string
  /** Ends the measurement: the breaker is as it was before, and its series leave. More calls do nothing. */
  stop(): void
}

/** One breaker, held weakly. */
interface Member {
  readonly breaker: WeakRef<object>
  /** Reads a breaker of this kind; keeps no hold on the one it was made for. */
  readonly readState: (breaker: object) => BreakerState
}

/** The breakers of one name. */
interface Group {
  readonly series: BreakerSeries
  readonly members: Set<Member>
}

/**
 * The breakers of one service. What is measured of a breaker hangs on the breaker, not here: one that the application
 * drops without stopping is collected with its measurement, and its series leave with the next collection.
 */
export class BreakerRegistry {
  readonly #instruments: BreakerInstruments
  readonly #groups = new Map<string, Group>()
  readonly #handles = new WeakMap<object, InstrumentedBreaker>()

  constructor(metrics: Instruments) {
    this.#instruments = new BreakerInstruments(metrics)
    metrics.observableGauge(state).addCallback((result) => this.#observe(result))
  }

  handleOf(breaker: object): InstrumentedBreaker | undefined {
    return this.#handles.get(breaker)
  }

  /** Enters a breaker under a name. `watch` starts recording into its series and returns what ends that. */
  add<B extends object>(
    name: string,
    breaker: B,
    readState: (breaker: B) => BreakerState,
    watch: (series: BreakerSeries) => () => void,
  ): InstrumentedBreaker {
    const group = this.#groups.get(name) ?? { series: new BreakerSeries(this.#instruments, name), members: new Set() }
    let unwatch: () => void
    try {
      unwatch = watch(group.series)
    } catch (error) {
      this.#dropIfEmpty(name, group)
      throw error
    }
    const member: Member = { breaker: new WeakRef(breaker), readState: readState as Member['readState'] }
    group.members.add(member)
    this.#groups.set(name, group)

    const handle: InstrumentedBreaker = {
      name,
      stop: () => {
        if (this.#handles.get(breaker) !== handle) return
        this.#handles.delete(breaker)
        unwatch()
        group.members.delete(member)
        this.#dropIfEmpty(name, group)
      },
    }
    this.#handles.set(breaker, handle)
    return handle
  }

  /** Ends every measurement. */
  stop(): void {
    for (const { members } of [...this.#groups.values()]) {
      for (const member of [...members]) {
        const breaker = member.breaker.deref()
        if (breaker !== undefined) this.#handles.get(breaker)?.stop()
      }
    }
  }

  #observe(result: ObservableResult<'breaker'>): void {
    for (const [name, group] of this.#groups) {
      let worst: BreakerState | undefined
      for (const member of group.members) {
        const breaker = member.breaker.deref()
        if (breaker === undefined) {
          group.members.delete(member)
          continue
        }
        const current = member.readState(breaker)
        worst = worst === undefined ? current : worseState(worst, current)
      }
      if (worst !== undefined) result.observe(STATE_VALUES[worst], { breaker: name })
      this.#dropIfEmpty(name, group)
    }
  }

  #dropIfEmpty(name: string, group: Group): void {
    if (group.members.size > 0) return
    group.series.remove()
    this.#groups.delete(name)
  }
}
