import type { Exchange } from '../exchange'
import type { Next, RoutedRequest } from './express-layer'
import { currentMount, type Mount } from './express-mounts'

/** A `next` that notes that a handler of the route has failed. */
export function nextWithin(exchange: Exchange, next: Next): Next {
  return (error) => {
    if (isFailure(error)) exchange.failed = true
    next(error)
  }
}

/** A `next` that notes that what is mounted has passed the request on. */
export function nextBeyond(mount: Mount, next: Next): Next {
  return (error) => {
    mount.isLeft = true
    mount.hasFailed = isFailure(error)
    next(error)
  }
}

/** The `next` of an error handler: where that passes on no error, it has mended what failed, and what answers then is another. */
export function nextMended(exchange: Exchange, next: Next): Next {
  return (error) => {
    if (!isFailure(error) && !exchange.answer.headersSent) {
      exchange.failed = false
      // A route that was found and not entered is left, too.
      const { route, baseUrl = '' }: RoutedRequest = exchange.request
      exchange.context = route
      exchange.mount = currentMount(exchange.mount, baseUrl)
    }
    next(error)
  }
}

function isFailure(error: unknown): boolean {
  return Boolean(error) && error !== 'route' && error !== 'router'
}
