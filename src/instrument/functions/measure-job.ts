import type { BoundHistogram } from '../../facade/histogram'
import type { Instruments } from '../../facade/instruments'
import type { BoundUpDownCounter } from '../../facade/up-down-counter'
import { errorClass } from '../error-class'
import type { CallWatch } from './call-watch'
import { checkFunction, checkName } from './check-arguments'
import { jobDuration, jobFailures, jobLastSuccess, jobRunning, jobRuns } from './jobs.metrics'
import { type AnyFunction, wrap } from './wrap'

/**
 * A function that does what `fn` does, and measures it as a job: its runs, failures and durations, how many run now, and
 * when it last succeeded. Whatever calls it, a scheduler or a timer, need not know.
 *
 * @throws DefinitionError where `fn` is no function, or the name is none.
 */
export function measureJob<F extends AnyFunction>(metrics: Instruments, name: string, fn: F): F {
  const example = "metrics.measureJob('clean-up', cleanUp)"
  checkName('job', name, example)
  checkFunction('job', name, fn, example)
  return wrap(fn, new JobWatch(metrics, name), metrics.clock)
}

class JobWatch implements CallWatch {
  readonly #duration: BoundHistogram
  readonly #running: BoundUpDownCounter
  readonly #fail: (error: unknown) => void
  readonly #succeed: () => void

  constructor(metrics: Instruments, name: string) {
    const labels = { job_name: name }
    const failures = metrics.counter(jobFailures)
    const lastSuccess = metrics.gauge(jobLastSuccess)
    this.#duration = metrics.countedHistogram({ histogram: jobDuration, count: jobRuns }).bind(labels)
    this.#running = metrics.upDownCounter(jobRunning).bind(labels)
    this.#fail = (error) => failures.add(1, { ...labels, error: errorClass(error) })
    this.#succeed = () => lastSuccess.set(metrics.clock.nowMs() / 1_000, labels)
  }

  enter(): void {
    this.#running.add(1)
  }

  leave(): void {
    this.#running.add(-1)
  }

  record(elapsedMs: number, failed: boolean, error: unknown): void {
    this.#duration.record(elapsedMs / 1_000)
    if (failed) this.#fail(error)
    else this.#succeed()
  }
}
