import { DefinitionError, received } from './errors'

/**
 * Which metrics a page shows, by their names on it. A pattern may have `*` for any characters, none included, and `?` for
 * one; letters are compared without case. It is fitted to the name of a metric, with and without the `_total` of a
 * counter and the `_info` of an info, but not to those of its samples: `*_bucket` selects no histogram.
 */
export interface Selection {
  /** The metrics that are shown: those that fit one of these patterns. Default: all. */
  readonly include?: readonly string[] | undefined
  /** The metrics that are left out, of those that are included. Default: none. */
  readonly exclude?: readonly string[] | undefined
}

/** Pages beside the main one: each path with what is shown there. */
export type Endpoints = Readonly<Record<string, Selection>>

const KEYS = ['include', 'exclude'] as const

/** Throws where `selection` cannot be one. `cannot` begins the message, and `what` is what the selection is called there. */
export function checkSelection(cannot: string, what: string, selection: unknown): asserts selection is Selection {
  if (typeof selection !== 'object' || selection === null || Array.isArray(selection)) {
    throw new DefinitionError(
      `${cannot} ${what} must be an object of include and exclude, got ${received(selection)}. Write { include: ['http_*'] }.`,
    )
  }
  for (const [key, patterns] of Object.entries(selection)) {
    if (!KEYS.some((known) => known === key)) {
      throw new DefinitionError(
        `${cannot} what ${what} has must be one of ${KEYS.join(', ')}, got ${received(key)}. Remove it or correct its name.`,
      )
    }
    if (patterns === undefined || (isList(patterns) && patterns.every(isPattern))) continue
    throw new DefinitionError(
      `${cannot} ${key} of ${what} must be a list of names, at least one, got ${received(patterns)}. Write ${key}: ['http_*'], or leave it out.`,
    )
  }
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0
}

function isPattern(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

/** Throws where `endpoints` cannot be paths with selections. `what` is what they are called in the message. */
export function checkEndpoints(cannot: string, what: string, endpoints: unknown): asserts endpoints is Endpoints {
  if (typeof endpoints !== 'object' || endpoints === null || Array.isArray(endpoints)) {
    throw new DefinitionError(
      `${cannot} ${what} must be an object of paths, got ${received(endpoints)}. Write { '/metrics/http': { include: ['http_*'] } }.`,
    )
  }
  for (const [path, selection] of Object.entries(endpoints)) {
    // As it stands in a request, which has neither a query nor other characters.
    if (!/^\/[!-~]*$/.test(path) || /[?#]/.test(path)) {
      throw new DefinitionError(
        `${cannot} a path of ${what} must be one that starts with "/", written as in a URL, got ${received(path)}. Write "/metrics/http".`,
      )
    }
    checkSelection(cannot, `${what}[${JSON.stringify(path)}]`, selection)
  }
}
