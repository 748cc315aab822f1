import { hasMethods } from '../../has-methods'
import { type Override, overrideMethods } from '../../override-method'
import type { BusAdapter, BusWatch } from '../bus-adapter'
import type { BusRecorder } from '../bus-recorder'
import { Deliveries } from '../deliveries'
import type { Delivery } from '../delivery'
import { listen } from '../settling'
import { Reason } from '../topic-series'

/** The part of a job that is used here. */
interface Job {
  readonly id?: string
  readonly attemptsStarted?: number
  readonly finishedOn?: number | null
}

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
  callProcessJob?(job: Job, ...rest: unknown[]): Promise<unknown>
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
const isWorker = (bus: object): bus is Worker => hasMethods(bus, 'getNextJob', 'waitUntilReady', 'run', 'on')
const isQueueEvents = (bus: object): bus is Emitter =>
  hasMethods(bus, 'waitUntilReady', 'run', 'on', 'toKey') && 'blocking' in bus && !isWorker(bus)

/**
 * BullMQ: a Queue, a Worker or a QueueEvents; the topic is the queue's name. A Queue publishes; a Worker consumes, from its
 * events `active` to `completed` or `failed`; a QueueEvents tells of the whole queue, whichever process does the work, and
 * without durations.
 */
export const bullmqAdapter: BusAdapter<Queue | Worker | Emitter> = {
  library: 'BullMQ',
  system: 'bullmq',

  recognises(bus) {
    return isQueue(bus) || isWorker(bus) || isQueueEvents(bus)
  },

  watch(bus, recorder) {
    if (isQueue(bus)) return watchQueue(bus, recorder)
    return isWorker(bus) ? watchWorker(bus, recorder) : watchQueueEvents(bus, recorder)
  },
}

function watchQueue(queue: Queue, recorder: BusRecorder): BusWatch {
  const { add, addBulk } = queue
  const override = overrideMethods(
    queue,
    {
      add(this: unknown, ...args: unknown[]) {
        const call = () => Reflect.apply(add, this, args)
        const topic = recorder.topic(queue.name, { name: args[0], data: args[1] })
        return topic === undefined ? call() : recorder.publish(topic, call)
      },
      addBulk(this: unknown, jobs: readonly unknown[]) {
        const call = () => Reflect.apply(addBulk, this, [jobs])
        const topic = recorder.topic(queue.name, jobs)
        if (topic === undefined || !Array.isArray(jobs)) return call()
        topic.recordBatch('publish', jobs.length)
        return recorder.publish(topic, call, jobs.length)
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
  const deliveries = new Deliveries<string>()
  const handlings = new WeakMap<Job, Delivery>()
  const unlisten = listenTo(worker, {
    active: (job: Job) => {
      const topic = recorder.topic(worker.name, job)
      if (topic === undefined) return
      if ((job.attemptsStarted ?? 1) > 1) topic.countRedelivered()
      const delivery = recorder.deliver(topic)
      handlings.set(job, delivery)
      if (job.id !== undefined) deliveries.add(job.id, delivery)
    },
    completed: (job: Job) => handlings.get(job)?.handled(),
    failed: (job: Job | undefined, error: unknown) => {
      if (job === undefined) return
      const isLast = typeof job.finishedOn === 'number'
      const delivery = handlings.get(job)
      if (delivery !== undefined) delivery.fail(error, isLast)
    },
    // Told by whichever worker notices; it may be the one that has stalled.
    stalled: (jobId: string) => deliveries.get(jobId)?.reject('stalled'),
    closed: () => deliveries.abandon(),
  })

  const { callProcessJob } = worker
  let override: Override | undefined
  if (typeof callProcessJob === 'function') {
    override = overrideMethods(
      worker,
      {
        callProcessJob(this: unknown, job: Job, ...rest: unknown[]) {
          const result = Reflect.apply(callProcessJob, this, [job, ...rest])
          if (result instanceof Promise) {
            listen(
              result,
              () => {},
              (error) => isPostponing(error) && handlings.get(job)?.reject('postponed'),
            )
          }
          return result
        },
      },
      `bus "${recorder.name}"`,
    )
  }
  return {
    stop() {
      override?.restore()
      unlisten()
    },
  }
}

function isPostponing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return POSTPONING.has(error.name) || POSTPONING.has(error.constructor.name) || error.message === RATE_LIMITED
}

function watchQueueEvents(events: Emitter, recorder: BusRecorder): BusWatch {
  const topic = () => recorder.topic(events.name)
  const unlisten = listenTo(events, {
    added: () => topic()?.countPublished(),
    completed: () => topic()?.countConsumed(undefined),
    failed: () => topic()?.countFailed(new Reason('failed'), undefined),
    stalled: () => topic()?.countFailed(new Reason('stalled'), undefined),
    'retries-exhausted': () => topic()?.countDeadLetter(),
  })
  return { stop: unlisten }
}

function listenTo(emitter: Emitter, listeners: Readonly<Record<string, Listener>>): () => void {
  const entries = Object.entries(listeners)
  for (const [event, listener] of entries) emitter.on(event, listener)
  return () => {
    for (const [event, listener] of entries) emitter.off(event, listener)
  }
}
