import type { Instruments } from '../../facade/instruments'
import {
  lag,
  lagMax,
  lagMean,
  lagMin,
  lagP50,
  lagP90,
  lagP99,
  lagStddev,
  loopTime,
  utilization,
} from './event-loop.metrics'
import { EventLoopWindows } from './event-loop-windows'

/** Measures the event loop; returns what stops it. */
export function instrumentEventLoop(metrics: Instruments): () => void {
  const windows = new EventLoopWindows(metrics.clock)
  const min = metrics.observableGauge(lagMin)
  const max = metrics.observableGauge(lagMax)
  const mean = metrics.observableGauge(lagMean)
  const stddev = metrics.observableGauge(lagStddev)
  const p50 = metrics.observableGauge(lagP50)
  const p90 = metrics.observableGauge(lagP90)
  const p99 = metrics.observableGauge(lagP99)
  const busy = metrics.observableGauge(utilization)
  const time = metrics.observableCounter(loopTime)

  const batch = metrics.addBatchCallback(
    (result) => {
      const reading = windows.read()
      if (reading.delay) {
        result.observe(min, reading.delay.min)
        result.observe(max, reading.delay.max)
        result.observe(mean, reading.delay.mean)
        result.observe(stddev, reading.delay.stddev)
        result.observe(p50, reading.delay.p50)
        result.observe(p90, reading.delay.p90)
        result.observe(p99, reading.delay.p99)
      }
      if (reading.utilization !== undefined) result.observe(busy, reading.utilization)
      const { active, idle } = performance.eventLoopUtilization()
      result.observe(time, active / 1000, { nodejs_eventloop_state: 'active' })
      result.observe(time, idle / 1000, { nodejs_eventloop_state: 'idle' })
    },
    [min, max, mean, stddev, p50, p90, p99, busy, time],
  )

  // How long one turn of the loop takes right now: an immediate runs as soon as what is due before it has run.
  const now = metrics.observableGauge(lag)
  const observeTurn = async (result: { observe(value: number): void }): Promise<void> => {
    const startMs = metrics.clock.monotonicMs()
    await new Promise<void>((resolve) => setImmediate(resolve))
    result.observe((metrics.clock.monotonicMs() - startMs) / 1000)
  }
  now.addCallback(observeTurn)

  return () => {
    now.removeCallback(observeTurn)
    batch.remove()
    windows.stop()
  }
}
