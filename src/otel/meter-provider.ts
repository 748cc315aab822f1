import type { MeterOptions, MeterProvider } from '@opentelemetry/api'
import type { Logger } from '../model/log'
import type { Registry } from '../store/registry'
import { StoreMeter } from './meter'

/** The OpenTelemetry API's `MeterProvider` over the store: what third-party instrumentations record to. */
export class StoreMeterProvider implements MeterProvider {
  readonly #registry: Registry
  readonly #log: Logger
  readonly #meters = new Map<string, StoreMeter>()

  constructor(registry: Registry, log: Logger) {
    this.#registry = registry
    this.#log = log
  }

  /** The meter with this name, version and schema: the same one each time. */
  getMeter(name: string, version = '', options: MeterOptions = {}): StoreMeter {
    const { schemaUrl = '' } = options
    const key = JSON.stringify([name, version, schemaUrl])
    let meter = this.#meters.get(key)
    if (meter === undefined) {
      if (typeof name !== 'string' || name === '') this.#log.warn('a meter was asked for without a name.')
      const scope = {
        name: String(name ?? ''),
        ...(version !== '' && { version }),
        ...(schemaUrl !== '' && { schemaUrl }),
      }
      meter = new StoreMeter(this.#registry, this.#log, scope)
      this.#meters.set(key, meter)
    }
    return meter
  }
}
