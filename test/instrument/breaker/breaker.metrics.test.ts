import { mock } from 'node:test'
import { expect } from 'chai'
import CircuitBreaker from 'opossum'
import { createMetrics } from '../../../src/init'
import { instrumentBreaker } from '../../../src/instrument/breaker/instrument-breaker'
import { DeferredFunction } from '../../support/deferred'
import { expositionComment, pageOf } from '../../support/exposition-comment'

describe('breaker.metrics', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] }))
  afterEach(() => mock.timers.reset())

  it('produces the exposition that its comment shows', async () => {
    const metrics = createMetrics({ serviceName: 'test', exporters: [], http: false, runtime: false })
    const charge = new DeferredFunction<string>()
    const breaker = new CircuitBreaker(charge.call, { timeout: 100, errorThresholdPercentage: 60 })
    breaker.fallback(() => 'deferred')
    instrumentBreaker(metrics, breaker, { name: 'payments' })

    const served = breaker.fire()
    mock.timers.tick(20)
    charge.resolve('paid')
    expect(await served).to.equal('paid')

    const failed = breaker.fire()
    mock.timers.tick(40)
    charge.reject(new Error('declined'))
    expect(await failed).to.equal('deferred')

    const timedOut = breaker.fire()
    mock.timers.tick(100)
    expect(await timedOut).to.equal('deferred')

    expect(breaker.opened).to.equal(true)
    expect(await breaker.fire()).to.equal('deferred')

    expect(pageOf((await metrics.render()).body, 'circuit_breaker_')) //
      .to.equal(expositionComment('src/instrument/breaker/breaker.metrics.ts'))
    breaker.shutdown()
    await metrics.shutdown()
  })
})
