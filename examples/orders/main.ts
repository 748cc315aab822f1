/**
 * A shop that is measured: an Express API, an event bus, a circuit breaker around a flaky payment provider, and
 * customers. `npm start` runs it.
 *
 * Environment: PORT (of the API; default: a free one), METRICS_PORT (9464), REQUESTS_PER_SECOND (5), CYCLE_SECONDS
 * (how often the payment provider breaks down and recovers; 60), SEED (of everything that is left to chance; 1).
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { initMetrics } from 'meterkit'
import { healthCycle } from './payments'
import { seededRandom } from './random'
import { createShop } from './shop'
import { startTracing } from './tracing'
import { startTraffic } from './traffic'

async function main(): Promise<void> {
  const random = seededRandom(setting('SEED', 1))
  const health = healthCycle(setting('CYCLE_SECONDS', 60, 1) * 1_000)
  const requestsPerSecond = setting('REQUESTS_PER_SECOND', 5)
  const port = setting('PORT', 0)

  startTracing()
  const metrics = initMetrics({
    serviceName: 'orders',
    // Prometheus 3 gets names with dots as they are, older versions with underscores.
    prometheus: { port: setting('METRICS_PORT', 9464), translationStrategy: 'NoUTF8EscapingWithSuffixes' },
  })
  const endpoint = await metrics.ready()

  const shop = createShop(metrics, { random, health })
  const server = createServer(shop.app).listen(port, 'localhost')
  await once(server, 'listening')
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  const traffic = startTraffic({ url, random, requestsPerSecond })

  console.log(guide(url, endpoint.url))

  const stop = async () => {
    await traffic.stop()
    server.close()
    await once(server, 'close')
    shop.close()
    await metrics.shutdown()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
}

function setting(name: string, fallback: number, least = 0): number {
  const text = process.env[name]
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (Number.isFinite(value) && value >= least) return value
  throw new Error(
    `Cannot start "orders": ${name} must be a number from ${least}, got ${JSON.stringify(text)}. Unset it or mend it.`,
  )
}

function guide(shopUrl: string, metricsUrl: string): string {
  return `
The shop is open:  ${shopUrl}/health  (customers come by themselves)
Its metrics are at ${metricsUrl}

What to look at, again and again:
  http_requests_total              requests by method, route and status; 499 are customers who lost patience
  http_request_duration_seconds    how long they took
  message_bus_events_failed_total  the mail server is busy now and then
  circuit_breaker_state            0 closed, 1 open, 2 half-open: payments break down and recover every minute
  orders_placed_total              the shop's own counter, by region and tier

  curl -s ${metricsUrl} | grep -E '^(circuit_breaker_state|orders_placed_total|http_requests_total)'
`
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
