import { expect } from 'chai'
import { createMetrics } from '../../src/index'
import { heapUsedBytes } from '../support/garbage'

/** A text of its own, as a request's body is. */
const body = (length: number, end: string) => Buffer.alloc(length, 'x').toString('latin1').concat(end).slice(0)

const BODIES = 100
const BODY_LENGTH = 100_000

describe('A text that is kept', () => {
  const RECORDINGS: Readonly<Record<string, (value: string, index: number) => void>> = (() => {
    const metrics = createMetrics({ runtime: false, http: false, prometheus: { server: false }, logger: false })
    const labelled = metrics.counter({ name: 'labelled_total', labelNames: ['part'] })
    const attributed = metrics.meterProvider.getMeter('test').createCounter('attributed')
    const traced = metrics.counter({ name: 'traced_total', labelNames: ['index'] })
    after(() => metrics.shutdown())
    return {
      'the label of a declared instrument': (part) => labelled.add(1, { part }),
      'the attribute of an OpenTelemetry instrument': (part) => attributed.add(1, { part }),
      'the label of an exemplar': (part, index) => traced.add(1, { index }, { exemplar: { part } }),
    }
  })()

  for (const [use, record] of Object.entries(RECORDINGS)) {
    it(`as ${use} holds nothing of the text it is a slice of`, () => {
      const before = heapUsedBytes()
      for (let index = 0; index < BODIES; index++) {
        record(body(BODY_LENGTH, `the end of body ${index}`).slice(-24), index)
      }
      expect(heapUsedBytes() - before).to.be.below((BODIES * BODY_LENGTH) / 10)
    })
  }
})
