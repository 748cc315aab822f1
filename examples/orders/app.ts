import { setTimeout as delay } from 'node:timers/promises'
import express, { type ErrorRequestHandler, type Express } from 'express'
import type { Bus } from './events'
import type { ShopMetrics } from './metrics'
import { type OrderBook, parseOrderRequest } from './orders'
import type { PaymentBreaker } from './payments'
import { traceRequest } from './tracing'
import type { Warehouse } from './warehouse'

export interface AppParts {
  readonly book: OrderBook
  readonly warehouse: Warehouse
  readonly payments: PaymentBreaker
  readonly bus: Bus
  readonly metrics: ShopMetrics
}

/** The shop's API. Nothing in it measures HTTP: meterkit does. */
export function createApp({ book, warehouse, payments, bus, metrics }: AppParts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(traceRequest)
  app.use(express.json())

  app.post('/orders', async (request, response) => {
    const wanted = parseOrderRequest(request.body)
    if (!wanted) {
      response.status(400).json({ error: 'an order needs sku, quantity (1 to 10), region and tier' })
      return
    }
    if (!warehouse.take(wanted.sku, wanted.quantity)) {
      response.status(409).json({ error: `${wanted.sku} is sold out` })
      return
    }
    metrics.stock.set(warehouse.units(wanted.sku), { sku: wanted.sku })
    if (warehouse.isLow(wanted.sku)) bus.emit('stock.low', wanted.sku)

    const receipt = await metrics.chargeDuration.time(() => payments.fire({ units: wanted.quantity }))
    const order = book.place(wanted, receipt.status === 'paid' ? 'paid' : 'payment deferred')
    metrics.placed.add(1, { region: order.region, tier: order.tier })
    bus.emit('order.placed', order)
    response.status(receipt.status === 'paid' ? 201 : 202).json(order)
  })

  app.get('/orders/:id', (request, response) => {
    const order = book.find(request.params.id)
    if (order) response.json(order)
    else response.status(404).json({ error: 'no such order' })
  })

  app.post('/orders/:id/shipment', (request, response) => {
    const order = book.find(request.params.id)
    if (!order) {
      response.status(404).json({ error: 'no such order' })
      return
    }
    order.status = 'shipped'
    bus.emit('order.shipped', order)
    response.json(order)
  })

  // Slow, so that clients lose patience: meterkit counts them with status_code="499".
  app.get('/report', async (_request, response) => {
    await delay(400)
    response.json({ openOrders: book.openCount })
  })

  app.get('/health', (_request, response) => {
    response.json({ status: 'ok', payments: payments.opened ? 'deferred' : 'taken' })
  })

  app.use(answerError)
  return app
}

const answerError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) {
    next(error)
    return
  }
  const status = (error as { status?: unknown } | null)?.status
  const isClientError = typeof status === 'number' && status >= 400 && status < 500
  response.status(isClientError ? status : 500).json({ error: isClientError ? 'bad request' : 'internal error' })
}
