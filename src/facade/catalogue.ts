import { type Definition, describeDefinition } from '../model/definition'
import { DefinitionConflictError } from '../model/errors'

interface Entry {
  readonly description: string
  readonly instrument: object
}

/** The instruments of a facade by name. It keeps two of them from writing the same sample. */
export class Catalogue {
  readonly #entries = new Map<string, Entry>()
  /** Which metric writes a sample name: a histogram `x` writes `x_bucket`, `x_sum` and `x_count`. */
  readonly #writers = new Map<string, string>()

  /**
   * The instrument of this very definition, or the one that `make` returns if the name is free; otherwise throws.
   * `remark` tells definitions apart that differ in how they are fed.
   */
  instrument<T extends object>(definition: Definition, make: () => T, remark = ''): T {
    const { name } = definition
    const description = `${describeDefinition(definition)}${remark}`
    const entry = this.#entries.get(name)
    if (entry !== undefined) {
      // The description names the kind, and each kind is made by one class.
      if (entry.description === description) return entry.instrument as T
      throw new DefinitionConflictError(
        `Cannot create ${definition.kind} "${name}": its definition must be the one that exists, got another. Existing: ${entry.description}. Requested: ${description}. Use the same definition or another name.`,
        entry.description,
        description,
      )
    }
    this.#checkSamples(definition, description)
    const instrument = make()
    this.#entries.set(name, { description, instrument })
    for (const sample of sampleNames(definition)) this.#writers.set(sample, name)
    return instrument
  }

  #checkSamples(definition: Definition, description: string): void {
    for (const sample of sampleNames(definition)) {
      const writer = this.#writers.get(sample)
      if (writer === undefined) continue
      const existing = this.#entries.get(writer)?.description ?? writer
      throw new DefinitionConflictError(
        `Cannot create ${definition.kind} "${definition.name}": its samples must be its own, got "${sample}", which "${writer}" writes. Existing: ${existing}. Requested: ${description}. Choose another name.`,
        existing,
        description,
      )
    }
  }
}

function sampleNames({ name, kind }: Definition): string[] {
  return kind === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
}
