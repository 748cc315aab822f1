import { DefinitionError } from '../model/errors'
import { mend } from '../model/mend'
import { isObject } from './kind'

/** An object somewhere in a configuration file, whose schema has been checked. It knows its place, for messages. */
export class Part {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #file: string
  readonly #place: string

  constructor(values: object, file: string, place: string) {
    this.#values = { ...values }
    this.#file = file
    this.#place = place
  }

  /** The keys that have a value. */
  get keys(): string[] {
    return Object.keys(this.#values).filter((key) => this.#values[key] !== undefined)
  }

  /** The value of a key; `undefined` where it is missing or null, which means the same (data model, "Null values"). */
  get<T>(key: string): T | undefined {
    return (this.#values[key] ?? undefined) as T | undefined
  }

  /** The object at a key; an empty one where the key stands there without a value, as `console:` does. */
  object(key: string): Part | undefined {
    if (this.#values[key] === undefined) return undefined
    return new Part(this.get<object>(key) ?? {}, this.#file, this.#path(key))
  }

  /** The objects of the list at a key. */
  list(key: string): Part[] {
    const list = this.get<readonly unknown[]>(key) ?? []
    return list.map(
      (entry, index) => new Part(isObject(entry) ? entry : {}, this.#file, `${this.#path(key)}[${index}]`),
    )
  }

  /** Throws where a key with a value is none of these: what OpenTelemetry's schema has and meterkit does not. */
  knows(...known: readonly string[]): void {
    const other = this.keys.find((key) => !known.includes(key))
    if (other !== undefined)
      throw this.fault(other, 'left out, as meterkit has no such thing', 'a value', mend(other, known))
  }

  fault(key: string, wanted: string, got: string, instead = 'Correct the file.'): DefinitionError {
    return new DefinitionError(
      `Cannot read "${this.#file}": ${this.#path(key)} must be ${wanted}, got ${got}. ${instead}`,
    )
  }

  #path(key: string): string {
    return this.#place === '' ? key : `${this.#place}.${key}`
  }
}
