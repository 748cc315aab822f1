import type { Delivery, Holder } from './delivery'

const LEAST_SLOTS = 16
const MOST_SLOTS = 4_096
/** How many may wait; beyond that the oldest are taken for lost, so that memory stays bounded. */
const MAX_OPEN = 100_000

/**
 * Deliveries that wait to be acknowledged, by numbers that the broker counts up. Each has the slot that the last bits of
 * its number say: a map would make a table anew every few messages. What still waits when its slot is wanted, thousands
 * of messages later, goes to a map.
 */
export class NumberedDeliveries implements Holder<number> {
  #slots: (Delivery | undefined)[] = emptySlots(LEAST_SLOTS)
  /** The number that each slot is about. */
  #numbers = new Float64Array(LEAST_SLOTS)
  readonly #late = new Map<number, Delivery>()
  #size = 0

  /** Keeps a delivery until it ends. One that is still open under the same number was delivered anew, and failed by that. */
  add(number: number, delivery: Delivery): void {
    this.get(number)?.reject('redelivered')
    if (this.#size >= MAX_OPEN) this.#late.values().next().value?.reject('unacknowledged')
    this.#makeRoom(number)
    const slot = this.#slotOf(number)
    this.#slots[slot] = delivery
    this.#numbers[slot] = number
    this.#size++
    delivery.heldBy(this, number)
  }

  release(number: number, delivery: Delivery): void {
    const slot = this.#slotOf(number)
    if (this.#slots[slot] === delivery) this.#slots[slot] = undefined
    else if (this.#late.get(number) === delivery) this.#late.delete(number)
    else return
    this.#size--
  }

  get(number: number): Delivery | undefined {
    const slot = this.#slotOf(number)
    if (this.#numbers[slot] === number && this.#slots[slot] !== undefined) return this.#slots[slot]
    return this.#late.size === 0 ? undefined : this.#late.get(number)
  }

  /** Calls `settle` with each delivery whose number is up to this one. */
  upTo(number: number, settle: (delivery: Delivery) => void): void {
    for (const [other, delivery] of this.#late) if (other <= number) settle(delivery)
    for (const [slot, delivery] of this.#slots.entries()) {
      if (delivery !== undefined && (this.#numbers[slot] as number) <= number) settle(delivery)
    }
  }

  each(settle: (delivery: Delivery) => void): void {
    this.upTo(Number.POSITIVE_INFINITY, settle)
  }

  /** What nobody can acknowledge any more, because its channel or connection is gone, has failed. */
  abandon(): void {
    this.each((delivery) => delivery.reject('unacknowledged'))
  }

  #slotOf(number: number): number {
    return number & (this.#slots.length - 1)
  }

  #makeRoom(number: number): void {
    for (;;) {
      const slot = this.#slotOf(number)
      const delivery = this.#slots[slot]
      if (delivery === undefined) return
      if (this.#slots.length < MOST_SLOTS) {
        this.#grow()
        continue
      }
      this.#late.set(this.#numbers[slot] as number, delivery)
      this.#slots[slot] = undefined
      return
    }
  }

  /** Those of two slots never meet in a larger table. */
  #grow(): void {
    const [slots, numbers] = [this.#slots, this.#numbers]
    this.#slots = emptySlots(2 * slots.length)
    this.#numbers = new Float64Array(2 * slots.length)
    for (const [slot, delivery] of slots.entries()) {
      if (delivery === undefined) continue
      const number = numbers[slot] as number
      this.#slots[this.#slotOf(number)] = delivery
      this.#numbers[this.#slotOf(number)] = number
    }
  }
}

function emptySlots(length: number): (Delivery | undefined)[] {
  return new Array<Delivery | undefined>(length).fill(undefined)
}
