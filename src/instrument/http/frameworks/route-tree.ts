import type { Path, Paths } from '../paths'
import { OTHER } from '../paths'

/** A path pattern as a router was given it. */
export type Pattern = string | RegExp | readonly Pattern[]

/** More nodes than this in one process are made by mistake: routers or expressions built anew for each request. */
const MAX_NODES = 5000

/**
 * The templates of a nested router as a tree of its patterns, `/org/:id` → `/users/:user`.
 *
 * The text of a route is joined once, when a pattern is first met below another; from then on a request walks from pattern to
 * pattern by identity and builds no string.
 */
export class RouteNode {
  readonly #children = new Map<Pattern, RouteNode>()
  #path: Path | undefined = undefined

  private constructor(
    private readonly template: string,
    private readonly pattern: string,
    private readonly tree: { readonly paths: Paths; nodes: number },
  ) {}

  static root(paths: Paths): RouteNode {
    return new RouteNode('', '', { paths, nodes: 0 })
  }

  /**
   * The node of a pattern below this one; past the limit of nodes one whose path is `(other)`. `textOf` gives the text of a
   * pattern that is met for the first time.
   */
  child(pattern: Pattern, textOf: (pattern: Pattern) => string = patternText): RouteNode {
    const known = this.#children.get(pattern)
    if (known !== undefined) return known
    if (this.tree.nodes === MAX_NODES) return new RouteNode(OTHER, OTHER, this.tree)
    this.tree.nodes++
    const text = textOf(pattern)
    const node = new RouteNode(this.template + text, text, this.tree)
    this.#children.set(pattern, node)
    return node
  }

  /** The `path` label of the route that ends here. */
  get path(): Path {
    this.#path ??= this.tree.paths.ofRoute(this.template === '' ? '/' : this.template, this.pattern)
    return this.#path
  }
}

/** A route's template below that of its mount. */
export function joinPatterns(base: string, pattern: Pattern): string {
  return base + patternText(pattern)
}

/** A pattern without a closing slash; a regular expression stands as its source, and several patterns beside each other. */
function patternText(pattern: Pattern): string {
  if (Array.isArray(pattern)) return pattern.map(String).join('|')
  const text = String(pattern)
  return text.endsWith('/') && !(pattern instanceof RegExp) ? text.slice(0, -1) : text
}
