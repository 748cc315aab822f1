import type { Instruments } from '../../facade/instruments'
import { DefinitionError, received } from '../../model/errors'
import { ADAPTERS } from './adapters'
import { checkBusOptions, type InstrumentBusOptions } from './bus-options'
import { BusRegistry, type InstrumentedBus } from './bus-registry'

const registries = new WeakMap<Instruments, BusRegistry>()

/**
 * Counts what is published on a bus, and counts and times what its handlers do with it. The library is recognised by the
 * bus's shape; docs/BUSES.md tells what is measured of each, and how.
 *
 * Results, errors and the order of handlers stay what they are. Nothing but own properties of the bus is overridden, and
 * `stop` takes that back. Topics and reasons of failure are bounded. Instrumenting the same bus again under the same name
 * returns the same handle and ignores the options.
 *
 * @throws DefinitionError when the bus is of no known library and no adapter is given, frozen, or already instrumented
 *   under another name or by another service.
 */
export function instrumentBus(metrics: Instruments, bus: object, options: InstrumentBusOptions): InstrumentedBus {
  checkBusOptions(options)
  const { name } = options
  const isObject = (typeof bus === 'object' && bus !== null) || typeof bus === 'function'
  const adapter = isObject ? (options.adapter ?? ADAPTERS.find((known) => known.recognises(bus))) : undefined
  if (adapter === undefined || (options.adapter !== undefined && !options.adapter.recognises(bus))) {
    const known = ADAPTERS.map(({ library }) => library).join(', ')
    throw new DefinitionError(
      `Cannot instrument bus "${name}": bus must be one of ${known}, got ${received(bus)}. Pass the object whose methods ` +
        'the service calls; or give an adapter; or measure functions with instrumentPublish and instrumentHandler.',
    )
  }
  const registry = busRegistry(metrics)
  const subject = adapter.subject?.(bus) ?? bus
  const existing = BusRegistry.handleOf(subject)
  if (existing !== undefined) {
    const isSame = existing.registry === registry
    if (isSame && existing.handle.name === name) return existing.handle
    throw new DefinitionError(
      `Cannot instrument bus "${name}": bus must not be instrumented yet, got one instrumented as ` +
        `"${existing.handle.name}"${isSame ? '' : ' by another service'}. Call stop() on its handle first.`,
    )
  }
  return registry.instrument(subject, adapter, options)
}

/** Ends the measurement of every bus that the service has instrumented. */
export function stopBuses(metrics: Instruments): void {
  registries.get(metrics)?.stop()
}

/** Whether a bus of a system is measured under the names of the semantic conventions now. */
export function measuresConventions(metrics: Instruments, system: unknown): boolean {
  return registries.get(metrics)?.hasConventionsOf(system) === true
}

export function busRegistry(metrics: Instruments): BusRegistry {
  let registry = registries.get(metrics)
  if (registry === undefined) {
    registry = new BusRegistry(metrics)
    registries.set(metrics, registry)
  }
  return registry
}
