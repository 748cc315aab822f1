import type { Attributes, Context, Counter, Histogram } from '@opentelemetry/api'

/** What instruments of others do not store, because the service measures the same itself under the same names. */
export interface Withheld {
  /** Histograms that store nothing. */
  readonly histograms: ReadonlySet<string>
  /** Counters and histograms that store what {@link isMeasured} does not know. */
  readonly shared: ReadonlySet<string>
  /** Whether the service measures what has these attributes. */
  isMeasured(attributes: Attributes): boolean
}

export const NOTHING_WITHHELD: Withheld = { histograms: new Set(), shared: new Set(), isMeasured: () => false }

/** A counter or histogram of which the service measures a part itself, now and then another one. */
export class SharedInstrument implements Counter, Histogram {
  readonly #put: Counter['add']
  readonly #withheld: Withheld

  constructor(put: Counter['add'], withheld: Withheld) {
    this.#put = put
    this.#withheld = withheld
  }

  add(value: number, attributes?: Attributes, context?: Context): void {
    // An application in JavaScript may give null, or anything.
    if (!this.#withheld.isMeasured(attributes ?? {})) this.#put(value, attributes, context)
  }

  record(value: number, attributes?: Attributes, context?: Context): void {
    this.add(value, attributes, context)
  }
}
