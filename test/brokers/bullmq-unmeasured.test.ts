import { Queue, Worker } from 'bullmq'
import { expect } from 'chai'
import { until } from '../support/until'
import { redisServer } from './support/broker'
import { withBroker } from './support/suite'

describe('BullMQ, where nobody calls `add` or no processor is called', function () {
  this.timeout(60_000)
  const suite = withBroker(redisServer)
  const connection = () => ({ host: '127.0.0.1', port: suite.broker.port, maxRetriesPerRequest: null })

  it('jobs that a scheduler adds are consumed, and not published by anybody', async () => {
    const queue = new Queue('ticks', { connection: connection() })
    const worker = new Worker('ticks', async () => void ticks++, { connection: connection(), autorun: false })
    for (const one of [queue, worker]) suite.closing(() => one.close())
    let ticks = 0
    suite.service.metrics.instrumentBus(queue, { name: 'jobs' })
    suite.service.metrics.instrumentBus(worker, { name: 'jobs' })
    await queue.upsertJobScheduler('tick', { every: 20 }, { name: 'tick' })
    const running = worker.run()
    await until('some ticks', () => (ticks >= 3 ? true : undefined))
    await queue.removeJobScheduler('tick')
    await worker.close()
    await running
    const of = (metric: string) => `${metric}{bus="jobs",topic="ticks"}`
    expect(await suite.service.counts()).to.deep.equal({
      [of('events_published_total')]: 0,
      [of('events_consumed_total')]: ticks,
      [of('events_in_flight')]: 0,
      [of('processing_duration_seconds_count')]: ticks,
      [of('queue_depth')]: 0,
    })
  })

  it('jobs that are fetched by hand are published, and consumed by the function that does them', async () => {
    const queue = new Queue('parcels', { connection: connection() })
    const worker = new Worker<string>('parcels', null, { connection: connection() })
    for (const one of [queue, worker]) suite.closing(() => one.close())
    suite.service.metrics.instrumentBus(queue, { name: 'jobs' })
    suite.service.metrics.instrumentBus(worker, { name: 'jobs' })
    await queue.add('pack', 'lamp')
    const job = await worker.getNextJob('token')
    if (job === undefined) throw new Error('no job')
    const pack = suite.service.metrics.instrumentHandler(
      async ({ data }: { data: string }) => void (await job.moveToCompleted(data, 'token', false)),
      { name: 'jobs', topic: 'parcels' },
    )
    const of = (metric: string) => `${metric}{bus="jobs",topic="parcels"}`
    expect((await suite.service.counts())[of('events_consumed_total')]).to.equal(0)
    await pack(job)
    expect(await suite.service.counts()).to.deep.equal({
      [of('events_published_total')]: 1,
      [of('events_consumed_total')]: 1,
      [of('events_in_flight')]: 0,
      [of('processing_duration_seconds_count')]: 1,
      [of('queue_depth')]: 0,
    })
  })
})
