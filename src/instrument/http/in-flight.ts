import type { BoundUpDownCounter } from '../../facade/up-down-counter'

/** How many requests of one method are in flight. */
export class InFlight {
  #open = 0

  constructor(
    readonly method: string,
    /** Its number times the radix of status codes: added to a code it is the key of a series. */
    readonly keyBase: number,
    private readonly counter: BoundUpDownCounter,
  ) {}

  enter(): void {
    this.#open++
    this.counter.add(1)
  }

  leave(): void {
    this.#open--
    this.counter.add(-1)
  }

  /** Takes out of the gauge what is in flight. */
  leaveAll(): void {
    this.counter.add(-this.#open)
    this.#open = 0
  }
}
