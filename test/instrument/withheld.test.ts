import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import { createMetrics, type MetricsService } from '../../src/init'
import { processDuration } from '../../src/instrument/bus/messaging.metrics'
import { samplesOf } from '../support/page'

describe("messages that OpenTelemetry's instrumentations measure, too", () => {
  let metrics: MetricsService
  beforeEach(() => {
    metrics = createMetrics({ exporters: [], http: false, runtime: false })
  })
  afterEach(() => metrics.shutdown())

  /** Everything under the names of the conventions, by what the attributes tell of the system. */
  async function counts(): Promise<Record<string, number>> {
    const found: Record<string, number> = {}
    for (const [series, value] of samplesOf((await metrics.render()).body)) {
      const name = /^(messaging_.*?)(_total|_count)\{/.exec(series)?.[1]
      const system = /messaging_system="(\w+)"/.exec(series)?.[1]
      if (name !== undefined) found[`${name} ${system}`] = (found[`${name} ${system}`] ?? 0) + value
    }
    return found
  }

  it('are withheld of a system while a bus of it is measured under the same names', async () => {
    const meter = metrics.meterProvider.getMeter('instrumentation')
    const sent = meter.createCounter('messaging.client.sent.messages')
    const processed = meter.createHistogram('messaging.process.duration', {
      unit: 's',
      advice: { explicitBucketBoundaries: [...(processDuration.buckets ?? [])] },
    })
    const record = () => {
      for (const system of ['nodejs', 'kafka']) {
        sent.add(1, { 'messaging.system': system })
        processed.record(0.1, { 'messaging.system': system })
      }
    }
    const bus = new EventEmitter()
    bus.on('placed', () => {})
    record()
    const handle = metrics.instrumentBus(bus, { name: 'orders', semconv: true })
    bus.emit('placed')
    record()
    const client = 'messaging_client'
    expect(await counts()).to.deep.equal({
      [`${client}_sent_messages nodejs`]: 2,
      [`${client}_sent_messages kafka`]: 2,
      [`${client}_consumed_messages nodejs`]: 1,
      [`${client}_operation_duration_seconds nodejs`]: 1,
      'messaging_process_duration_seconds nodejs': 2,
      'messaging_process_duration_seconds kafka': 2,
    })
    handle.stop()
    record()
    expect(await counts()).to.deep.equal({
      [`${client}_sent_messages nodejs`]: 2,
      [`${client}_sent_messages kafka`]: 3,
      'messaging_process_duration_seconds nodejs': 2,
      'messaging_process_duration_seconds kafka': 3,
    })
  })

  it('are kept where the bus is not measured under those names, and without attributes', async () => {
    metrics.instrumentBus(new EventEmitter(), { name: 'orders' })
    const sent = metrics.meterProvider.getMeter('instrumentation').createCounter('messaging.client.sent.messages')
    sent.add(1, { 'messaging.system': 'nodejs' })
    sent.add(1)
    // An application in JavaScript may give anything.
    expect(() => sent.add(1, null as never)).not.to.throw()
    const counts = await metrics.render()
    expect(counts.body).to.include('messaging_client_sent_messages_total{messaging_system="nodejs"} 1\n')
    expect(counts.body).to.include('messaging_client_sent_messages_total 2\n')
  })
})
