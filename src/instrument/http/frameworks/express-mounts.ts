import type { RouteNode } from './route-tree'

/**
 * A router, an application or a function that has the request under a path of its own, until it passes the request on: what
 * comes then is not within it. So the mounts that have not are those that lead to where the request is, whatever they hide.
 */
export class Mount {
  isLeft = false
  /** Whether it has passed on an error. */
  hasFailed = false

  constructor(
    /** The real text of the URL up to here. */
    readonly baseUrl: string,
    /** The template that has matched it. */
    readonly node: RouteNode,
    /** The mount in which this one hangs. */
    readonly above: Mount | undefined,
  ) {}
}

/** The innermost mount that has the request, where its router has taken that text off the URL; `undefined` for the root. */
export function currentMount(innermost: Mount | undefined, baseUrl: string): Mount | undefined {
  let mount = innermost
  // A function may have passed the request on by what it has found on that.
  while (mount !== undefined && (mount.isLeft || mount.baseUrl.length > baseUrl.length)) mount = mount.above
  return mount
}

/** The innermost mount that a failure has come from, be it that it has not left that; `undefined` for the root. */
export function failedMount(innermost: Mount | undefined): Mount | undefined {
  let mount = innermost
  while (mount?.isLeft === true && !mount.hasFailed) mount = mount.above
  return mount
}
