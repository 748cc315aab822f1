import type { IncomingMessage, ServerResponse } from 'node:http'
import { DefinitionError, received } from '../../model/errors'
import { DEFAULT_LABEL_LIMIT, type HttpLabels, MAX_LABEL_LIMIT } from '../../model/http-options'
import type { LabelValue } from '../../model/labels'
import { OTHER } from './paths'

/** A value that is longer than this is no name of a tenant or of a version. */
const MAX_LENGTH = 128
/** Sets of values that are kept apart; what comes after has all its values `(other)`. */
const MAX_SETS = 2_000

/** Values of the application's own labels, in the order of their names, with a number for the look-up of series. */
export interface LabelSet {
  readonly id: number
  readonly values: Readonly<Record<string, string>>
}

/**
 * The application's own labels on the HTTP metrics. Their values may come from the network, so that each label has a limit of
 * its own: one that runs away does not take the others with it.
 */
export class OwnLabels {
  readonly names: readonly string[]
  readonly #of: HttpLabels['of']
  readonly #limit: number
  readonly #known: ReadonlyMap<string, Set<string>>
  readonly #sets = new Map<string, LabelSet>()

  /** Throws a `DefinitionError` for options that cannot be used. */
  constructor(
    { names, of, limit = DEFAULT_LABEL_LIMIT }: HttpLabels,
    private readonly onLimit: (label: string, limit: number) => void,
  ) {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LABEL_LIMIT) {
      throw new DefinitionError(
        `Cannot instrument "http": labels.limit must be a whole number from 1 to ${MAX_LABEL_LIMIT}, got ${received(limit)}. Leave it out for ${DEFAULT_LABEL_LIMIT}.`,
      )
    }
    this.names = [...names]
    this.#of = of
    this.#limit = limit
    this.#known = new Map(this.names.map((name) => [name, new Set()]))
  }

  /** Throws what the application's function throws. */
  read(request: IncomingMessage, response: ServerResponse): LabelSet {
    return this.#set(this.#of(request, response))
  }

  /** The set of empty values. */
  get none(): LabelSet {
    return this.#set({})
  }

  #set(given: Readonly<Record<string, LabelValue | undefined>>): LabelSet {
    const values = this.names.map((name) => this.#bounded(name, given[name]))
    const key = keyOf(values)
    const known = this.#sets.get(key)
    if (known !== undefined) return known
    if (this.#sets.size >= MAX_SETS) return this.#overflow()
    return this.#add(key, values)
  }

  #bounded(name: string, given: LabelValue | undefined): string {
    const value = given === undefined || given === null ? '' : String(given)
    const known = this.#known.get(name)
    if (value === '' || known === undefined || known.has(value)) return value
    if (value.length > MAX_LENGTH || known.size >= this.#limit) return OTHER
    known.add(value)
    if (known.size === this.#limit) this.onLimit(name, this.#limit)
    return value
  }

  #overflow(): LabelSet {
    const values = this.names.map(() => OTHER)
    const key = keyOf(values)
    return this.#sets.get(key) ?? this.#add(key, values)
  }

  #add(key: string, values: readonly string[]): LabelSet {
    const set = {
      id: this.#sets.size,
      values: Object.fromEntries(this.names.map((name, index) => [name, values[index] ?? ''])),
    }
    this.#sets.set(key, set)
    return set
  }
}

/** Another one for other values: with their lengths before them, no text can read as two. */
function keyOf(values: readonly string[]): string {
  let key = ''
  for (const value of values) key += `${value.length}:${value}`
  return key
}
