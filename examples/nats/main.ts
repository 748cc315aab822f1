/**
 * A service on NATS: orders are published in a JetStream stream and packed by a worker, which drops one now and then.
 * `npm run example:nats` starts it.
 *
 * Environment: NATS_URL (127.0.0.1:4222), METRICS_PORT (9464).
 */
import { AckPolicy, jetstream, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { initMetrics } from 'meterkit'

async function main(): Promise<void> {
  const metrics = initMetrics({
    serviceName: 'packing',
    prometheus: { port: Number(process.env.METRICS_PORT ?? 9464) },
  })
  const { url } = await metrics.ready()
  const connection = await connect({ servers: process.env.NATS_URL ?? '127.0.0.1:4222' })
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders.*'], retention: RetentionPolicy.Workqueue })
  await manager.consumers.add('ORDERS', { durable_name: 'packer', ack_policy: AckPolicy.Explicit, max_deliver: 3 })

  const stream = jetstream(connection)
  metrics.instrumentBus(stream, { name: 'orders', patterns: ['orders.*'] })

  let number = 0
  const customers = setInterval(() => void stream.publish(`orders.${number++}`, 'lamp').catch(console.error), 100)
  const packer = await stream.consumers.get('ORDERS', 'packer')
  const orders = await packer.consume()
  void (async () => {
    for await (const order of orders) {
      if (Math.random() < 0.1) order.nak()
      else order.ack()
    }
  })()
  console.log(`Orders are packed. Their metrics are at ${url}`)

  const stop = async () => {
    clearInterval(customers)
    await orders.close()
    await connection.drain()
    await metrics.shutdown()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
