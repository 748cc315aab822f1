import { metrics as api } from '@opentelemetry/api'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { createMetrics, initMetrics } from '../../src/init'

const QUIET = { exporters: [], http: false, runtime: false, logger: false } as const

describe('the global MeterProvider', () => {
  afterEach(() => api.disable())

  it('is ours after initMetrics: what libraries record lands on the page', async () => {
    const metrics = initMetrics(QUIET)
    expect(api.getMeterProvider()).to.equal(metrics.meterProvider)
    const meter = api.getMeter('library', '3.0.0', { schemaUrl: 'https://s/1' })
    meter.createCounter('library.calls', { unit: '{call}', description: 'Calls' }).add(2, { 'call.kind': 'sync' })
    meter.createObservableGauge('library.queue.size').addCallback((result) => result.observe(7))
    const { body } = await metrics.render()
    expect(body).to.contain('# HELP library_calls_total Calls\n')
    expect(body).to.match(/^library_calls_total\{call_kind="sync"\} 2$/m)
    expect(body).to.match(/^library_queue_size 7$/m)
    await metrics.shutdown()
  })

  it('is no longer ours after shutdown, so that another can be', async () => {
    const first = initMetrics(QUIET)
    await first.shutdown()
    expect(api.getMeterProvider()).not.to.equal(first.meterProvider)
    const second = initMetrics(QUIET)
    expect(api.getMeterProvider()).to.equal(second.meterProvider)
    // The first service's end is over; it takes nothing of the second.
    await first.shutdown()
    expect(api.getMeterProvider()).to.equal(second.meterProvider)
    await second.shutdown()
  })

  it('is left alone by createMetrics', async () => {
    const before = api.getMeterProvider()
    const metrics = createMetrics(QUIET)
    expect(api.getMeterProvider()).to.equal(before)
    await metrics.shutdown()
    expect(api.getMeterProvider()).to.equal(before)
  })

  it('that was registered before stays, and is told of', async () => {
    const stock = new MeterProvider()
    api.setGlobalMeterProvider(stock)
    const warnings: string[] = []
    const logger = { info() {}, warn: (message: string) => void warnings.push(message), error() {} }
    const metrics = initMetrics({ ...QUIET, logger })
    expect(api.getMeterProvider()).to.equal(stock)
    expect(warnings).to.have.length(1)
    expect(warnings[0]).to.contain('another global MeterProvider is registered')
    await metrics.shutdown()
    expect(api.getMeterProvider()).to.equal(stock)
  })
})
