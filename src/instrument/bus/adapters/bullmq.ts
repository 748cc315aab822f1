import { DefinitionError } from '../../../model/errors'
import { hasMethods } from '../../has-methods'
import { overrideMethods } from '../../override-method'
import type { BusAdapter, BusWatch } from '../bus-adapter'
import type { BusRecorder } from '../bus-recorder'
import { listen } from '../settling'
import { Attempts, type Job } from './bullmq-attempts'
import { type FlowProducer, watchFlowProducer } from './bullmq-flow'

type Listener = (...args: never[]) => void

interface Emitter {
  readonly name: string
  on(event: string, listener: Listener): unknown
  off(event: string, listener: Listener): unknown
}

interface Queue extends Emitter {
  add(...args: unknown[]): Promise<unknown>
  addBulk(jobs: readonly unknown[]): Promise<unknown>
  getJobCounts(...types: string[]): Promise<Readonly<Record<string, number>>>
}

interface Worker extends Emitter {
  processJob(job: Job, ...rest: unknown[]): Promise<unknown>
  callProcessJob(job: Job, ...rest: unknown[]): Promise<unknown>
  /** Of BullMQ 6. */
  handleFailed?(error: unknown, job: Job, ...rest: unknown[]): Promise<unknown>
}

/** What a processor throws to have a job put back on purpose; no event tells of it. */
const POSTPONING: ReadonlySet<unknown> = new Set([
  'DelayedError',
  'WaitingError',
  'WaitingChildrenError',
  'RateLimitError',
])
const RATE_LIMITED = 'bullmq:rateLimitExceeded'

const isQueue = (bus: object): bus is Queue => hasMethods(bus, 'add', 'addBulk', 'getJobCounts', 'waitUntilReady')
const isWorker = (bus: object): bus is Worker => hasMethods(bus, 'getNextJob', 'processJob', 'waitUntilReady', 'on')
const isFlowProducer = (bus: object): bus is FlowProducer => hasMethods(bus, 'add', 'addBulk', 'getFlow')
const isQueueEvents = (bus: object): boolean =>
  hasMethods(bus, 'waitUntilReady', 'run', 'on', 'toKey') && 'blocking' in bus && !isWorker(bus)

/**
 * BullMQ: a Queue or a FlowProducer publishes, a Worker consumes; the topic is the queue's name. One attempt at a job is one handling, which
 * ends with the worker's event `completed` or `failed`. One that ends without either was put back on purpose, or the worker
 * had lost the job, and another attempt does it again.
 *
 * A QueueEvents is turned away: Redis keeps about the last ten thousand entries of the stream that it reads, whatever it
 * has read of them, so nothing that it tells adds up.
 */
export const bullmqAdapter: BusAdapter<Queue | FlowProducer | Worker> = {
  library: 'BullMQ',
  system: 'bullmq',

  recognises(bus) {
    return isQueue(bus) || isWorker(bus) || isFlowProducer(bus) || isQueueEvents(bus)
  },

  watch(bus, recorder) {
    if (isQueue(bus)) return watchQueue(bus, recorder)
    if (isWorker(bus)) return watchWorker(bus, recorder)
    if (isFlowProducer(bus)) return watchFlowProducer(bus, recorder)
    throw new DefinitionError(
      `Cannot instrument bus "${recorder.name}": bus must be a Queue, a FlowProducer or a Worker of BullMQ, got a QueueEvents. ` +
        'Give the Queue that adds the jobs and the Worker that does them, each in its own process.',
    )
  },
}

function watchQueue(queue: Queue, recorder: BusRecorder): BusWatch {
  const { add, addBulk } = queue
  const override = overrideMethods(
    queue,
    {
      add(this: unknown, ...args: unknown[]) {
        const topic = recorder.topic(queue.name, { name: args[0], data: args[1] })
        return recorder.publish(topic, add, this, 1, ...args)
      },
      addBulk(this: unknown, jobs: readonly unknown[]) {
        const topic = Array.isArray(jobs) ? recorder.topic(queue.name, jobs) : undefined
        topic?.recordBatch('publish', jobs.length)
        return recorder.publish(topic, addBulk, this, jobs?.length, jobs)
      },
    },
    `bus "${recorder.name}"`,
  )
  return {
    stop: () => override.restore(),
    async levels() {
      const counts = await queue.getJobCounts('waiting', 'prioritized', 'paused')
      return [{ topic: queue.name, depth: Object.values(counts).reduce((sum, count) => sum + count, 0) }]
    },
  }
}

function watchWorker(worker: Worker, recorder: BusRecorder): BusWatch {
  const attempts = new Attempts()
  const { processJob, callProcessJob, handleFailed } = worker
  const failing = (job: Job, error: unknown): void => {
    if (isPostponing(error)) attempts.end(job)?.reject('postponed')
  }
  // The worker looks at what they return, so that listening hides no rejection.
  const override = overrideMethods(
    worker,
    {
      processJob(this: unknown, ...args: [Job, ...unknown[]]) {
        const job = args[0]
        const topic = recorder.topic(worker.name, job)
        if (topic === undefined) return Reflect.apply(processJob, this, args)
        if ((job.attemptsStarted ?? 1) > 1) topic.countRedelivered()
        const attempt = attempts.begin(job, recorder.lend(topic))
        const result = Reflect.apply(processJob, this, args)
        listen(result, attempt.fulfilled, attempt.rejected)
        return result
      },
      ...(handleFailed === undefined
        ? {
            callProcessJob(this: unknown, job: Job, ...rest: unknown[]) {
              const result = Reflect.apply(callProcessJob, this, [job, ...rest])
              listen(result, ignore, (error) => failing(job, error))
              return result
            },
          }
        : {
            // Costs nothing where jobs go well.
            handleFailed(this: unknown, error: unknown, job: Job, ...rest: unknown[]) {
              failing(job, error)
              return Reflect.apply(handleFailed, this, [error, job, ...rest])
            },
          }),
    },
    `bus "${recorder.name}"`,
  )
  const unlisten = listenTo(worker, {
    completed: (job: Job) => attempts.end(job)?.handled(),
    failed: (job: Job | undefined, error: unknown) => {
      if (job !== undefined) attempts.end(job)?.fail(error, typeof job.finishedOn === 'number')
    },
    stalled: (jobId: string) => attempts.stalled(jobId),
    closed: () => attempts.abandon(),
  })
  return {
    stop() {
      override.restore()
      unlisten()
    },
  }
}

function isPostponing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return POSTPONING.has(error.name) || POSTPONING.has(error.constructor.name) || error.message === RATE_LIMITED
}

function ignore(): void {}

function listenTo(emitter: Emitter, listeners: Readonly<Record<string, Listener>>): () => void {
  const entries = Object.entries(listeners)
  for (const [event, listener] of entries) emitter.on(event, listener)
  return () => {
    for (const [event, listener] of entries) emitter.off(event, listener)
  }
}
