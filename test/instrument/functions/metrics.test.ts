import { mock } from 'node:test'
import { expect } from 'chai'
import { createMetrics } from '../../../src/init'
import { expositionComment, pageOf } from '../../support/exposition-comment'

describe('functions.metrics and jobs.metrics', () => {
  afterEach(() => mock.restoreAll())

  it('produce the expositions that their comments show', async () => {
    let nowMs = 0
    mock.method(performance, 'now', () => nowMs)
    mock.method(Date, 'now', () => 1_767_323_045_000 + nowMs)
    const metrics = createMetrics({ exporters: [], http: false, runtime: false, logger: false })
    const took = (ms: number, fail: boolean) => {
      nowMs += ms
      if (fail) throw new RangeError('too much')
    }
    const charge = metrics.measure('charge', took)
    charge(30, false)
    expect(() => charge(200, true)).to.throw(RangeError)
    const wait = new Promise(() => {})
    void metrics.measure('charge', () => wait)()
    const cleanUp = metrics.measureJob('clean-up', took)
    cleanUp(45_000, false)
    expect(() => cleanUp(2_000, true)).to.throw(RangeError)
    const { body } = await metrics.render()
    await metrics.shutdown()
    expect(pageOf(body, 'function_')).to.equal(expositionComment('src/instrument/functions/functions.metrics.ts'))
    expect(pageOf(body, 'job_')).to.equal(expositionComment('src/instrument/functions/jobs.metrics.ts'))
  })
})
