import { expect } from 'chai'
import { type DelayMonitor, EventLoopWindows } from '../../../src/instrument/runtime/event-loop-windows'

/** A monitor that is told what it saw: delays are time between firings, so 10 ms is "in time". */
class FakeMonitor implements DelayMonitor {
  readonly betweenFiringsMs: number[] = []
  isEnabled = false
  stddev = 5e6

  get count() {
    return this.betweenFiringsMs.length
  }
  get min() {
    return this.count === 0 ? 2 ** 63 : Math.min(...this.betweenFiringsMs) * 1e6
  }
  get max() {
    return Math.max(0, ...this.betweenFiringsMs) * 1e6
  }
  get mean() {
    return (this.betweenFiringsMs.reduce((sum, value) => sum + value, 0) / this.count) * 1e6
  }
  percentile(percent: number) {
    const sorted = [...this.betweenFiringsMs].sort((a, b) => a - b)
    return (sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0) * 1e6
  }
  reset() {
    this.betweenFiringsMs.length = 0
  }
  enable() {
    this.isEnabled = true
    return true
  }
  disable() {
    this.isEnabled = false
    return true
  }
}

function scenario() {
  let nowMs = 1_000
  const monitors: FakeMonitor[] = []
  const windows = new EventLoopWindows({ nowMs: () => 0, monotonicMs: () => nowMs }, () => {
    const monitor = new FakeMonitor()
    monitors.push(monitor)
    return monitor
  })
  return {
    windows,
    monitors,
    /** Lets time pass, in which the timer fired once, so late. */
    pass(durationMs: number, latenessMs: number) {
      nowMs += durationMs
      for (const monitor of monitors) if (monitor.isEnabled) monitor.betweenFiringsMs.push(10 + latenessMs)
    },
    maxMs: () => Math.round((windows.read().delay?.max ?? Number.NaN) * 1e3),
  }
}

describe('event-loop windows', () => {
  it('say nothing before the first sample', () => {
    const { windows } = scenario()
    expect(windows.read().delay).to.equal(undefined)
  })

  it('tell delays in seconds, less the period of the timer itself', () => {
    const { windows, pass } = scenario()
    for (const latenessMs of [0, 0, 2, 20]) pass(5_000, latenessMs)
    const { delay } = windows.read()
    expect(delay?.min).to.equal(0)
    expect(delay?.max).to.be.closeTo(0.02, 1e-9)
    expect(delay?.mean).to.be.closeTo(0.0055, 1e-9)
    expect(delay?.stddev).to.be.closeTo(0.005, 1e-9)
    expect(delay?.p50).to.equal(0)
    expect(delay?.p90).to.be.closeTo(0.02, 1e-9)
    expect(delay?.p99).to.be.closeTo(0.02, 1e-9)
  })

  it('never tell a negative delay where a timer fired early', () => {
    const { windows, pass } = scenario()
    pass(20_000, -1)
    expect(windows.read().delay).to.include({ min: 0, max: 0, mean: 0, p99: 0 })
  })

  it('give a lone reader exactly the time since its last collection', () => {
    const { pass, maxMs } = scenario()
    pass(15_000, 7)
    expect(maxMs()).to.equal(7)
    pass(15_000, 1)
    expect(maxMs()).to.equal(1)
    pass(15_000, 2)
    expect(maxMs()).to.equal(2)
  })

  it('show a spike to both of two readers', () => {
    const { pass, maxMs } = scenario()
    pass(15_000, 0)
    expect(maxMs(), 'first reader').to.equal(0)
    pass(7_500, 0)
    expect(maxMs(), 'second reader').to.equal(0)
    pass(1_000, 90)
    pass(6_500, 0)
    expect(maxMs(), 'first reader').to.equal(90)
    pass(7_500, 0)
    expect(maxMs(), 'second reader').to.equal(90)
    pass(7_500, 0)
    expect(maxMs(), 'first reader, afterwards').to.equal(0)
    pass(7_500, 0)
    expect(maxMs(), 'second reader, afterwards').to.equal(0)
  })

  it('answer collections in quick succession with the same window, never with an empty one', () => {
    const { pass, maxMs } = scenario()
    pass(15_000, 30)
    expect([maxMs(), maxMs(), maxMs()]).to.deep.equal([30, 30, 30])
  })

  it('tell utilisation as a share', async () => {
    const { windows } = scenario()
    await new Promise((resolve) => setImmediate(resolve))
    expect(windows.read().utilization).to.be.within(0, 1)
  })

  it('stop both monitors', () => {
    const { windows, monitors } = scenario()
    expect(monitors.map(({ isEnabled }) => isEnabled)).to.deep.equal([true, true])
    windows.stop()
    expect(monitors.map(({ isEnabled }) => isEnabled)).to.deep.equal([false, false])
  })
})
