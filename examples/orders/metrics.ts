import type { Counter as OtelCounter } from '@opentelemetry/api'
import type { Counter, Gauge, Histogram, MetricsService } from 'meterkit'
import type { OrderBook } from './orders'

/** The shop's own metrics: what no library can know. */
export interface ShopMetrics {
  readonly placed: Counter<'region' | 'tier'>
  readonly stock: Gauge<'sku'>
  /** Recorded as a library would that speaks OpenTelemetry, whose names have dots. */
  readonly refills: OtelCounter
  readonly chargeDuration: Histogram
}

export function createShopMetrics(metrics: MetricsService, book: OrderBook): ShopMetrics {
  metrics.observableGauge({
    name: 'orders_open',
    help: 'Orders that wait to be shipped.',
    callback: (result) => result.observe(book.openCount),
  })
  return {
    placed: metrics.counter({
      name: 'orders_placed_total',
      help: 'Orders placed.',
      labelNames: ['region', 'tier'],
    }),
    stock: metrics.gauge({
      name: 'warehouse_stock_units',
      help: 'Units on the shelves.',
      labelNames: ['sku'],
    }),
    refills: metrics.meterProvider.getMeter('warehouse').createCounter('warehouse.refills', {
      description: 'Deliveries that filled a shelf again.',
    }),
    chargeDuration: metrics.histogram({
      name: 'charge_duration_seconds',
      help: 'How long customers waited for their payment to be taken or deferred.',
      unit: 's',
      native: true, // for a Prometheus that takes native histograms; the buckets are for all others
      buckets: [0.001, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    }),
  }
}
