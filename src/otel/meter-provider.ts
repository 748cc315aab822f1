import type { MeterOptions, MeterProvider } from '@opentelemetry/api'
import type { Logger } from '../model/log'
import { FACADE_SCOPE } from '../model/scope'
import type { Registry } from '../store/registry'
import { propertyOf, textOf } from './api-input'
import { StoreMeter } from './meter'
import { NOTHING_WITHHELD, type Withheld } from './withheld'

/** The OpenTelemetry API's `MeterProvider` over the store: what third-party instrumentations record to. */
export class StoreMeterProvider implements MeterProvider {
  readonly #registry: Registry
  readonly #log: Logger
  readonly #withheld: Withheld
  readonly #meters = new Map<string, StoreMeter>()

  constructor(registry: Registry, log: Logger, withheld = NOTHING_WITHHELD) {
    this.#registry = registry
    this.#log = log
    this.#withheld = withheld
  }

  /** The meter with this name, version and schema: the same one each time. Never throws. */
  getMeter(name: string, version?: string, options?: MeterOptions): StoreMeter {
    const scope = { name: textOf(name), version: textOf(version), schemaUrl: textOf(propertyOf(options, 'schemaUrl')) }
    const key = JSON.stringify([scope.name, scope.version, scope.schemaUrl])
    let meter = this.#meters.get(key)
    if (meter === undefined) {
      if (scope.name === '')
        this.#log.warn('a meter was asked for without a name: its metrics cannot be told by scope.')
      const own = scope.name === FACADE_SCOPE.name
      meter = new StoreMeter(
        this.#registry,
        this.#log,
        {
          name: scope.name,
          ...(scope.version !== '' && { version: scope.version }),
          ...(scope.schemaUrl !== '' && { schemaUrl: scope.schemaUrl }),
        },
        own ? NOTHING_WITHHELD : this.#withheld,
      )
      this.#meters.set(key, meter)
    }
    return meter
  }
}
