import { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Order, Sku } from './orders'
import type { Random } from './random'
import type { Warehouse } from './warehouse'

/** What happens in the shop, by topic. */
export interface ShopEvents {
  'order.placed': [order: Order]
  'order.shipped': [order: Order]
  'stock.low': [sku: Sku]
  error: [error: unknown]
}

export type Bus = EventEmitter<ShopEvents>

/** A bus whose listeners may be async: what they reject with arrives at `error` instead of ending the process. */
export function createBus(): Bus {
  const bus: Bus = new EventEmitter({ captureRejections: true })
  // Nothing to do: meterkit counts it in message_bus_events_failed_total. A real shop would try again.
  bus.on('error', () => {})
  return bus
}

/** The parts of the shop that work in the background. */
export function subscribe(bus: Bus, warehouse: Warehouse, onRefill: (sku: Sku) => void, random: Random): void {
  bus.on('order.placed', async function printInvoice() {
    await delay(5 + random() * 20)
  })

  bus.on('order.placed', async function sendEmail(order) {
    await delay(10 + random() * 50)
    if (random() < 0.1) throw new Error(`mail server is busy, order ${order.id} is not confirmed`)
  })

  bus.on('order.shipped', async function sendTracking() {
    await delay(5 + random() * 10)
  })

  bus.on('stock.low', async function refill(sku) {
    await delay(200)
    warehouse.refill(sku)
    onRefill(sku)
  })
}
