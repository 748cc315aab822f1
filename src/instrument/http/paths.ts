import { normalisePath, pathOfTarget } from './normalise-path'
import type { RequestSeries } from './request-series'

/** The path of a request that no route took. */
export const UNMATCHED = '(unmatched)'
/** The path of requests that came after the limit of distinct paths was reached. */
export const OTHER = '(other)'

/** More routes than this in one process are made by mistake, one a request. */
const MAX_ROUTES = 2000

/** Patterns that match every path, in the ways of the frameworks. */
const EVERYTHING =
  /^\/?(?:\*{1,2}:?\w*|\{\/?\*\w+\}|(?::\w+)?\(\.?[*+]\)|:\w+(?:[*+]|\{\.[*+]\})|\{\w+\*\}|\[{1,2}\.{3}\w+\]{1,2}|\^?(?:\\\/)?\(?\.[*+]\)?\$?\/[a-z]*)$/

/** Whether a route's pattern matches every path, so that its 404 says that there is no route. */
export function matchesEverything(pattern: string): boolean {
  return EVERYTHING.test(pattern)
}

/** One value of the `path` label, with the series already made for it. */
export class Path {
  /** By method and status code as one number, so that a request costs one look-up by integer and builds no key text. */
  readonly series = new Map<number, RequestSeries>()

  constructor(
    readonly text: string,
    /** Whether it is the template of a route, not made from a URL. */
    readonly isRoute: boolean,
    /** Whether the route is one for everything that no other takes. */
    readonly isCatchAll = false,
  ) {}
}

/**
 * Every value that the `path` label has: bounded, whatever arrives.
 *
 * Route templates come from the application's code and stay few. Paths of URLs come from the network, so they are normalised,
 * and limited to `maxPaths`. An answer 404 says that a path is none of the server's, so it admits no path: scanners that try
 * thousands of URLs cannot fill the table before the application's own paths are in it.
 */
export class Paths {
  readonly unmatched = new Path(UNMATCHED, false)
  readonly other = new Path(OTHER, false)
  readonly #byText = new Map<string, Path>([
    [UNMATCHED, this.unmatched],
    [OTHER, this.other],
  ])
  #routes = 0
  #urls = 0

  constructor(
    private readonly maxPaths: number,
    private readonly onLimit: (limit: number) => void,
  ) {}

  /** The path of a route template. `pattern` is what its own router matches, where that is mounted. */
  ofRoute(template: string, pattern = template): Path {
    const known = this.#byText.get(template)
    if (known !== undefined) return known
    if (this.#routes === MAX_ROUTES) return this.other
    this.#routes++
    return this.#add(new Path(template, true, matchesEverything(pattern)))
  }

  /** The path of a request target on a server without a known framework. */
  ofTarget(target: string, statusCode: number): Path {
    const raw = pathOfTarget(target)
    if (raw === undefined) return this.other
    const known = this.#byText.get(raw)
    if (known !== undefined) return known
    if (raw === '*' && statusCode !== 404) return this.ofRoute(raw)
    const text = normalisePath(raw)
    const normalised = this.#byText.get(text)
    if (normalised !== undefined) return normalised
    if (statusCode === 404) return this.unmatched
    if (this.#urls === this.maxPaths) return this.other
    this.#urls++
    if (this.#urls === this.maxPaths) this.onLimit(this.maxPaths)
    return this.#add(new Path(text, false))
  }

  #add(path: Path): Path {
    this.#byText.set(path.text, path)
    return path
  }
}
