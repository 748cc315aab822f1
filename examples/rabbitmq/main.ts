/**
 * A service on RabbitMQ: orders are published with confirms and packed by a worker, which cannot pack one now and then
 * and has RabbitMQ put that aside. `npm run example:rabbitmq` starts it.
 *
 * Environment: AMQP_URL (amqp://127.0.0.1), METRICS_PORT (9464).
 */
import { connect } from 'amqplib'
import { initMetrics } from 'meterkit'

async function main(): Promise<void> {
  const metrics = initMetrics({
    serviceName: 'packing',
    prometheus: { port: Number(process.env.METRICS_PORT ?? 9464) },
  })
  const { url } = await metrics.ready()
  const connection = await connect(process.env.AMQP_URL ?? 'amqp://127.0.0.1')
  // Before channels are made: all that the connection makes from now on are measured.
  metrics.instrumentBus(connection, { name: 'orders' })

  const shop = await connection.createConfirmChannel()
  await shop.assertQueue('orders')
  const customers = setInterval(() => shop.sendToQueue('orders', Buffer.from('lamp')), 100)
  const warehouse = await connection.createChannel()
  await warehouse.prefetch(10)
  await warehouse.consume('orders', (order) => {
    if (order === null) return
    if (Math.random() < 0.1) warehouse.reject(order, false)
    else warehouse.ack(order)
  })
  console.log(`Orders are packed. Their metrics are at ${url}`)

  const stop = async () => {
    clearInterval(customers)
    await shop.waitForConfirms()
    await connection.close()
    await metrics.shutdown()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
