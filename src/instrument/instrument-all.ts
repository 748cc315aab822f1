import { DefinitionError, received } from '../model/errors'
import type { InstrumentBreakerOptions } from './breaker/instrument-breaker'
import type { InstrumentBusOptions } from './bus/bus-options'

/** A bus by itself, or with options. */
type BusEntry = object | { readonly bus: object; readonly options: Omit<InstrumentBusOptions, 'name'> }

/** Named maps of what is to be measured. */
export interface InstrumentAll {
  /** Buses by the value of their `bus` label; `{ bus, options }` where one has options. */
  readonly buses?: Readonly<Record<string, BusEntry>> | undefined
  /** Breakers by the value of their `breaker` label. */
  readonly breakers?: Readonly<Record<string, object>> | undefined
}

/** What measures one thing each. */
export interface Instrumentation {
  instrumentBus(bus: object, options: InstrumentBusOptions): { stop(): void }
  instrumentBreaker(breaker: object, options: InstrumentBreakerOptions): { stop(): void }
}

/**
 * Measures all of them, or none: where one cannot be measured, those before it are stopped again and the error is thrown.
 * The handle stops all.
 */
export function instrumentAll(
  metrics: Instrumentation,
  { buses, breakers, ...others }: InstrumentAll,
): { stop(): void } {
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) {
    throw new DefinitionError(
      `Cannot instrument "all": what is measured must be buses or breakers, got ${received(unknown)}. Remove it or correct its name.`,
    )
  }
  const handles: { stop(): void }[] = []
  const stop = () => {
    for (const handle of handles.splice(0).reverse()) handle.stop()
  }
  try {
    for (const [name, entry] of Object.entries(buses ?? {})) {
      const { bus, options } = busOf(entry)
      handles.push(metrics.instrumentBus(bus, { ...options, name }))
    }
    for (const [name, breaker] of Object.entries(breakers ?? {})) {
      handles.push(metrics.instrumentBreaker(breaker, { name }))
    }
  } catch (error) {
    stop()
    throw error
  }
  return { stop }
}

function busOf(entry: BusEntry): { readonly bus: object; readonly options: Omit<InstrumentBusOptions, 'name'> } {
  const isPair = typeof entry === 'object' && entry !== null && 'bus' in entry && 'options' in entry
  // An emitter may have properties of these names, too; a pair has no methods.
  return isPair && Object.getPrototypeOf(entry) === Object.prototype
    ? (entry as { readonly bus: object; readonly options: Omit<InstrumentBusOptions, 'name'> })
    : { bus: entry, options: {} }
}
