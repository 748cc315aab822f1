import type { Instruments } from '../../facade/instruments'
import { instrumentEventLoop } from './event-loop'
import { instrumentGarbageCollection } from './garbage-collection'
import { instrumentMemory } from './memory'
import { instrumentProcess } from './process'
import { Procfs } from './procfs'
import { instrumentResources } from './resources'

/** Runtime metrics that are being collected. */
export interface RuntimeInstrumentation {
  /** Ends the observers and removes every callback; what has been recorded stays. More calls do nothing. */
  stop(): void
}

/**
 * Measures Node.js and the process under the names that public dashboards expect (`nodejs_*`, `process_*`): event loop,
 * garbage collection, memory, handles, CPU, file descriptors.
 *
 * To be called once a service. Values are read when they are collected; between collections only garbage collections
 * and the delay of the event loop are watched, by the runtime itself. Nothing of it keeps the process alive.
 * What a platform does not tell is absent.
 */
export function instrumentRuntime(metrics: Instruments): RuntimeInstrumentation {
  const procfs = Procfs.open()
  const stops = [
    instrumentEventLoop(metrics),
    instrumentGarbageCollection(metrics),
    instrumentMemory(metrics, procfs),
    instrumentResources(metrics),
    instrumentProcess(metrics, procfs),
  ]
  return {
    stop: () => {
      for (const stop of stops.splice(0)) stop()
    },
  }
}
