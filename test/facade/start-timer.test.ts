import { expect } from 'chai'
import fc from 'fast-check'
import { TestService } from '../support/test-service'

function timing(unit?: string) {
  const service = new TestService()
  const options = unit === undefined ? {} : { unit }
  const histogram = service.metrics.histogram({
    name: 'work',
    labelNames: ['route', 'status'],
    buckets: [],
    ...options,
  })
  return { service, histogram }
}

const reading = (count: number, sum: number) => ({ buckets: { boundaries: [], counts: [count] }, count, sum })

describe('startTimer', () => {
  it('records and returns the time since it was called, each time that it is stopped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { minLength: 1 }), fc.boolean(), async (laps, isBound) => {
        const { service, histogram } = timing()
        const labels = { route: '/', status: 200 }
        const stop = isBound ? histogram.bind(labels).startTimer() : histogram.startTimer(labels)
        let elapsedMs = 0
        const returned = laps.map((lapMs) => {
          service.clock.advance(lapMs)
          elapsedMs += lapMs
          const elapsed = stop()
          expect(elapsed).to.equal(elapsedMs / 1_000)
          return elapsed
        })
        const sum = returned.reduce((total, elapsed) => total + elapsed, 0)
        expect(await service.series('work')).to.deep.equal({ 'route=/,status=200': reading(laps.length, sum) })
      }),
    )
  })

  it('takes labels at the start, at the end, or some at each; the end has the last word', async () => {
    const { service, histogram } = timing()
    histogram.startTimer({ route: '/a', status: 1 })()
    histogram.startTimer()({ route: '/b', status: 2 })
    histogram.startTimer({ route: '/c' })({ status: 3 })
    histogram.startTimer({ route: '/x', status: 4 })({ route: '/d' })
    histogram.startTimer()()
    expect(Object.keys(await service.series('work'))).to.deep.equal([
      'route=/a,status=1',
      'route=/b,status=2',
      'route=/c,status=3',
      'route=/d,status=4',
      'route=,status=',
    ])
  })

  it('records in the unit of the histogram', () => {
    for (const [unit, expected] of [
      ['s', 1.5],
      ['ms', 1_500],
      ['us', 1.5e6],
      ['ns', 1.5e9],
      ['min', 0.025],
      ['By', 1.5],
    ] as const) {
      const { service, histogram } = timing(unit)
      const stop = histogram.startTimer()
      service.clock.advance(1_500)
      expect(stop(), unit).to.be.closeTo(expected, expected * 1e-12)
    }
  })

  it('does not mind the clock of the machine being set', () => {
    const { service, histogram } = timing()
    const stop = histogram.startTimer()
    service.clock.advance(500)
    service.clock.setTimeOfDay(0)
    expect(stop()).to.equal(0.5)
  })
})
