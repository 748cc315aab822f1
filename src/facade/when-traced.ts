import { LAST_LOOK_MS, type Later } from '../store/tracer-provider'
import { isTraced } from './is-traced'

/** With 0 as soon as what runs now has ended. */
const later: Later = (run, ms) => void (ms === 0 ? process.nextTick(run) : setTimeout(run, ms).unref())

/**
 * Calls `run` once a look finds that the application traces: when the code that runs now, which may be setting that up, has
 * ended, and again and again after that. Nothing tells when a tracer provider is registered. `stop` ends the looking.
 */
export function whenTraced(run: () => void, schedule: Later = later): { stop(): void } {
  let looking = true
  const lookIn = (ms: number): void =>
    schedule(() => {
      if (!looking) return
      if (isTraced()) run()
      else lookIn(Math.min(Math.max(1, 2 * ms), LAST_LOOK_MS))
    }, ms)
  lookIn(0)
  return {
    stop() {
      looking = false
    },
  }
}
