import { EventEmitter } from 'node:events'
import { types } from 'node:util'

type Fn = (...args: never[]) => unknown
type Listener = Fn & { readonly listener?: unknown; readonly _origin?: unknown }

const ASYNC_PROTOTYPE: unknown = Object.getPrototypeOf(async () => undefined)

/** What stands for a listener of Node.js until that was called once. Its name and text differ between versions. */
let onceWrapper: Fn | undefined

/**
 * Whether a handler is an async function, bound or not, or what an emitter has in the place of one until it was called
 * once: Node.js and eventemitter2 keep what that stands for. What others wrap may be handled by the wrapper.
 */
export function isAsyncHandler(handler: Listener): boolean {
  try {
    const fn = (isOnceWrapper(handler) ? handler.listener : handler._origin) ?? handler
    return types.isAsyncFunction(fn) || Object.getPrototypeOf(fn) === ASYNC_PROTOTYPE
  } catch {
    // A proxy may answer with anything.
    return false
  }
}

function isOnceWrapper(handler: Listener): boolean {
  if (handler.listener === undefined) return false
  onceWrapper ??= new EventEmitter().once('event', () => {}).rawListeners('event')[0] as Fn
  return handler.name === onceWrapper.name && textOf(handler) === textOf(onceWrapper)
}

function textOf(fn: Fn): string {
  return Function.prototype.toString.call(fn)
}
