import { escapedName } from '../model/escaping'
import type { Selection } from '../model/selection'
import { fitsWildcard } from '../store/wildcard'
import type { Family } from './family'
import type { Naming } from './naming'

/** What a family is known by. */
export interface FamilyNames {
  /**
   * What it is called in one format or another, for scrapers that take UTF-8 and for those that do not: the same for all
   * scrapers, so that a selection by name does not depend on who asks.
   */
  readonly names: readonly string[]
  /** What it and its samples are called in one format or another, as the scraper has it escaped, too. */
  readonly samples: readonly string[]
}

/** Whether a page shows a family. */
export type FamilyFilter = (family: FamilyNames) => boolean

/** The names of `target_info`, which is written from the resource. */
export const TARGET_INFO_NAMES: FamilyNames = { names: ['target_info', 'target'], samples: ['target_info', 'target'] }

/** The suffixes of samples, by the type of their family. */
const SUFFIXES = {
  counter: ['', '_total', '_created'],
  gauge: [''],
  info: ['', '_info'],
  histogram: ['', '_bucket', '_sum', '_count', '_created'],
}

/** What a family is known by; `raw` is the naming that escapes nothing. */
export function familyNames(family: Family, raw: Naming): FamilyNames {
  const { name, baseName, type, role, streams } = family
  const suffix = type === 'counter' ? '_total' : role === 'info' ? '_info' : ''
  // Where the name has lost its suffix in OpenMetrics, the others are known without it, too.
  const baseOf = (full: string) => (baseName !== name && full.endsWith(suffix) ? full.slice(0, -suffix.length) : full)
  const rawNames = streams.map((stream) => raw.family(stream))
  const fullNames = [...rawNames, ...rawNames.map((full) => escapedName(full, 'underscores'))]
  const bases = fullNames.map(baseOf)
  const suffixes = SUFFIXES[role === 'info' ? 'info' : type]
  const samples = [...bases, baseName].flatMap((base) => suffixes.map((end) => base + end))
  return { names: [...new Set([...fullNames, ...bases])], samples: [...new Set([...fullNames, name, ...samples])] }
}

/** Shows what an endpoint selects. */
export function selectedBy(selection: Selection): FamilyFilter {
  // As it is now: whoever made the lists may change them.
  const include = selection.include && [...selection.include]
  const exclude = [...(selection.exclude ?? [])]
  const fits = (patterns: readonly string[], { names }: FamilyNames) =>
    patterns.some((pattern) => names.some((name) => fitsWildcard(pattern, name)))
  return (family) => (include === undefined || fits(include, family)) && !fits(exclude, family)
}

/** Shows the families that are called so, or have samples that are. */
export function namedIn(names: ReadonlySet<string>): FamilyFilter {
  return ({ samples }) => samples.some((sample) => names.has(sample))
}

/** Shows what all filters show; `undefined` shows everything. */
export function both(a: FamilyFilter | undefined, b: FamilyFilter | undefined): FamilyFilter | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return (family) => a(family) && b(family)
}
