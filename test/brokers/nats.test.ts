import type { NatsConnection } from '@nats-io/transport-node'
import { expect } from 'chai'
import { until } from '../support/until'
import { natsServer } from './support/broker'
import { connectNats } from './support/nats'
import { withBroker } from './support/suite'

const MESSAGES = 10_000

describe('NATS', () => {
  const suite = withBroker(natsServer)
  let connection: NatsConnection
  beforeEach(async () => {
    connection = await connectNats(suite)
  })

  it('every message, by callback and by loop, with failures, and through a restart', async () => {
    const handle = suite.service.metrics.instrumentBus(connection, { name: 'nats' })
    let called = 0
    let failed = 0
    let looped = 0
    // Each is told twice: by mocha, too.
    const errors = new Set<unknown>()
    const onRejection = (error: unknown) => errors.add(error)
    process.on('unhandledRejection', onRejection)
    connection.subscribe('orders.*', {
      // The types allow a promise only where it never fulfils; the client takes any.
      callback: async (): Promise<never> => {
        called++
        if (called % 4 !== 0) return undefined as never
        failed++
        throw new RangeError('out of stock')
      },
    })
    const subscription = connection.subscribe('orders.placed')
    const loop = (async () => {
      for await (const _ of subscription) looped++
    })()
    let published = 0
    for (let half = 0; half < 2; half++) {
      for (let i = 0; i < MESSAGES / 2; i++) {
        connection.publish('orders.placed', 'text')
        published++
      }
      await connection.flush()
      await until('the messages', () => (looped === published && called === published ? true : undefined))
      if (half === 0) {
        await suite.broker.down('SIGKILL')
        await suite.broker.up()
        await until('the connection', () => connection.rtt().then(Boolean, () => undefined))
      }
    }
    for (const subject of ['', 'with space']) expect(() => connection.publish(subject)).to.throw()
    subscription.unsubscribe()
    await loop
    await until('the rejections, which stay unhandled', () => (errors.size === failed ? true : undefined))
    process.off('unhandledRejection', onRejection)

    expect(await suite.service.counts()).to.deep.equal({
      'events_published_total{bus="nats",topic="orders.placed"}': MESSAGES,
      'events_consumed_total{bus="nats",topic="orders.placed"}': MESSAGES,
      'events_published_total{bus="nats",topic="orders.*"}': 0,
      'events_consumed_total{bus="nats",topic="orders.*"}': MESSAGES - failed,
      'events_failed_total{bus="nats",reason="RangeError",topic="orders.*"}': failed,
      'events_in_flight{bus="nats",topic="orders.placed"}': 0,
      'events_in_flight{bus="nats",topic="orders.*"}': 0,
      'processing_duration_seconds_count{bus="nats",topic="orders.placed"}': MESSAGES,
      'processing_duration_seconds_count{bus="nats",topic="orders.*"}': MESSAGES,
      'events_published_total{bus="nats",topic=""}': 0,
      'events_consumed_total{bus="nats",topic=""}': 0,
      'events_failed_total{bus="nats",reason="InvalidSubjectError",topic=""}': 1,
      'events_published_total{bus="nats",topic="with space"}': 0,
      'events_consumed_total{bus="nats",topic="with space"}': 0,
      'events_failed_total{bus="nats",reason="InvalidSubjectError",topic="with space"}': 1,
    })
    handle.stop()
    for (const key of ['publish', 'request', 'requestMany', 'subscribe'])
      expect(Object.hasOwn(connection, key), key).to.equal(false)
    expect(await suite.service.counts()).to.deep.equal({})
  })

  it('a request is published when it is answered; a closed connection publishes nothing', async () => {
    suite.service.metrics.instrumentBus(connection, { name: 'nats', bytes: true })
    connection.subscribe('square', { callback: (_, message) => void message.respond('49') })
    await connection.request('square', '7')
    const failures: unknown[] = []
    for (const subject of ['nobody', 'square']) {
      await connection.request(subject, '7', { timeout: 20_000 }).catch((error: unknown) => failures.push(error))
      if (subject === 'nobody') await connection.close()
    }
    expect(() => connection.publish('square')).to.throw('closed')
    expect(failures).to.have.length(2)
    expect(await suite.service.counts()).to.deep.equal({
      'events_published_total{bus="nats",topic="square"}': 1,
      'events_consumed_total{bus="nats",topic="square"}': 1,
      'events_failed_total{bus="nats",reason="ClosedConnectionError",topic="square"}': 2,
      'processing_duration_seconds_count{bus="nats",topic="square"}': 1,
      'bytes_total{bus="nats",operation="publish",topic="square"}': 2,
      'bytes_total{bus="nats",operation="process",topic="square"}': 1,
      'events_published_total{bus="nats",topic="nobody"}': 0,
      'events_consumed_total{bus="nats",topic="nobody"}': 0,
      'events_failed_total{bus="nats",reason="RequestError",topic="nobody"}': 1,
      'bytes_total{bus="nats",operation="publish",topic="nobody"}': 1,
    })
  })
})
