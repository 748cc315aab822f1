import { expect } from 'chai'
import { connectAsync } from 'mqtt'
import { until } from '../support/until'
import { mosquitto } from './support/broker'
import { withBroker } from './support/suite'

const MESSAGES = 10_000

describe('MQTT.js', () => {
  const suite = withBroker(mosquitto)
  const connect = async (clientId: string) => {
    const client = await connectAsync({
      protocol: 'mqtt',
      host: '127.0.0.1',
      port: suite.broker.port,
      clientId,
      clean: false,
      reconnectPeriod: 50,
    })
    client.on('error', () => {})
    suite.closing(() => client.endAsync(true))
    return client
  }

  it('every message, under the filter it came through, with failures, and through a restart', async () => {
    const publisher = await connect('publisher')
    const subscriber = await connect('subscriber')
    const handle = suite.service.metrics.instrumentBus(publisher, { name: 'mqtt', patterns: ['user/+/status'] })
    suite.service.metrics.instrumentBus(subscriber, { name: 'mqtt' })
    const tally = { published: 0, refused: 0, received: 0, failed: 0, again: 0 }
    const rejected = new Set<unknown>()
    const onRejection = (error: unknown) => rejected.add(error)
    process.on('unhandledRejection', onRejection)
    const plain = new Set<string>()
    subscriber.on('message', async (topic, body, packet) => {
      tally.received++
      if (topic === 'plain') plain.add(body.toString())
      if (packet.dup) tally.again++
      if (Number(body.toString()) % 5 === 0) {
        tally.failed++
        throw new RangeError('out of stock')
      }
    })
    await subscriber.subscribeAsync(['user/+/status', 'plain'], { qos: 1 })

    const publish = async (i: number) => {
      try {
        await publisher.publishAsync(`user/${i % 500}/status`, String(i), { qos: 1 })
        tally.published++
      } catch {
        tally.refused++
      }
    }
    for (let i = 0; i < MESSAGES; i += 500) {
      const batch = Array.from({ length: 500 }, (_, at) => publish(i + at))
      if (i === MESSAGES / 2) {
        await suite.broker.down()
        await suite.broker.up()
      }
      await Promise.all(batch)
    }
    await publisher.publishAsync('plain', '1', { qos: 2 })
    // The broker delivers in order, so that what came twice has come when the last one has.
    await until('the messages', () => (plain.has('1') ? true : undefined), { timeoutMs: 60_000 })
    publisher.publish('plain', '2')
    await until('the message without an acknowledgement', () => (plain.has('2') ? true : undefined))
    await until('rejections that stay unhandled', () => (rejected.size === tally.failed ? true : undefined))
    process.off('unhandledRejection', onRejection)
    await publisher.endAsync()
    expect(() => publisher.publish('plain', 'late', (error) => expect(error).to.be.instanceOf(Error))).not.to.throw()
    await until('the refusal', async () =>
      (await suite.service.total('events_failed_total', { topic: 'plain' })) === 1 ? true : undefined,
    )

    expect(await suite.service.counts()).to.deep.equal({
      'events_published_total{bus="mqtt",topic="user/+/status"}': tally.published,
      'events_consumed_total{bus="mqtt",topic="user/+/status"}': tally.received - 2 - tally.failed,
      'events_failed_total{bus="mqtt",reason="RangeError",topic="user/+/status"}': tally.failed,
      ...(tally.again > 0 && { 'redeliveries_total{bus="mqtt",topic="user/+/status"}': tally.again }),
      'events_in_flight{bus="mqtt",topic="user/+/status"}': 0,
      'processing_duration_seconds_count{bus="mqtt",topic="user/+/status"}': tally.received - 2,
      'events_published_total{bus="mqtt",topic="plain"}': 2,
      'events_consumed_total{bus="mqtt",topic="plain"}': 2,
      'events_failed_total{bus="mqtt",reason="Error",topic="plain"}': 1,
      'events_in_flight{bus="mqtt",topic="plain"}': 0,
      'processing_duration_seconds_count{bus="mqtt",topic="plain"}': 2,
    })
    expect(tally.published).to.equal(MESSAGES)
    handle.stop()
    for (const key of ['publish', 'subscribe', 'unsubscribe', 'emit'])
      expect(Object.hasOwn(publisher, key), key).to.equal(false)
  })
})
