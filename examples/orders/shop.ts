import type { Express } from 'express'
import type { MetricsService } from 'meterkit'
import { createApp } from './app'
import { type Bus, createBus, subscribe } from './events'
import { createShopMetrics } from './metrics'
import { OrderBook, SKUS, type Sku } from './orders'
import { createProvider, type Health, type PaymentBreaker, protectPayments } from './payments'
import type { Random } from './random'
import { Warehouse } from './warehouse'

export interface Shop {
  readonly app: Express
  readonly bus: Bus
  readonly payments: PaymentBreaker
  close(): void
}

export interface ShopOptions {
  readonly random: Random
  /** How the payment provider is doing. */
  readonly health: () => Health
  /** How long the breaker stays open before it tries the provider again. Default: 5 s. */
  readonly resetTimeoutMs?: number
}

/** Puts the shop together and has its bus and its breaker measured. */
export function createShop(metrics: MetricsService, { random, health, ...breakerOptions }: ShopOptions): Shop {
  const book = new OrderBook()
  const warehouse = new Warehouse()
  const shopMetrics = createShopMetrics(metrics, book)
  const showStock = (sku: Sku) => shopMetrics.stock.set(warehouse.units(sku), { sku })
  SKUS.forEach(showStock)

  const bus = createBus()
  metrics.instrumentBus(bus, { name: 'shop', topics: ['order.placed', 'order.shipped', 'stock.low'] })
  const onRefill = (sku: Sku) => {
    shopMetrics.refills.add(1, { sku })
    showStock(sku)
  }
  subscribe(bus, warehouse, onRefill, random)

  const payments = protectPayments(createProvider(random, health), breakerOptions)
  metrics.instrumentBreaker(payments, { name: 'payments' })

  return {
    app: createApp({ book, warehouse, payments, bus, metrics: shopMetrics }),
    bus,
    payments,
    close: () => payments.shutdown(),
  }
}
