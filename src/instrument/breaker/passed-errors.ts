import { overrideMethod } from '../override-method'

/** The part of opossum's options that is used here. */
export interface OpossumOptions {
  errorFilter(error: never, ...args: never[]): unknown
}

const NONE = Symbol('none')

/**
 * The error that an `errorFilter` has just passed. opossum then emits `success` with the error as the result, before
 * anything else runs, so the two are told apart from an action that resolves with such a value.
 *
 * Breakers may be made with the same options object, and may be dropped without a word: there is one of this for an
 * options object, and none of it knows the breakers.
 */
export class PassedErrors {
  #users = 0
  #restore: (() => void) | undefined
  #passed: unknown = NONE

  includes(value: unknown): boolean {
    return value === this.#passed
  }

  /** Puts itself before the filter while somebody uses it. Returns what ends the use. */
  watch(options: OpossumOptions, what: string): () => void {
    if (this.#users === 0) this.#restore = this.#override(options, what)
    this.#users++
    return () => {
      if (--this.#users === 0) this.#restore?.()
    }
  }

  #override(options: OpossumOptions, what: string): () => void {
    const { errorFilter } = options
    let stopped = false
    const clear = (): void => {
      this.#passed = NONE
    }
    const note = (error: unknown): void => {
      this.#passed = error
      queueMicrotask(clear)
    }
    const override = overrideMethod(
      options,
      'errorFilter',
      function (this: unknown, ...args) {
        const passes = Reflect.apply(errorFilter, this, args)
        if (!stopped && passes) note(args[0])
        return passes
      },
      what,
    )
    return () => {
      stopped = true
      override.restore()
    }
  }
}

const watches = new WeakMap<object, PassedErrors>()

export function passedErrors(options: OpossumOptions): PassedErrors {
  let passed = watches.get(options)
  if (passed === undefined) {
    passed = new PassedErrors()
    watches.set(options, passed)
  }
  return passed
}
