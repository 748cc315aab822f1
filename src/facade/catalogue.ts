import { type Definition, describeDefinition } from '../model/definition'
import { DefinitionConflictError } from '../model/errors'

interface Entry {
  readonly description: string
  readonly instrument: object
}

/** Who writes a sample. */
interface Writer {
  readonly name: string
  readonly description: string
}

/** The instruments of a facade by name. It keeps two of them from writing the same sample. */
export class Catalogue {
  readonly #entries = new Map<string, Entry>()
  /** Which metric writes a sample name: a histogram `x` writes `x_bucket`, `x_sum` and `x_count`. */
  readonly #writers = new Map<string, Writer>()

  /** Keeps the names of metrics from being taken: the service writes them itself. */
  reserve(definitions: readonly Definition[]): void {
    for (const definition of definitions) {
      const { name } = definition
      const writer = { name, description: `${name}, which meterkit makes itself` }
      for (const sample of sampleNames(definition)) this.#writers.set(sample, writer)
    }
  }

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
    const samples = sampleNames(definition)
    this.#checkSamples(definition, samples, description)
    // Taken before it is made, for what `make` makes beside it must not write them either.
    for (const sample of samples) this.#writers.set(sample, { name, description })
    try {
      const instrument = make()
      this.#entries.set(name, { description, instrument })
      return instrument
    } catch (error) {
      for (const sample of samples) this.#writers.delete(sample)
      throw error
    }
  }

  #checkSamples(definition: Definition, samples: readonly string[], description: string): void {
    for (const sample of samples) {
      const writer = this.#writers.get(sample)
      if (writer === undefined) continue
      throw new DefinitionConflictError(
        `Cannot create ${definition.kind} "${definition.name}": its samples must be its own, got "${sample}", which "${writer.name}" writes. Existing: ${writer.description}. Requested: ${description}. Choose another name.`,
        writer.description,
        description,
      )
    }
  }
}

function sampleNames({ name, kind }: Definition): string[] {
  return kind === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`, `${name}_created`] : [name]
}
