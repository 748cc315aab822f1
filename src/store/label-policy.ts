import type { LabelsInput } from '../model/labels'
import type { StoredLabel } from './series-group'

/**
 * What a metric accepts as labels: the facade's instruments take declared names and keep text; instruments of the
 * OpenTelemetry API take any attribute and keep its type.
 */
export interface LabelPolicy {
  /**
   * A value as it is stored, or `undefined` where it cannot be. Strings are stored as they are, without asking.
   * `record` is false where the value is only looked for.
   */
  normalise(value: unknown): StoredLabel | undefined
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
        return value
      case 'number':
      case 'boolean':
      case 'bigint':
        return String(value)
      case 'undefined':
        return ''
      default:
        return value === null ? '' : undefined
    }
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
  /** One frozen copy of each distinct array or map, so that it can be a key by identity and nobody can change it. */
  readonly #structures = new Map<string, object>()

  normalise(value: unknown): StoredLabel | undefined {
    switch (typeof value) {
      case 'string':
      case 'boolean':
      case 'number':
        return value
      case 'bigint':
        return value.toString()
      case 'object':
        return value === null ? undefined : this.#structure(value)
      default:
        return undefined
    }
  }

  place(given: readonly string[]): Placement {
    const names = [...given].sort()
    return { names, source: names.map((name) => given.indexOf(name)) }
  }

  namesOf(labels: LabelsInput): string[] {
    return Object.keys(labels).filter((name) => name !== '' && this.normalise(labels[name]) !== undefined)
  }

  #structure(value: object): object | undefined {
    const text = structureText(value)
    if (text === undefined) return undefined
    let copy = this.#structures.get(text)
    if (copy === undefined) {
      copy = Object.freeze(JSON.parse(text)) as object
      // Past this many, distinct structures are told apart no longer than the series that hold them are.
      if (this.#structures.size >= MAX_STRUCTURES) this.#structures.clear()
      this.#structures.set(text, copy)
    }
    return copy
  }
}

const MAX_STRUCTURES = 10_000

function structureText(value: object): string | undefined {
  try {
    return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part))
  } catch {
    return undefined
  }
}
