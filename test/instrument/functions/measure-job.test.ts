import { expect } from 'chai'
import { measureJob } from '../../../src/instrument/functions/measure-job'
import { DeferredFunction } from '../../support/deferred'
import { TestService } from '../../support/test-service'
import { Declined, measuredBy } from './support'

describe('measureJob', () => {
  let service: TestService
  beforeEach(() => {
    service = new TestService()
  })

  const job = (runs: number, seconds: number, running = 0) => ({
    'job_duration_seconds clean-up': seconds,
    'job_runs_total clean-up': runs,
    'job_running clean-up': running,
  })

  it('shows a job before it runs, without a success that it never had', async () => {
    measureJob(service.metrics, 'clean-up', () => {})
    expect(await measuredBy(service)).to.deep.equal(job(0, 0))
  })

  it('tells when the last success was, and keeps telling it when a run fails', async () => {
    const work = new DeferredFunction<string>()
    const cleanUp = measureJob(service.metrics, 'clean-up', () => work.call())
    const first = cleanUp()
    expect(await measuredBy(service)).to.deep.equal(job(0, 0, 1))
    service.clock.advance(90_000)
    work.resolve('done')
    expect(await first).to.equal('done')
    const succeededAt = service.clock.nowMs() / 1_000
    expect(await measuredBy(service)).to.deep.equal({
      ...job(1, 90),
      'job_last_success_timestamp_seconds clean-up': succeededAt,
    })
    const second = cleanUp()
    service.clock.advance(10_000)
    const failure = new Declined('secret')
    work.reject(failure)
    expect(await second.catch((error: unknown) => error)).to.equal(failure)
    expect(await measuredBy(service)).to.deep.equal({
      ...job(2, 100),
      'job_failures_total clean-up Declined': 1,
      'job_last_success_timestamp_seconds clean-up': succeededAt,
    })
  })

  it('shows runs that overlap, and measures synchronous ones and their arguments', async () => {
    const work = new DeferredFunction<void>()
    const overlapping = measureJob(service.metrics, 'clean-up', () => work.call())
    const runs = [overlapping(), overlapping()]
    expect(await measuredBy(service)).to.deep.equal(job(0, 0, 2))
    for (const _run of runs) work.resolve()
    await Promise.all(runs)
    const synchronous = measureJob(service.metrics, 'clean-up', (when: string) => `ran ${when}`)
    expect(synchronous('now')).to.equal('ran now')
    expect(await measuredBy(service)).to.deep.include(job(3, 0))
  })

  it('says what is wrong with its arguments', () => {
    expect(() => measureJob(service.metrics, '', () => {})).to.throw('Cannot measure job "": its name must be')
    expect(() => measureJob(service.metrics, 'clean-up', undefined as never)).to.throw(
      'Cannot measure job "clean-up": it must be a function, got undefined',
    )
  })
})
