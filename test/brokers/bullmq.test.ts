import { DelayedError, type Job, Queue, QueueEvents, UnrecoverableError, Worker } from 'bullmq'
import { expect } from 'chai'
import { until } from '../support/until'
import { Broker, redisServer } from './support/broker'
import { Service } from './support/service'

const JOBS = 10_000

describe('BullMQ', function () {
  this.timeout(240_000)
  let service: Service
  let broker: Broker
  before(async () => {
    broker = await Broker.start(redisServer)
  })
  after(() => broker.remove())
  beforeEach(() => {
    service = new Service()
  })
  afterEach(() => service.close())

  it('every job and every attempt, retried, postponed and given up, through a restart', async () => {
    const connection = { host: '127.0.0.1', port: broker.port, retryStrategy: () => 50, maxRetriesPerRequest: null }
    const queue = new Queue('orders', { connection, defaultJobOptions: { attempts: 2 } })
    const events = new QueueEvents('orders', { connection })
    await events.waitUntilReady()
    const handle = service.metrics.instrumentBus(queue, { name: 'producer' })
    const all = service.metrics.instrumentBus(events, { name: 'all' })
    const tally = { calls: 0, completed: 0, failed: 0, postponed: 0, again: 0, last: 0, batches: 0, stalled: 0 }
    const closed: unknown[] = []
    queue.on('error', (error) => void closed.push(error))
    events.on('error', (error) => void closed.push(error))

    events.on('stalled', () => tally.stalled++)
    for (let i = 0; i < JOBS / 2; i += 500) {
      tally.batches++
      await queue.addBulk(Array.from({ length: 500 }, (_, at) => ({ name: 'place', data: i + at })))
    }
    // The stream of events keeps about the last ten thousand: whoever reads more slowly misses some.
    const told = (metric: string, count: () => number) =>
      until(`${count()} ${metric} of the queue`, async () =>
        (await service.total(metric, { bus: 'all' })) === count() ? true : undefined,
      )
    await told('events_published_total', () => JOBS / 2)
    for (let i = JOBS / 2; i < JOBS; i += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, at) => queue.add('place', i + at)))
    }
    await queue.add('place', 0, { jobId: '0' }).then(
      () => expect.fail('taken'),
      () => undefined,
    )
    await told('events_published_total', () => JOBS)
    expect(await service.total('queue_depth', { topic: 'orders' })).to.equal(JOBS)

    const worker = new Worker<number>(
      'orders',
      async (job: Job<number>, token) => {
        tally.calls++
        if (job.attemptsStarted > 1) tally.again++
        const kind = job.data % 10
        if (kind === 1 && job.attemptsMade === 0) throw new RangeError('out of stock')
        if (kind === 2) throw new RangeError('out of stock')
        if (kind === 3) throw new UnrecoverableError('no such thing')
        if (kind === 4 && job.attemptsStarted === 1) {
          tally.postponed++
          await job.moveToDelayed(Date.now() + 5, token)
          throw new DelayedError()
        }
        return 'done'
      },
      { connection, concurrency: 50, autorun: false },
    )
    const work = service.metrics.instrumentBus(worker, { name: 'worker' })
    worker.on('error', () => {})
    worker.on('completed', () => tally.completed++)
    worker.on('failed', (job) => {
      tally.failed++
      if (job?.finishedOn) tally.last++
    })
    const running = worker.run()
    await until('the first half', () => (tally.completed > JOBS / 2 ? true : undefined), { timeoutMs: 90_000 })
    await broker.down()
    await broker.up()
    await until('the others', () => (tally.completed + tally.last === JOBS ? true : undefined), { timeoutMs: 90_000 })
    await told('events_consumed_total', () => tally.completed)

    const of = (metric: string, bus: string) => `${metric}{bus="${bus}",topic="orders"}`
    const failure = (reason: string, bus: string) =>
      `events_failed_total{bus="${bus}",reason="${reason}",topic="orders"}`
    expect(await service.counts()).to.deep.equal({
      [of('events_published_total', 'producer')]: JOBS,
      [of('events_consumed_total', 'producer')]: 0,
      [failure('Error', 'producer')]: 1,
      [of('publish_failures_total', 'producer')]: 1,
      'batch_size_count{bus="producer",operation="publish",topic="orders"}': tally.batches,
      [of('queue_depth', 'producer')]: 0,
      [of('events_published_total', 'worker')]: 0,
      [of('events_consumed_total', 'worker')]: tally.completed,
      [failure('RangeError', 'worker')]: tally.failed - JOBS / 10,
      [failure('UnrecoverableError', 'worker')]: JOBS / 10,
      [failure('postponed', 'worker')]: tally.postponed,
      [of('dead_letters_total', 'worker')]: tally.last,
      [of('redeliveries_total', 'worker')]: tally.again,
      [of('events_in_flight', 'worker')]: 0,
      [of('processing_duration_seconds_count', 'worker')]: tally.completed + tally.failed + tally.postponed,
      [of('events_published_total', 'all')]: JOBS,
      [of('events_consumed_total', 'all')]: tally.completed,
      [failure('failed', 'all')]: tally.last,
      ...(tally.stalled > 0 && { [failure('stalled', 'all')]: tally.stalled }),
      [of('dead_letters_total', 'all')]: JOBS / 10,
    })
    expect(tally.last).to.equal(JOBS / 5)
    expect(tally.calls).to.be.at.least(tally.completed + tally.failed + tally.postponed)

    const listeners = worker.listenerCount('completed')
    for (const one of [handle, all, work]) one.stop()
    expect(worker.listenerCount('completed')).to.equal(listeners - 1)
    for (const [bus, key] of [
      [queue, 'add'],
      [queue, 'addBulk'],
      [worker, 'callProcessJob'],
    ] as const)
      expect(Object.hasOwn(bus, key), key).to.equal(false)
    await worker.close()
    await running
    await events.close()
    await queue.close()
  })
})
