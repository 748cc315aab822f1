import { SKUS, type Sku } from './orders'

const FULL = 100
/** Below this a delivery is ordered. */
const LOW = 40

/** What is on the shelves. */
export class Warehouse {
  readonly #units = new Map<Sku, number>(SKUS.map((sku) => [sku, FULL]))

  units(sku: Sku): number {
    return this.#units.get(sku) ?? 0
  }

  isLow(sku: Sku): boolean {
    return this.units(sku) < LOW
  }

  /** Takes from the shelf, or nothing and `false` where there is not enough. */
  take(sku: Sku, quantity: number): boolean {
    if (this.units(sku) < quantity) return false
    this.#units.set(sku, this.units(sku) - quantity)
    return true
  }

  refill(sku: Sku): void {
    this.#units.set(sku, FULL)
  }
}
