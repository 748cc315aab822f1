import { type Layer, layersWithin, type Route, type RoutedRequest } from './express-layer'
import type { Mount } from './route-tree'

/** What Express calls the function that leads to a mounted application. */
const MOUNTED_APPLICATION = 'mounted_app'

/**
 * Tells whether a layer hangs in what was mounted before it, or beside that: `/api/admin` after middleware at `/api`.
 *
 * No router says where it hangs, and a mounted function may have any routers in it. What a layer has matched tells: the rest of
 * the path behind the mount, or more. That is asked once for each pair.
 */
export class Nesting {
  readonly #known = new WeakMap<object, WeakMap<object, boolean>>()

  isWithin(layer: Layer, mount: Mount, request: RoutedRequest): boolean {
    const { baseUrl = '', url = '' } = request
    if (mount.baseUrl.length > baseUrl.length) return false
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

/**
 * The mount in which a route hangs that was found and not entered; `undefined` for the root. What is in a function cannot
 * be seen: it has the routes that nothing else has.
 */
export function mountOf(route: Route, innermost: Mount | undefined, hangsAtRoot: boolean): Mount | undefined {
  const mounts: Mount[] = []
  for (let mount = innermost; mount !== undefined; mount = mount.above) mounts.push(mount)
  const found = mounts.find(({ layer }) => holds(layersWithin(layer), route))
  if (found !== undefined || hangsAtRoot) return found
  return mounts.find(({ layer }) => layersWithin(layer).length === 0)
}

/** Whether a layer, or that of a route, is among these, or in a router that is for all of their paths. */
export function holds(layers: readonly Layer[], wanted: Layer | Route): boolean {
  return layers.some(
    (layer) =>
      layer === wanted ||
      layer.route === wanted ||
      ((layer.slash === true || layer.regexp?.fast_slash === true) && holds(layersWithin(layer), wanted)),
  )
}

/**
 * Whether a layer hangs in a mount that has matched nothing, whose text is that of what it hangs in itself. What is mounted there
 * is a function that passes on more often than an application, which has a name.
 */
export function isWithinEmpty(layer: Layer, mount: Mount): boolean {
  const layers = layersWithin(mount.layer)
  return layers.length === 0 ? (mount.layer as Layer).handle.name === MOUNTED_APPLICATION : holds(layers, layer)
}
