import type { LabelsInput } from '../model/labels'
import type { StoredLabel } from './label-values'
import { Structures } from './structures'

/** No label needs more than 128 bits. */
const LONGEST_BIGINT = 2n ** 128n

/**
 * What a metric accepts as labels: the facade's instruments take declared names and keep text; instruments of the
 * OpenTelemetry API take any attribute and keep its type.
 */
export interface LabelPolicy {
  /** A value as it is stored, its text well-formed, or `undefined` where it cannot be. Well-formed text stays as it is. */
  normalise(value: unknown): StoredLabel | undefined
  /** The values of a new series as they will be found again. */
  kept(values: readonly StoredLabel[]): readonly StoredLabel[]
  /**
   * The names of labels as given, turned into the group they belong to: its names, and for each of them the place
   * among the given names, or -1 where it was not given. A string is the reason why the labels are rejected.
   */
  place(given: readonly string[]): Placement | string
  /** The names of `labels` that count, in the order given. */
  namesOf(labels: LabelsInput): string[]
}

export interface Placement {
  readonly names: readonly string[]
  readonly source: readonly number[]
}

/** Labels whose names were declared: text values, a missing one is `''`. */
export class DeclaredLabels implements LabelPolicy {
  readonly #names: readonly string[]

  constructor(names: readonly string[]) {
    this.#names = names
  }

  normalise(value: unknown): StoredLabel | undefined {
    switch (typeof value) {
      case 'string':
        return value.toWellFormed()
      case 'number':
      case 'boolean':
        return String(value)
      case 'bigint':
        return bigintText(value)
      case 'undefined':
        return ''
      default:
        return value === null ? '' : undefined
    }
  }

  kept(values: readonly StoredLabel[]): readonly StoredLabel[] {
    return values
  }

  place(given: readonly string[]): Placement | string {
    if (given.some((name) => !this.#names.includes(name))) return 'undeclared_label'
    return { names: this.#names, source: this.#names.map((name) => given.indexOf(name)) }
  }

  namesOf(labels: LabelsInput): string[] {
    return Object.keys(labels)
  }
}

/**
 * OpenTelemetry attributes: any names in any order, typed values. Absent values (`undefined`, `null`), empty names and
 * what is no attribute value (a function, a symbol) are left out, as the specification asks; the measurement counts.
 */
export class OpenLabels implements LabelPolicy {
  readonly #structures = new Structures()

  normalise(value: unknown): StoredLabel | undefined {
    switch (typeof value) {
      case 'string':
        return value.toWellFormed()
      case 'boolean':
        return value
      case 'number':
        // NaN does not equal itself, and could not be found again.
        return Number.isNaN(value) ? 'NaN' : value
      case 'bigint':
        return bigintText(value)
      case 'object':
        return value === null ? undefined : (this.#structures.copyOf(value) as StoredLabel | undefined)
      default:
        return undefined
    }
  }

  kept(values: readonly StoredLabel[]): readonly StoredLabel[] {
    return values.map((value) => (typeof value === 'object' ? this.#structures.keep(value) : value))
  }

  place(given: readonly string[]): Placement {
    const names = [...given].sort()
    return { names, source: names.map((name) => given.indexOf(name)) }
  }

  namesOf(labels: LabelsInput): string[] {
    return Object.keys(labels).filter((name) => name !== '' && this.normalise(labels[name]) !== undefined)
  }
}

/** `undefined` where it is too long for a label: writing out a number of any length takes long, too. */
function bigintText(value: bigint): string | undefined {
  return value >= LONGEST_BIGINT || value <= -LONGEST_BIGINT ? undefined : String(value)
}
