import { expect } from 'chai'
import { createMetrics } from '../src/init'
import { lines, samples } from './support/exposition-house'

const PLAIN = { runtime: false, selfMetrics: false, http: false, logger: false } as const

describe('The options of the page', () => {
  it('let names of any characters through to a scraper that takes them, in both front doors', async () => {
    const metrics = createMetrics({
      ...PLAIN,
      serviceName: 'orders',
      constantLabels: { 'k.1': 'v' },
      prometheus: { server: false, translationStrategy: 'NoUTF8EscapingWithSuffixes' },
    })
    metrics.gauge({ name: 'größe' }).set(1)
    metrics.meterProvider.getMeter('m').createCounter('jobs.done').add(2, { 'a.b': 'c' })
    const page = await metrics.render('text/plain;version=1.0.0;escaping=allow-utf-8')
    expect(page.contentType).to.equal('text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8')
    expect(samples(page.body).slice(1)).to.deep.equal([
      '{"größe","k.1"="v"} 1',
      '{"jobs.done_total","k.1"="v","a.b"="c"} 2',
    ])
    expect(samples((await metrics.render()).body).slice(1)).to.deep.equal([
      'gr__e{k_1="v"} 1',
      'jobs_done_total{k_1="v",a_b="c"} 2',
    ])
    await metrics.shutdown()
  })

  it('leave names plain by default, and refuse others of the service itself', async () => {
    const metrics = createMetrics({ ...PLAIN, prometheus: { server: false } })
    expect(() => metrics.gauge({ name: 'größe' })).to.throw('Write "gr_e".')
    metrics.meterProvider.getMeter('m').createCounter('jobs.done').add(2)
    const { body } = await metrics.render('text/plain;version=1.0.0;escaping=allow-utf-8')
    expect(body.endsWith(lines('# TYPE jobs_done_total counter', 'jobs_done_total 2'))).to.equal(true)
    await metrics.shutdown()
  })

  it('have OpenMetrics tell when series began to count', async () => {
    const metrics = createMetrics({ ...PLAIN, prometheus: { server: false, created: true } })
    const before = Date.now()
    metrics.counter({ name: 'jobs_total' }).add()
    const { body } = await metrics.render('application/openmetrics-text')
    const created = 1_000 * Number(/^jobs_created (.*)$/m.exec(body)?.[1])
    expect(created).to.be.within(before - 1, Date.now() + 1)
    await metrics.shutdown()
  })
})
