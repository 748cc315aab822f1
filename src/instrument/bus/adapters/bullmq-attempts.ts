import { Follower } from '../../follower'
import type { Delivery } from '../delivery'

/** The part of a job that is used here. */
export interface Job {
  readonly id?: string
  readonly attemptsStarted?: number
  readonly finishedOn?: number | null
}

/**
 * What a worker is at. A list, because that is not much, and a map would make a table anew every few jobs. Jobs may be of
 * one id where the worker has lost one and taken it again.
 */
export class Attempts {
  readonly #jobs: Job[] = []
  readonly #deliveries: Delivery[] = []
  readonly #idle: Attempt[] = []

  /** Who listens to the promise of what does a job. */
  begin(job: Job, delivery: Delivery): Attempt {
    this.#jobs.push(job)
    this.#deliveries.push(delivery.goesOn())
    return (this.#idle.pop() ?? new Attempt(this.#idle, this)).of(job)
  }

  /** The delivery of a job, which is then known no more: it may serve again. */
  end(job: Job): Delivery | undefined {
    const at = this.#jobs.indexOf(job)
    if (at < 0) return undefined
    const delivery = this.#deliveries[at]
    const lastJob = this.#jobs.pop()
    const lastDelivery = this.#deliveries.pop()
    if (at < this.#jobs.length && lastJob !== undefined && lastDelivery !== undefined) {
      this.#jobs[at] = lastJob
      this.#deliveries[at] = lastDelivery
    }
    return delivery
  }

  /** Told by whichever worker notices; it may be the one that has stalled. */
  stalled(id: string): void {
    for (const job of [...this.#jobs]) if (job.id === id) this.end(job)?.reject('stalled')
  }

  abandon(): void {
    for (const job of [...this.#jobs]) this.end(job)?.reject('unacknowledged')
  }
}

/** One that ends without an event of the worker: it had lost the job, and another attempt does it again. */
class Attempt extends Follower {
  readonly #attempts: Attempts
  #job: Job = {}

  constructor(idle: Attempt[], attempts: Attempts) {
    super(idle)
    this.#attempts = attempts
  }

  of(job: Job): this {
    this.#job = job
    return this
  }

  protected succeed(): void {
    this.#attempts.end(this.#job)?.reject('stalled')
  }

  protected fail(): void {
    this.succeed()
  }
}
