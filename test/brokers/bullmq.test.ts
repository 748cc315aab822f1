import {
  DelayedError,
  FlowProducer,
  type Job,
  Queue,
  QueueEvents,
  UnrecoverableError,
  Worker,
  type WorkerOptions,
} from 'bullmq'
import { expect } from 'chai'
import { until } from '../support/until'
import { redisServer } from './support/broker'
import { withBroker } from './support/suite'

const JOBS = 10_000
const STALLING = 20

describe('BullMQ', function () {
  this.timeout(240_000)
  const suite = withBroker(redisServer)

  it('every job and every attempt, retried, postponed and given up, through a restart', async () => {
    const connection = {
      host: '127.0.0.1',
      port: suite.broker.port,
      retryStrategy: () => 50,
      maxRetriesPerRequest: null,
    }
    const queue = new Queue('orders', { connection, defaultJobOptions: { attempts: 2 } })
    suite.closing(() => queue.close())
    const handle = suite.service.metrics.instrumentBus(queue, { name: 'producer' })
    const tally = { calls: 0, completed: 0, failed: 0, unrecoverable: 0, postponed: 0, again: 0, last: 0, batches: 0 }
    queue.on('error', () => {})

    for (let i = 0; i < JOBS / 2; i += 500) {
      tally.batches++
      await queue.addBulk(Array.from({ length: 500 }, (_, at) => ({ name: 'place', data: i + at })))
    }
    for (let i = JOBS / 2; i < JOBS; i += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, at) => queue.add('place', i + at)))
    }
    await queue.add('place', 0, { jobId: '0' }).then(
      () => expect.fail('taken'),
      () => undefined,
    )
    expect(await suite.service.total('events_published_total', { bus: 'producer' })).to.equal(JOBS)
    expect(await suite.service.total('queue_depth', { topic: 'orders' })).to.equal(JOBS)

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
          await job.moveToDelayed(Date.now() + 5, token)
          tally.postponed++
          throw new DelayedError()
        }
        return 'done'
      },
      {
        connection,
        concurrency: 50,
        autorun: false,
        lockDuration: 5000,
        runRetryDelay: 100,
        stalledInterval: 1000,
        maxStalledCount: 10,
      },
    )
    suite.closing(() => worker.close())
    const work = suite.service.metrics.instrumentBus(worker, { name: 'worker' })
    worker.on('error', () => {})
    worker.on('completed', () => tally.completed++)
    worker.on('failed', (job, error) => {
      if (error instanceof UnrecoverableError) tally.unrecoverable++
      else tally.failed++
      if (job?.finishedOn) tally.last++
    })
    const running = worker.run()
    await until('the first half', () => (tally.completed > JOBS / 2 ? true : undefined), { timeoutMs: 90_000 })
    await suite.broker.down()
    await suite.broker.up()
    const isDone = async () => {
      const { completed = 0, failed = 0 } = await queue.getJobCounts('completed', 'failed')
      return completed + failed === JOBS ? true : undefined
    }
    await until('the others', isDone, { timeoutMs: 90_000 })
    await worker.close()
    await running
    // A job whose end the dying server took, but did not confirm, was lost to the worker.
    const { calls, completed, failed, unrecoverable, postponed } = tally
    const stalled = calls - completed - failed - unrecoverable - postponed

    const of = (metric: string, bus: string) => `${metric}{bus="${bus}",topic="orders"}`
    const failure = (reason: string, bus: string) =>
      `events_failed_total{bus="${bus}",reason="${reason}",topic="orders"}`
    expect(await suite.service.counts()).to.deep.equal({
      [of('events_published_total', 'producer')]: JOBS,
      [of('events_consumed_total', 'producer')]: 0,
      [failure('Error', 'producer')]: 1,
      'batch_size_count{bus="producer",operation="publish",topic="orders"}': tally.batches,
      [of('queue_depth', 'producer')]: 0,
      [of('events_published_total', 'worker')]: 0,
      [of('events_consumed_total', 'worker')]: completed,
      [failure('RangeError', 'worker')]: failed,
      [failure('UnrecoverableError', 'worker')]: unrecoverable,
      [failure('postponed', 'worker')]: postponed,
      ...(stalled > 0 && { [failure('stalled', 'worker')]: stalled }),
      [of('dead_letters_total', 'worker')]: tally.last,
      [of('redeliveries_total', 'worker')]: tally.again,
      [of('events_in_flight', 'worker')]: 0,
      [of('processing_duration_seconds_count', 'worker')]: calls,
    })
    expect(failed + unrecoverable, 'failures').to.be.at.least(JOBS / 5)

    const listeners = worker.listenerCount('completed')
    for (const one of [handle, work]) one.stop()
    expect(worker.listenerCount('completed')).to.equal(listeners - 1)
    for (const [bus, key] of [
      [queue, 'add'],
      [queue, 'addBulk'],
      [worker, 'processJob'],
      [worker, 'handleFailed'],
    ] as const)
      expect(Object.hasOwn(bus, key), key).to.equal(false)
  })

  it('jobs that stall: the attempt that lost them failed, whoever noticed it', async () => {
    const connection = { host: '127.0.0.1', port: suite.broker.port, maxRetriesPerRequest: null }
    const queue = new Queue('stalling', { connection })
    suite.closing(() => queue.close())
    await queue.addBulk(Array.from({ length: STALLING }, (_, at) => ({ name: 'place', data: at })))
    const held = Promise.withResolvers<void>()
    let taken = 0
    const open = (options: Partial<WorkerOptions>, name: string, process: () => Promise<void>) => {
      const worker = new Worker('stalling', process, { connection, concurrency: STALLING, autorun: false, ...options })
      suite.closing(() => worker.close())
      worker.on('error', () => {})
      suite.service.metrics.instrumentBus(worker, { name })
      return worker
    }
    // It never renews its locks, and does not look for jobs that stalled itself.
    const slow = open({ lockDuration: 50, skipLockRenewal: true, skipStalledCheck: true }, 'slow', () => {
      taken++
      return held.promise
    })
    const slowRuns = slow.run()
    await until('all jobs to be taken', () => (taken === STALLING ? true : undefined))

    let done = 0
    const watching = open({ stalledInterval: 50 }, 'watching', async () => void done++)
    const watchingRuns = watching.run()
    await until('the jobs to be done', () => (done === STALLING ? true : undefined))
    held.resolve()
    await slow.close()
    await watching.close()
    await Promise.all([slowRuns, watchingRuns])

    const of = (metric: string, bus: string) => `${metric}{bus="${bus}",topic="stalling"}`
    expect(await suite.service.counts()).to.deep.equal({
      [of('events_published_total', 'slow')]: 0,
      [of('events_consumed_total', 'slow')]: 0,
      'events_failed_total{bus="slow",reason="stalled",topic="stalling"}': STALLING,
      [of('events_in_flight', 'slow')]: 0,
      [of('processing_duration_seconds_count', 'slow')]: STALLING,
      [of('events_published_total', 'watching')]: 0,
      [of('events_consumed_total', 'watching')]: STALLING,
      [of('redeliveries_total', 'watching')]: STALLING,
      [of('events_in_flight', 'watching')]: 0,
      [of('processing_duration_seconds_count', 'watching')]: STALLING,
    })
  })

  it('a job that stalls too often is given up', async () => {
    const connection = { host: '127.0.0.1', port: suite.broker.port, maxRetriesPerRequest: null }
    const queue = new Queue('hopeless', { connection })
    suite.closing(() => queue.close())
    await queue.add('place', 1)
    const held = Promise.withResolvers<void>()
    const worker = new Worker('hopeless', () => held.promise, {
      connection,
      concurrency: 2,
      autorun: false,
      lockDuration: 50,
      skipLockRenewal: true,
      stalledInterval: 50,
      maxStalledCount: 0,
    })
    suite.closing(() => worker.close())
    worker.on('error', () => {})
    suite.service.metrics.instrumentBus(worker, { name: 'worker' })
    const running = worker.run()
    await until('the end', async () => ((await queue.getJobCounts('failed')).failed === 1 ? true : undefined))
    await until('the worker to know', async () =>
      (await suite.service.total('dead_letters_total')) === 1 ? true : undefined,
    )
    held.resolve()
    await worker.close()
    await running
    expect(await suite.service.counts()).to.deep.equal({
      'events_published_total{bus="worker",topic="hopeless"}': 0,
      'events_consumed_total{bus="worker",topic="hopeless"}': 0,
      'events_failed_total{bus="worker",reason="stalled",topic="hopeless"}': 1,
      'events_failed_total{bus="worker",reason="UnrecoverableError",topic="hopeless"}': 1,
      'dead_letters_total{bus="worker",topic="hopeless"}': 1,
      'redeliveries_total{bus="worker",topic="hopeless"}': 1,
      'events_in_flight{bus="worker",topic="hopeless"}': 0,
      'processing_duration_seconds_count{bus="worker",topic="hopeless"}': 2,
    })
  })

  it('a flow: each of its jobs, at its queue, and none of one that is not taken', async () => {
    const flows = new FlowProducer({ connection: { host: '127.0.0.1', port: suite.broker.port } })
    suite.closing(() => flows.close())
    const handle = suite.service.metrics.instrumentBus(flows, { name: 'flows' })
    const flow = {
      name: 'ship',
      queueName: 'parcels',
      children: [
        { name: 'pack', queueName: 'items' },
        { name: 'pack', queueName: 'items', children: [{ name: 'pay', queueName: 'payments' }] },
      ],
    }
    await flows.add(flow)
    await flows.addBulk([flow, flow])
    await flows.add({ ...flow, opts: { deduplication: { id: 'once' } } }).then(
      () => expect.fail('taken'),
      () => undefined,
    )
    const stored = new Queue('items', { connection: { host: '127.0.0.1', port: suite.broker.port } })
    suite.closing(() => stored.close())
    expect(Object.values(await stored.getJobCounts()).reduce((sum, count) => sum + count, 0)).to.equal(6)
    expect(await suite.service.total('events_published_total', { topic: 'parcels' })).to.equal(3)
    expect(await suite.service.total('events_published_total', { topic: 'items' })).to.equal(6)
    expect(await suite.service.total('events_published_total', { topic: 'payments' })).to.equal(3)
    expect(await suite.service.total('events_failed_total')).to.equal(4)
    handle.stop()
    expect(['add', 'addBulk'].some((key) => Object.hasOwn(flows, key))).to.equal(false)
  })

  it("a queue's stream of events is turned away, because Redis forgets what it has not told yet", async () => {
    const events = new QueueEvents('orders', { connection: { host: '127.0.0.1', port: suite.broker.port } })
    suite.closing(() => events.close())
    expect(() => suite.service.metrics.instrumentBus(events, { name: 'all' })).to.throw(
      'Cannot instrument bus "all": bus must be a Queue, a FlowProducer or a Worker of BullMQ, got a QueueEvents.',
    )
  })
})
