import { expect } from 'chai'
import { createMetrics } from '../../src/init'
import { DefinitionError } from '../../src/model/errors'

const start = (http: unknown) => createMetrics({ exporters: [], runtime: false, logger: false, http: http as never })

describe('options of http', () => {
  const cases: readonly (readonly [http: object, text: string])[] = [
    [{ ignore: 5 }, 'http.ignore must be a list of paths and regular expressions, or a function, got 5'],
    [{ ignore: [5] }, 'http.ignore must be a list of paths and regular expressions, or a function, got [5]'],
    [{ route: '/x' }, 'http.route must be a function, got "/x"'],
    [{ maxPaths: 0 }, 'http.maxPaths must be a whole number from 1 to 1000, got 0'],
    [{ buckets: 'fine' }, 'http.buckets must be a list of rising numbers, got "fine"'],
    [{ buckets: [2, 1] }, 'http.buckets must be a list of rising numbers, got [2, 1]'],
    [{ buckets: [Number.POSITIVE_INFINITY, 1] }, 'http.buckets must be a list of rising numbers'],
    [{ sizes: { buckets: [1, 1] } }, 'http.sizes must be true, false, or an object with buckets'],
    [{ bogus: 1 }, 'got "http.bogus"'],
  ]
  for (const [http, text] of cases) {
    it(`are refused where they are ${JSON.stringify(http)}`, () => {
      expect(() => start(http))
        .to.throw(DefinitionError)
        .with.property('message')
        .that.includes(text)
    })
  }

  it('that are right are taken', async () => {
    const metrics = start({
      ignore: ['/health', /^\/internal/],
      route: () => undefined,
      maxPaths: 5,
      buckets: [1, Number.POSITIVE_INFINITY],
    })
    await metrics.shutdown()
  })
})

describe('options of an instrument', () => {
  it('that are unknown are refused by name', async () => {
    const metrics = start(false)
    const options = { name: 'h', bucket: [1] } as never
    expect(() => metrics.histogram(options)).to.throw(DefinitionError, 'got "bucket"')
    await metrics.shutdown()
  })
})
