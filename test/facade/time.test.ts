import { expect } from 'chai'
import fc from 'fast-check'
import type { BoundHistogram, Histogram } from '../../src/facade/histogram'
import { settled } from '../support/deferred'
import type { ManualClock } from '../support/manual-clock'
import { TestService } from '../support/test-service'

type Timer = Pick<Histogram | BoundHistogram, 'time'>

/** The two ways to time something, each over a clock that only the test moves. */
const TIMERS: Readonly<Record<string, (histogram: Histogram) => Timer>> = {
  'histogram.time': (histogram) => histogram,
  'bound.time': (histogram) => histogram.bind({}),
}

class Stopwatch {
  readonly service = new TestService()
  readonly clock: ManualClock = this.service.clock
  readonly timer: Timer

  constructor(timerOf: (histogram: Histogram) => Timer, unit = 's') {
    this.timer = timerOf(this.service.metrics.histogram({ name: 'work', unit, buckets: [] }))
  }

  /** What was recorded so far: how often, and how much in all. */
  async recorded(): Promise<{ count: number; sum: number }> {
    const { '': reading } = await this.service.series('work')
    if (typeof reading !== 'object') throw new Error('the histogram has no series')
    return { count: reading.count, sum: reading.sum ?? Number.NaN }
  }
}

for (const [name, timerOf] of Object.entries(TIMERS)) {
  describe(name, () => {
    it('returns what fn returns, whatever it is, and records once', async () => {
      await fc.assert(
        fc.asyncProperty(fc.anything(), fc.nat(), async (value, elapsedMs) => {
          const { timer, clock, recorded } = stopwatch(timerOf)
          const result = timer.time(() => {
            clock.advance(elapsedMs)
            return value
          })
          expect(Object.is(result, value)).to.equal(true)
          expect(await recorded()).to.deep.equal({ count: 1, sum: elapsedMs / 1_000 })
        }),
      )
    })

    it('throws what fn throws, whatever it is, and records once', async () => {
      for (const thrown of [new Error('no'), undefined, null, 0, Symbol('no')]) {
        const { timer, clock, recorded } = stopwatch(timerOf)
        const outcome = catching(() =>
          timer.time(() => {
            clock.advance(250)
            throw thrown
          }),
        )
        expect(outcome).to.deep.equal({ thrown })
        expect(await recorded()).to.deep.equal({ count: 1, sum: 0.25 })
      }
    })

    it('gives a promise that is fulfilled as that of fn is, and records then', async () => {
      const { timer, clock, recorded } = stopwatch(timerOf)
      const { promise, resolve } = Promise.withResolvers<string>()
      const timed = timer.time(() => promise)
      clock.advance(1_500)
      await settled()
      expect(await recorded()).to.deep.equal({ count: 0, sum: 0 })
      resolve('done')
      expect(await timed).to.equal('done')
      expect(await recorded()).to.deep.equal({ count: 1, sum: 1.5 })
    })

    it('gives a promise that is rejected as that of fn is, and records then', async () => {
      const { timer, clock, recorded } = stopwatch(timerOf)
      const { promise, reject } = Promise.withResolvers<never>()
      const failure = new Error('declined')
      const timed = timer.time(() => promise)
      clock.advance(500)
      reject(failure)
      expect(await timed.catch((error: unknown) => error)).to.equal(failure)
      expect(await recorded()).to.deep.equal({ count: 1, sum: 0.5 })
    })

    it('leaves the rejection of a promise unhandled where nobody handles it', async () => {
      const { timer } = stopwatch(timerOf)
      const unhandled: unknown[] = []
      const listeners = process.listeners('unhandledRejection')
      process.removeAllListeners('unhandledRejection')
      process.on('unhandledRejection', (reason) => unhandled.push(reason))
      const failure = new Error('declined')
      try {
        timer.time(async () => {
          throw failure
        })
        await settled()
        await new Promise((resolve) => setImmediate(resolve))
      } finally {
        process.removeAllListeners('unhandledRejection')
        for (const listener of listeners) process.on('unhandledRejection', listener)
      }
      expect(unhandled).to.deep.equal([failure])
    })

    it('returns the very promise of fn where it is more than a promise', async () => {
      const { timer, recorded } = stopwatch(timerOf)
      const child = Object.assign(Promise.resolve('done'), { kill() {} })
      expect(timer.time(() => child)).to.equal(child)
      await settled()
      expect((await recorded()).count).to.equal(1)
    })

    it('makes no rejection of its own that nobody handles', async () => {
      const unhandled: unknown[] = []
      const listener = (reason: unknown) => unhandled.push(reason)
      process.on('unhandledRejection', listener)
      try {
        const { timer } = stopwatch(timerOf)
        const rejected = timer.time(() => Promise.reject(new Error('declined')))
        rejected.catch(() => undefined)
        await settled()
        await settled()
      } finally {
        process.off('unhandledRejection', listener)
      }
      expect(unhandled).to.deep.equal([])
    })

    it('records in the unit of the histogram', async () => {
      const units = { s: 90, ms: 90_000, us: 9e7, ns: 9e10, min: 1.5, h: 0.025, d: 90 / 86_400, By: 90, '': 90 }
      for (const [unit, expected] of Object.entries(units)) {
        const { timer, clock, recorded } = stopwatch(timerOf, unit)
        timer.time(() => clock.advance(90_000))
        const { sum } = await recorded()
        expect(sum, unit).to.be.closeTo(expected, expected * 1e-12)
      }
    })
  })
}

function stopwatch(timerOf: (histogram: Histogram) => Timer, unit?: string) {
  const made = new Stopwatch(timerOf, unit)
  return { timer: made.timer, clock: made.clock, recorded: () => made.recorded() }
}

function catching(fn: () => unknown): { thrown: unknown } | { returned: unknown } {
  try {
    return { returned: fn() }
  } catch (thrown) {
    return { thrown }
  }
}
