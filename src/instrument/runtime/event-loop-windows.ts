import { type ELDHistogram, type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { Clock } from '../../model/clock'

/** How often the delay is sampled; prom-client's default. Two monitors of one period wake the process up together. */
const RESOLUTION_MS = 10
/** A window younger than this is too short for quantiles: about a thousand samples at the resolution above. */
const MIN_WINDOW_MS = 10_000

/** The part of Node's `ELDHistogram` that is used, in nanoseconds. */
export type DelayMonitor = Pick<
  ELDHistogram,
  'count' | 'min' | 'max' | 'mean' | 'stddev' | 'percentile' | 'reset' | 'enable' | 'disable'
>

/** What the event loop did in a window: delays in seconds, utilisation from 0 to 1; `undefined` where nothing was seen yet. */
export interface EventLoopReading {
  readonly delay:
    | {
        readonly min: number
        readonly max: number
        readonly mean: number
        readonly stddev: number
        readonly p50: number
        readonly p90: number
        readonly p99: number
      }
    | undefined
  readonly utilization: number | undefined
}

interface Window {
  readonly monitor: DelayMonitor
  startMs: number
  startUse: EventLoopUtilization
}

/**
 * Event-loop delay and utilisation since the last collection, for any number of readers.
 *
 * A monitor that is reset at every collection tells the second of two readers about the milliseconds since the first
 * one read, and nothing of the spike before that. So there are two windows: a collection reads the younger one and
 * starts the other anew, which becomes the younger. As long as the younger is under {@link MIN_WINDOW_MS} old the elder
 * is read instead and both go on: a lone reader gets exactly the time since its last collection, a second reader beside
 * it gets the elder window, which reaches back to the collection before.
 */
export class EventLoopWindows {
  #younger: Window
  #elder: Window
  readonly #clock: Clock

  /** Starts sampling. Neither monitor keeps the process alive. */
  constructor(clock: Clock, createMonitor: () => DelayMonitor = createDelayMonitor) {
    this.#clock = clock
    this.#younger = this.#open(createMonitor())
    this.#elder = this.#open(createMonitor())
  }

  read(): EventLoopReading {
    if (this.#clock.monotonicMs() - this.#younger.startMs < MIN_WINDOW_MS) return readingOf(this.#elder)
    const reading = readingOf(this.#younger)
    const { monitor } = this.#elder
    this.#elder = this.#younger
    monitor.reset()
    this.#younger = this.#open(monitor)
    return reading
  }

  stop(): void {
    this.#younger.monitor.disable()
    this.#elder.monitor.disable()
  }

  #open(monitor: DelayMonitor): Window {
    monitor.enable()
    return { monitor, startMs: this.#clock.monotonicMs(), startUse: performance.eventLoopUtilization() }
  }
}

function createDelayMonitor(): DelayMonitor {
  return monitorEventLoopDelay({ resolution: RESOLUTION_MS })
}

function readingOf({ monitor, startUse }: Window): EventLoopReading {
  const { utilization } = performance.eventLoopUtilization(performance.eventLoopUtilization(), startUse)
  return {
    // An empty histogram has NaN for its mean and 2^63 for its minimum.
    delay:
      monitor.count === 0
        ? undefined
        : {
            min: lateness(monitor.min),
            max: lateness(monitor.max),
            mean: lateness(monitor.mean),
            stddev: monitor.stddev / 1e9,
            p50: lateness(monitor.percentile(50)),
            p90: lateness(monitor.percentile(90)),
            p99: lateness(monitor.percentile(99)),
          },
    // Before the loop first turns there is no time to have a share of.
    utilization: Number.isFinite(utilization) ? utilization : undefined,
  }
}

/**
 * The monitor records the time from one firing of its timer to the next: what is over the timer's own period is delay.
 * Told as it is, an idle process would show a lag of ten milliseconds.
 */
function lateness(betweenFiringsNs: number): number {
  return Math.max(0, betweenFiringsNs - RESOLUTION_MS * 1e6) / 1e9
}
