import { type Layer, layersWithin, type Next, type Route, type RoutedRequest } from './express-layer'
import type { Mount } from './route-tree'

/**
 * Tells whether a layer hangs in what was mounted before it, or beside that: `/api/admin` after middleware at `/api`.
 *
 * Layers that hang beside each other are known by what their router goes on with. A router that has mounted nothing yet says
 * nothing of where it hangs, and a mounted function may have any routers in it, one after the other. There, what a layer has
 * matched tells: the rest of the path behind the mount, or more. That is asked once for each pair.
 */
export class Nesting {
  readonly #known = new WeakMap<object, WeakMap<object, boolean>>()

  /** The mount in which a layer hangs that is one itself; `undefined` for the root. */
  above(layer: Layer, innermost: Mount | undefined, request: RoutedRequest, next: Next): Mount | undefined {
    const sibling = siblingOf(innermost, next)
    if (sibling !== undefined) return sibling.above
    let mount = innermost
    while (mount !== undefined && !this.#isWithin(layer, mount, request)) mount = mount.above
    return mount
  }

  #isWithin(layer: Layer, mount: Mount, request: RoutedRequest): boolean {
    const { baseUrl = '', url = '' } = request
    if (mount.isLeft || mount.baseUrl.length > baseUrl.length) return false
    if (mount.isEmpty) return isWithinEmpty(layer, mount)
    let known = this.#known.get(layer)
    if (known === undefined) {
      known = new WeakMap()
      this.#known.set(layer, known)
    }
    let isWithin = known.get(mount.layer)
    if (isWithin === undefined) {
      const taken = baseUrl.slice(mount.baseUrl.length)
      isWithin = holds(layersWithin(mount.layer), layer) || matches(layer, taken, pathOf(url))
      known.set(mount.layer, isWithin)
    }
    return isWithin
  }
}

/** Whether the layer takes just `taken` off the path. */
function matches({ regexp, matchers }: Layer, taken: string, rest: string): boolean {
  const path = taken + rest
  if (regexp !== undefined) {
    // Its own would remember where it has stopped, where that is global.
    const [text] = new RegExp(regexp.source, regexp.flags.replace(/[gy]/g, '')).exec(path) ?? []
    return text !== undefined && isSame(text, taken)
  }
  // What keeps no pattern is taken for nested.
  return matchers?.some((matcher) => isTaken(matcher, path, taken)) ?? true
}

function isTaken(matcher: NonNullable<Layer['matchers']>[number], path: string, taken: string): boolean {
  try {
    const match = matcher(path)
    return match !== false && isSame(match.path, taken)
  } catch {
    // A value that cannot be decoded.
    return false
  }
}

function isSame(text: string, taken: string): boolean {
  return text === taken || text === `${taken}/`
}

function pathOf(url: string): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

/** The mount that the router which goes on with this `next` has called before; `undefined` where it has called none. */
export function siblingOf(innermost: Mount | undefined, next: Next): Mount | undefined {
  let mount = innermost
  while (mount !== undefined && mount.next !== next) mount = mount.above
  return mount
}

/** The innermost of the mounts that a router is in which has a layer or a route, when that text of the URL leads to it. */
export function mountAt(innermost: Mount | undefined, wanted: Layer | Route, baseUrl: string): Mount | undefined {
  let mount = innermost
  while (
    mount !== undefined &&
    (mount.isLeft || mount.baseUrl.length > baseUrl.length || (mount.isEmpty && !isWithinEmpty(wanted, mount)))
  ) {
    mount = mount.above
  }
  return mount
}

/**
 * The mount in which a route hangs that has failed without being entered; `undefined` for the root. What is in a function
 * cannot be seen: it has the routes that nothing else has, first the one that the failure came from.
 */
export function mountOf(route: Route, innermost: Mount | undefined, hangsAtRoot: () => boolean): Mount | undefined {
  const mounts: Mount[] = []
  for (let mount = innermost; mount !== undefined; mount = mount.above) mounts.push(mount)
  const found = mounts.find(({ layer }) => holds(layersWithin(layer), route))
  if (found !== undefined || hangsAtRoot()) return found
  return (
    mounts.find(({ hasFailed }) => hasFailed) ??
    mounts.find(({ layer, isLeft }) => !isLeft && leadsToUnseen(layer as Layer))
  )
}

/** Whether the layer is a function, or leads to one that is for all of its paths. */
function leadsToUnseen(layer: Layer): boolean {
  return isUnseen(layer) || layersWithin(layer).some((inner) => isForAll(inner) && leadsToUnseen(inner))
}

/** Whether a layer is a function, or an application, in which no layers can be seen. */
export function isUnseen(layer: Layer): boolean {
  return layersWithin(layer).length === 0
}

function isForAll({ slash, regexp }: Layer): boolean {
  return slash === true || regexp?.fast_slash === true
}

/** Whether a layer, or that of a route, is among these, or in a router that is for all of their paths. */
export function holds(layers: readonly Layer[], wanted: Layer | Route): boolean {
  return layers.some(
    (layer) => layer === wanted || layer.route === wanted || (isForAll(layer) && holds(layersWithin(layer), wanted)),
  )
}

/** Whether a layer hangs in a mount that has matched nothing, whose text is that of what it hangs in itself. */
function isWithinEmpty(wanted: Layer | Route, mount: Mount): boolean {
  const layer = mount.layer as Layer
  return isUnseen(layer) || holds(layersWithin(layer), wanted)
}
