import type { Instruments } from '../../facade/instruments'
import type { ObservableResult } from '../../model/definition'
import { DefinitionError, errorText } from '../../model/errors'
import { state } from './breaker.metrics'
import { BreakerMember } from './breaker-member'
import { BreakerInstruments, BreakerSeries } from './breaker-series'
import { type BreakerState, STATE_VALUES, worseState } from './breaker-state'
import type { Subject } from './subject'

/** A breaker that is being measured. */
export interface InstrumentedBreaker {
  readonly name: string
  /** Ends the measurement: the breaker is as it was before, and its series leave. More calls do nothing. */
  stop(): void
}

/** The breakers of one name. */
interface Group {
  readonly series: BreakerSeries
  readonly members: Set<BreakerMember>
}

/**
 * The breakers of one service. What is measured of a breaker hangs on the breaker, not here: one that the application
 * drops without stopping is collected with its measurement, and its series leave then.
 */
export class BreakerRegistry {
  readonly #instruments: BreakerInstruments
  readonly #groups = new Map<string, Group>()
  readonly #measured = new WeakMap<object, { readonly handle: InstrumentedBreaker; readonly member: BreakerMember }>()
  readonly #collected = new FinalizationRegistry<BreakerMember>((member) => this.#drop(member))

  constructor(metrics: Instruments) {
    this.#instruments = new BreakerInstruments(metrics)
    metrics.observableGauge(state).addCallback((result) => this.#observe(result))
  }

  /**
   * Enters a breaker under a name. One that is entered already gets no second measurement, but what else was found with
   * it is watched, too.
   */
  add(name: string, subject: Subject): InstrumentedBreaker {
    const { breaker, kind, parts } = subject
    const measured = this.#measured.get(breaker)
    if (measured !== undefined) {
      if (measured.handle.name !== name) throw alreadyInstrumented(name, measured.handle.name)
      measured.member.join(parts)
      return measured.handle
    }

    const group = this.#groups.get(name) ?? { series: new BreakerSeries(this.#instruments, name), members: new Set() }
    this.#groups.set(name, group)
    const { series } = group
    const member = new BreakerMember({ name, breaker, kind, series, log: this.#instruments.log, onEnd: this.#end })
    group.members.add(member)
    let unwatch: (() => void) | undefined
    const handle: InstrumentedBreaker = {
      name,
      stop: () => {
        if (this.#measured.get(breaker)?.handle !== handle) return
        this.#measured.delete(breaker)
        this.#collected.unregister(member)
        this.#drop(member)
        this.#unwatch(name, unwatch)
      },
    }
    this.#measured.set(breaker, { handle, member })
    this.#collected.register(breaker, member, member)
    try {
      unwatch = kind.watch(breaker, member)
      member.join(parts)
    } catch (error) {
      handle.stop()
      throw error
    }
    // An adapter may have found that the breaker is out of use already.
    if (this.#measured.get(breaker)?.handle !== handle) this.#unwatch(name, unwatch)
    return handle
  }

  /** Ends every measurement. */
  stop(): void {
    for (const { members } of [...this.#groups.values()]) {
      for (const { breaker } of [...members]) if (breaker !== undefined) this.#end(breaker)
    }
  }

  readonly #end = (breaker: object): void => this.#measured.get(breaker)?.handle.stop()

  /** What an adapter throws must not keep the other breakers from being ended. */
  #unwatch(name: string, unwatch: (() => void) | undefined): void {
    try {
      unwatch?.()
    } catch (error) {
      this.#instruments.log.warn(
        `Cannot end breaker "${name}": what watch returned must not throw, got ${errorText(error)}.`,
      )
    }
  }

  #observe(result: ObservableResult<'breaker'>): void {
    for (const [name, { members }] of this.#groups) {
      let inUse: BreakerState | undefined
      let retired: BreakerState | undefined
      for (const member of members) {
        const { breaker } = member
        if (breaker === undefined) {
          this.#drop(member)
          continue
        }
        const state = member.stateOf(breaker)
        if (state === undefined) continue
        if (member.isRetired(breaker)) retired = worst(retired, state)
        else inUse = worst(inUse, state)
      }
      const shown = inUse ?? retired
      if (shown !== undefined) result.observe(STATE_VALUES[shown], { breaker: name })
    }
  }

  /** Lets go of a breaker, and of the series of its name with the last of them. */
  #drop(member: BreakerMember): void {
    member.close()
    const group = this.#groups.get(member.name)
    if (group?.members.delete(member) !== true || group.members.size > 0) return
    group.series.remove()
    this.#groups.delete(member.name)
  }
}

function worst(known: BreakerState | undefined, state: BreakerState): BreakerState {
  return known === undefined ? state : worseState(known, state)
}

function alreadyInstrumented(name: string, as: string): DefinitionError {
  return new DefinitionError(
    `Cannot instrument breaker "${name}": breaker must not be instrumented yet, got one instrumented as "${as}". ` +
      `Call stop() on its handle first.`,
  )
}
