import { whenSettled } from '../../facade/settled'
import type { Clock } from '../../model/clock'
import { overrideMethod } from '../override-method'
import type { CallWatch } from './call-watch'

type Step = (this: unknown, ...args: unknown[]) => unknown

/**
 * Measures a generator, async or not, as one call: it is in flight, and its time passes, while one of its steps runs, and
 * not while its consumer has the word. It ends when it is done, is returned from, or fails; one that is left lying in the
 * middle was never in flight for longer than its steps, and is not counted.
 *
 * Returns the very generator: its steps are own methods of it from then on.
 */
export function measuredSteps(generator: object, watch: CallWatch, clock: Clock): object {
  const steps = new Steps(watch, clock)
  const methods = generator as Record<string, unknown>
  try {
    for (const name of ['next', 'return', 'throw']) {
      const original = methods[name] as Step
      const step = function (this: unknown, ...args: unknown[]): unknown {
        return steps.run(() => original.apply(this, args))
      }
      overrideMethod(generator, name, step, 'a generator')
    }
  } catch {
    // A frozen generator cannot be followed: what is known is that it was called.
    steps.end(false, undefined)
  }
  return generator
}

class Steps {
  /** Steps of an async generator may be asked for before the ones in front of them have ended. */
  #running = 0
  #sinceMs = 0
  #elapsedMs = 0
  #ended = false

  constructor(
    private readonly watch: CallWatch,
    private readonly clock: Clock,
  ) {}

  run(step: () => unknown): unknown {
    if (this.#ended) return step()
    this.#enter()
    let result: unknown
    try {
      result = step()
    } catch (error) {
      this.#leave()
      this.end(true, error)
      throw error
    }
    return whenSettled(result, (failed, outcome) => {
      this.#leave()
      if (failed || (outcome as IteratorResult<unknown>).done === true) this.end(failed, outcome)
    })
  }

  end(failed: boolean, error: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.watch.record(this.#elapsedMs, failed, error)
  }

  #enter(): void {
    if (this.#running++ > 0) return
    this.watch.enter()
    this.#sinceMs = this.clock.monotonicMs()
  }

  #leave(): void {
    if (--this.#running > 0) return
    this.watch.leave()
    this.#elapsedMs += this.clock.monotonicMs() - this.#sinceMs
  }
}
