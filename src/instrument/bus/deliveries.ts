import type { Delivery, Holder } from './delivery'

/** How many may wait; beyond that the oldest are taken for lost, so that memory stays bounded. */
const MAX_OPEN = 100_000

/** Deliveries that wait to be acknowledged, by what the broker knows them by. */
export class Deliveries<K> implements Holder<K> {
  readonly #open = new Map<K, Delivery>()

  /** Keeps a delivery until it ends. One that is still open under the same key was delivered anew, and failed by that. */
  add(key: K, delivery: Delivery): void {
    this.#open.get(key)?.reject('redelivered')
    if (this.#open.size >= MAX_OPEN) this.#open.values().next().value?.reject('unacknowledged')
    this.#open.set(key, delivery)
    delivery.heldBy(this, key)
  }

  release(key: K, delivery: Delivery): void {
    if (this.#open.get(key) === delivery) this.#open.delete(key)
  }

  get(key: K): Delivery | undefined {
    return this.#open.get(key)
  }

  /** Calls `settle` with each delivery whose key is up to `key`, in the order in which they were delivered. */
  upTo(key: K, settle: (delivery: Delivery) => void): void {
    for (const [other, delivery] of this.#open) if (other <= key) settle(delivery)
  }

  each(settle: (delivery: Delivery) => void): void {
    for (const delivery of this.#open.values()) settle(delivery)
  }

  /** What nobody can acknowledge any more, because its channel or connection is gone, has failed. */
  abandon(): void {
    this.each((delivery) => delivery.reject('unacknowledged'))
  }
}
