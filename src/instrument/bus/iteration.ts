/** What is to be known of an iteration over messages. */
export interface IterationObserver<T> {
  /** The loop gets a message; what is returned is called when it is done with it: it asks for the next one, or ends. */
  got(message: T): (() => void) | undefined
}

/**
 * An async iterator that passes another one on and tells when the loop gets a message and when it is done with it. A loop
 * that ends by an exception looks like one that ends by `break`: it is done with its last message. Who asks for several at
 * once is done with one when the next one comes.
 */
export function observedIterator<T>(inner: AsyncIterator<T>, observer: IterationObserver<T>): AsyncIterableIterator<T> {
  let done: (() => void) | undefined
  const finish = (): void => {
    done?.()
    done = undefined
  }
  const outer: AsyncIterableIterator<T> = {
    async next(...args) {
      finish()
      const result = await inner.next(...args)
      finish()
      if (result.done !== true) done = observer.got(result.value)
      return result
    },
    async return(value) {
      finish()
      return inner.return === undefined ? { done: true, value } : inner.return(value)
    },
    async throw(error) {
      finish()
      if (inner.throw === undefined) throw error
      return inner.throw(error)
    },
    [Symbol.asyncIterator]: () => outer,
  }
  return outer
}

type Iterable<T> = { [Symbol.asyncIterator](): AsyncIterator<T> }

/**
 * Has the iterators of one object observed from now on, and returns what ends that. Only its own property is set; an
 * iterator that is under way stays observed.
 */
export function observeIterable<T>(iterable: Iterable<T>, observer: IterationObserver<T>): () => void {
  const original = iterable[Symbol.asyncIterator]
  const own = Object.getOwnPropertyDescriptor(iterable, Symbol.asyncIterator)
  const observed = function (this: unknown): AsyncIterator<T> {
    return observedIterator(Reflect.apply(original, this, []), observer)
  }
  const isSet = Reflect.defineProperty(iterable, Symbol.asyncIterator, {
    value: observed,
    configurable: true,
    writable: true,
  })
  return () => {
    if (!isSet || iterable[Symbol.asyncIterator] !== observed) return
    if (own === undefined) Reflect.deleteProperty(iterable, Symbol.asyncIterator)
    else Reflect.defineProperty(iterable, Symbol.asyncIterator, own)
  }
}
