/**
 * A service on BullMQ: orders are added to a queue and packed by a worker, which fails now and then and tries three times.
 * `npm run example:bullmq` starts it.
 *
 * Environment: REDIS_PORT (of 127.0.0.1; 6379), METRICS_PORT (9464).
 */
import { Queue, Worker } from 'bullmq'
import { initMetrics } from 'meterkit'

async function main(): Promise<void> {
  const metrics = initMetrics({
    serviceName: 'packing',
    prometheus: { port: Number(process.env.METRICS_PORT ?? 9464) },
  })
  const { url } = await metrics.ready()
  const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT ?? 6379), maxRetriesPerRequest: null }
  const queue = new Queue('orders', { connection, defaultJobOptions: { attempts: 3, removeOnComplete: true } })
  const worker = new Worker('orders', pack, { connection, autorun: false })
  metrics.instrumentAll({ buses: { shop: queue, warehouse: worker } })

  const customers = setInterval(() => void queue.add('pack', { item: 'lamp' }).catch(console.error), 100)
  const packing = worker.run()
  console.log(`Orders are packed. Their metrics are at ${url}`)

  const stop = async () => {
    clearInterval(customers)
    await worker.close()
    await packing
    await queue.close()
    await metrics.shutdown()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
}

async function pack(): Promise<void> {
  if (Math.random() < 0.1) throw new Error('out of paper')
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
