/** How many wait for another promise; what a burst needed beyond that is let go. */
export const MAX_IDLE = 1_000

/**
 * Told how one promise turns out, and later another one: with functions made for each promise, listening would allocate
 * several times what the promise itself takes for a listener.
 */
export abstract class Follower {
  /** Hands the value on, and {@link rethrowing} the error, so that a promise made with them settles alike. */
  readonly fulfilled = <V>(value: V): V => {
    this.succeed(value)
    this.#rest()
    return value
  }
  readonly rejected = (error: unknown): void => {
    this.fail(error)
    this.#rest()
  }
  readonly rethrowing = (error: unknown): never => {
    this.rejected(error)
    throw error
  }
  readonly #rethrowingIf = (error: unknown): void => {
    const condition = this.#condition
    this.rejected(error)
    if (condition()) throw error
  }
  #condition = (): boolean => false
  readonly #idle: Follower[]

  /** It goes to `idle` when its promise has settled. */
  constructor(idle: Follower[]) {
    this.#idle = idle
  }

  /** {@link rejected}, or where `condition` is so when that comes {@link rethrowing}. */
  rethrowingIf(condition: true | (() => boolean)): (error: unknown) => void {
    if (condition === true) return this.rethrowing
    this.#condition = condition
    return this.#rethrowingIf
  }

  protected abstract succeed(value: unknown): void
  protected abstract fail(error: unknown): void

  #rest(): void {
    if (this.#idle.length < MAX_IDLE) this.#idle.push(this)
  }
}
