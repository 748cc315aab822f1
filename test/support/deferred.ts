/** An async function whose calls wait until a test ends them, oldest first. */
export class DeferredFunction<T> {
  readonly #waiting: { resolve(value: T): void; reject(error: unknown): void }[] = []
  /** How often it was called. */
  calls = 0

  readonly call = (): Promise<T> => {
    this.calls++
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  resolve(value: T): void {
    this.#next().resolve(value)
  }

  reject(error: unknown): void {
    this.#next().reject(error)
  }

  /** Has the call that has waited longest wait longest again: as the last of all. */
  rotate(): void {
    const [first, ...others] = this.#waiting.splice(0)
    if (first !== undefined) this.#waiting.push(...others, first)
  }

  #next(): { resolve(value: T): void; reject(error: unknown): void } {
    const next = this.#waiting.shift()
    if (next === undefined) throw new Error('no call is waiting')
    return next
  }
}

/** Resolves when all promise reactions that are due have run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
