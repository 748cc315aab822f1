import { randomUUID } from 'node:crypto'

export const REGIONS = ['eu', 'us', 'apac'] as const
export const TIERS = ['basic', 'gold'] as const
export const SKUS = ['lamp', 'chair', 'desk'] as const

export type Region = (typeof REGIONS)[number]
export type Tier = (typeof TIERS)[number]
export type Sku = (typeof SKUS)[number]

/** What a customer asks for. */
export interface OrderRequest {
  readonly sku: Sku
  readonly quantity: number
  readonly region: Region
  readonly tier: Tier
}

export interface Order extends OrderRequest {
  readonly id: string
  status: 'paid' | 'payment deferred' | 'shipped'
}

/** How many orders are remembered; the oldest are forgotten, so that the example can run for weeks. */
const CAPACITY = 1_000

/** All orders, in memory. */
export class OrderBook {
  readonly #orders = new Map<string, Order>()

  place(request: OrderRequest, status: Order['status']): Order {
    const order: Order = { id: randomUUID(), ...request, status }
    this.#orders.set(order.id, order)
    for (const oldest of this.#orders.keys()) {
      if (this.#orders.size <= CAPACITY) break
      this.#orders.delete(oldest)
    }
    return order
  }

  find(id: string): Order | undefined {
    return this.#orders.get(id)
  }

  /** How many orders wait to be shipped. */
  get openCount(): number {
    let count = 0
    for (const order of this.#orders.values()) if (order.status !== 'shipped') count++
    return count
  }
}

/** The order in a request's body, or `undefined` where the body is no order. */
export function parseOrderRequest(body: unknown): OrderRequest | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { sku, quantity, region, tier } = body as Record<string, unknown>
  if (!isOneOf(SKUS, sku) || !isOneOf(REGIONS, region) || !isOneOf(TIERS, tier)) return undefined
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1 || quantity > 10) return undefined
  return { sku, quantity, region, tier }
}

function isOneOf<T extends string>(choices: readonly T[], value: unknown): value is T {
  return choices.some((choice) => choice === value)
}
