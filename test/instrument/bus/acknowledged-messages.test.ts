import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import { array, assert, asyncProperty, boolean, constantFrom, nat, record } from 'fast-check'
import { settled } from '../../support/deferred'
import { BusHarness } from './bus-harness'

interface Message {
  readonly fields: { deliveryTag: number; redelivered: boolean; exchange: string; routingKey: string }
}

/** A channel of amqplib as far as those see it who consume. */
class ChannelDouble extends EventEmitter {
  deliver: (message: Message) => unknown = () => {}
  consume(_queue: string, handler: (message: Message) => unknown): void {
    this.deliver = handler
  }
  publish(): boolean {
    return true
  }
  sendToQueue(): void {}
  get(): void {}
  ack(_message: Message, _allUpTo?: boolean): void {}
  ackAll(): void {}
  nack(_message: Message, _allUpTo?: boolean, _requeue?: boolean): void {}
  nackAll(): void {}
  reject(_message: Message, _requeue?: boolean): void {}
  recover(): void {}
  bindQueue(): void {}
  checkQueue(): void {}
}

/** What becomes of one message. */
class Life {
  readonly work = Promise.withResolvers<void>()
  readonly message: Message
  isHandled = false
  isAcknowledged = false
  end: 'open' | 'consumed' | string = 'open'

  constructor(deliveryTag: number, isAsync: boolean) {
    this.message = { fields: { deliveryTag, redelivered: false, exchange: '', routingKey: 'orders' } }
    this.isHandled = !isAsync
  }

  settle(): void {
    if (this.end === 'open' && this.isHandled && this.isAcknowledged) this.end = 'consumed'
  }

  fail(reason: string): void {
    if (this.end === 'open') this.end = reason
  }
}

describe('messages that are acknowledged', () => {
  let harness: BusHarness
  beforeEach(() => {
    harness = new BusHarness()
  })
  afterEach(() => harness.close())

  const countsOf = (lives: readonly Life[], alsoConsumed = 0) => {
    const ends = lives.map(({ end }) => end)
    const count = (end: string) => ends.filter((one) => one === end).length
    const failed = ['Error', 'nack', 'reject', 'unacknowledged']
      .filter((reason) => count(reason) > 0)
      .map((reason) => [`events_failed_total{reason="${reason}",topic="orders"}`, count(reason)])
    const closed = ends.length - count('open') + alsoConsumed
    return {
      'events_published_total{topic="orders"}': 0,
      'events_consumed_total{topic="orders"}': count('consumed') + alsoConsumed,
      ...Object.fromEntries(failed),
      'events_in_flight{topic="orders"}': count('open'),
      ...(closed > 0 && { 'processing_duration_seconds_count{topic="orders"}': closed }),
    }
  }

  it('count once each, whatever order their handlers and acknowledgements come in, and however often', async () => {
    const step = record({
      what: constantFrom('deliver', 'resolve', 'reject', 'ack', 'ackUpTo', 'nack', 'refuse', 'close'),
      which: nat(),
      isAsync: boolean(),
      gap: constantFrom(1, 1, 1, 3, 16, 5_000),
    })
    await assert(
      asyncProperty(array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
        const channel = new ChannelDouble()
        const handle = harness.instrument(channel)
        const lives: Life[] = []
        channel.consume('orders', (message) => {
          const life = lives.find((one) => one.message === message)
          return life?.isHandled === false ? life.work.promise : undefined
        })
        let tag = 0
        for (const { what, which, isAsync, gap } of steps) {
          if (what === 'deliver' || lives.length === 0) {
            tag += gap
            const life = new Life(tag, isAsync)
            lives.push(life)
            channel.deliver(life.message)
            life.settle()
            continue
          }
          const life = lives[which % lives.length] as Life
          const { message } = life
          const isOpenAtBroker = (one: Life) => one.end === 'open' && !one.isAcknowledged
          if (what === 'resolve' && !life.isHandled) {
            life.work.resolve()
            life.isHandled = true
            life.settle()
          } else if (what === 'reject' && !life.isHandled) {
            life.work.promise.catch(() => {})
            life.work.reject(new Error('handler'))
            life.isHandled = true
            life.fail('Error')
          } else if (what === 'ack') {
            channel.ack(message)
            if (isOpenAtBroker(life)) life.isAcknowledged = true
            life.settle()
          } else if (what === 'ackUpTo') {
            channel.ack(message, true)
            for (const one of lives) {
              if (one.message.fields.deliveryTag > message.fields.deliveryTag || !isOpenAtBroker(one)) continue
              one.isAcknowledged = true
              one.settle()
            }
          } else if (what === 'nack') {
            channel.nack(message)
            if (isOpenAtBroker(life)) life.fail('nack')
          } else if (what === 'refuse') {
            channel.reject(message, true)
            if (isOpenAtBroker(life)) life.fail('reject')
          } else if (what === 'close' && which % 4 === 0) {
            channel.emit('close')
            for (const one of lives) if (isOpenAtBroker(one)) one.fail('unacknowledged')
          }
          await settled()
        }
        expect(await harness.counts()).to.deep.equal(countsOf(lives))
        handle.stop()
      }),
      { numRuns: 150 },
    )
  })

  it('count however many thousands come between, and are lost beyond a hundred thousand', async () => {
    const channel = new ChannelDouble()
    harness.instrument(channel)
    channel.consume('orders', () => {})
    const message = (deliveryTag: number): Message => new Life(deliveryTag, false).message
    const deliver = (from: number, to: number) => {
      for (let tag = from; tag <= to; tag++) channel.deliver(message(tag))
    }
    deliver(1, 3)
    for (let tag = 4; tag <= 20_000; tag++) {
      channel.deliver(message(tag))
      channel.ack(message(tag))
    }
    expect(await harness.counts()).to.include({ 'events_in_flight{topic="orders"}': 3 })
    channel.ack(message(2))
    channel.ack(message(2))
    expect(await harness.counts()).to.include({
      'events_consumed_total{topic="orders"}': 19_998,
      'events_in_flight{topic="orders"}': 2,
    })
    deliver(20_001, 120_000)
    expect(await harness.counts(), 'the first two are taken for lost').to.include({
      'events_failed_total{reason="unacknowledged",topic="orders"}': 2,
      'events_in_flight{topic="orders"}': 100_000,
    })
    channel.ack(message(120_000), true)
    expect(await harness.counts()).to.include({
      'events_consumed_total{topic="orders"}': 119_998,
      'events_in_flight{topic="orders"}': 0,
    })
  })

  it('fail where a channel counts from one again', async () => {
    const channel = new ChannelDouble()
    harness.instrument(channel)
    channel.consume('orders', () => {})
    for (let connection = 0; connection < 2; connection++) channel.deliver(new Life(1, false).message)
    expect(await harness.counts()).to.include({
      'events_failed_total{reason="redelivered",topic="orders"}': 1,
      'events_in_flight{topic="orders"}': 1,
    })
  })
})
