import { createAllowListAttributesProcessor, type Histogram } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import type { HistogramOptions } from '../../src/model/definition'
import { ExpositionHouse, samples } from '../support/exposition-house'
import { TestService } from '../support/test-service'
import { type Kind, type Recorder, subjectOf } from './support/subject'

const HUGE = 1e308
const MOST = Number.MAX_VALUE
const KINDS: readonly Kind[] = ['counter', 'upDownCounter', 'gauge', 'histogram']

/** The value or the sum of the one series of `subject`. */
async function sumOf(service: TestService): Promise<number | undefined> {
  const { 'id=a': value } = await service.series('subject')
  return typeof value === 'object' ? (value as Histogram).sum : value
}

describe('A sum of numbers that leaves their range', () => {
  for (const kind of KINDS) {
    for (const way of ['labelled', 'bound'] as const) {
      it(`stays at its end: ${kind}, ${way}`, async () => {
        const service = new TestService()
        const subject = subjectOf(service.metrics, kind, { name: 'subject', labelNames: ['id'] })
        const labelled: Recorder = {
          record: (value) => subject.record(value, { id: 'a' }),
          adjust: (value) => subject.adjust(value, { id: 'a' }),
        }
        const recorder = way === 'bound' ? subject.bind({ id: 'a' }) : labelled
        for (let again = 0; again < 3; again++) recorder.adjust(HUGE)
        expect(await sumOf(service)).to.equal(MOST)
        recorder.adjust(1)
        expect(await sumOf(service)).to.equal(MOST)
        if (kind === 'counter') return
        recorder.adjust(-HUGE)
        expect(await sumOf(service)).to.equal(MOST - HUGE)
        for (let again = 0; again < 3; again++) recorder.adjust(-HUGE)
        expect(await sumOf(service)).to.equal(-MOST)
      })
    }
  }

  for (const [what, options] of [
    ['native', { native: true }],
    ['native with buckets', { native: true, buckets: [1] }],
  ] satisfies [string, Partial<HistogramOptions>][]) {
    it(`stays at its end: ${what} histogram`, async () => {
      const service = new TestService()
      const histogram = service.metrics.histogram({ name: 'subject', labelNames: ['id'], ...options })
      for (let again = 0; again < 2; again++) histogram.record(HUGE, { id: 'a' })
      histogram.bind({ id: 'a' }).record(HUGE)
      expect(await sumOf(service)).to.equal(MOST)
      histogram.bind({ id: 'a' }).record(-HUGE)
      expect(await sumOf(service)).to.equal(MOST - HUGE)
    })
  }

  it('stays at its end where a view has observations share a series', async () => {
    const service = new TestService({
      views: [{ instrumentName: 'subject', attributesProcessors: [createAllowListAttributesProcessor(['id'])] }],
    })
    service.metrics.observableCounter({
      name: 'subject',
      labelNames: ['id', 'other'],
      callback: (result) => {
        for (const other of [1, 2, 3]) result.observe(HUGE, { id: 'a', other })
      },
    })
    expect(await sumOf(service)).to.equal(MOST)
  })

  it('is a number on pages, also where two series read the same there', async () => {
    const house = new ExpositionHouse()
    const counter = house.metrics.counter({ name: 'c_total' })
    const histogram = house.metrics.histogram({ name: 'h', buckets: [] })
    const merged = house.meter().createCounter('m')
    for (let again = 0; again < 2; again++) {
      counter.add(HUGE)
      histogram.record(HUGE)
      merged.add(HUGE, { a: again === 0 ? 1 : '1' })
    }
    const expected = [
      `c_total ${MOST}`,
      'h_bucket{le="+Inf"} 2',
      `h_sum ${MOST}`,
      'h_count 2',
      `m_total{a="1"} ${MOST}`,
    ]
    expect(samples(await house.text())).to.deep.equal(expected)
    expect(samples(await house.openMetrics())).to.deep.equal(expected)
  })
})
