import { expect } from 'chai'
import fc from 'fast-check'
import { PROTOBUF } from '../../src/exposition/format'
import { ExpositionHouse, type HouseOptions } from '../support/exposition-house'
import { type MetricFamily, nativeBuckets, parseProtobuf } from '../support/protobuf-page'

/** When the clock of the house stands still. */
const CREATED = { seconds: 1_700_000_000 }

async function written(fill: (house: ExpositionHouse) => void, options?: HouseOptions): Promise<MetricFamily[]> {
  const house = new ExpositionHouse(options)
  fill(house)
  return parseProtobuf(await house.page(PROTOBUF))
}

describe('exposition: delimited protobuf', () => {
  it('writes counters, gauges and the resource', async () => {
    const families = await written(
      ({ metrics }) => {
        const counter = metrics.counter({ name: 'jobs_total', help: 'Jobs "done"', labelNames: ['kind', 'zone'] })
        counter.add(2.5, { kind: 'b\n"\\', zone: '' })
        counter.add(2 ** 60, { kind: 'a', zone: 'é' })
        metrics.gauge({ name: 'temperature_celsius', unit: 'Cel' }).set(-1)
        metrics.upDownCounter({ name: 'open' }).add(-3)
      },
      { constantLabels: { env: 'prod' }, resource: { 'service.name': 'shop', n: 1 } },
    )
    const env = { name: 'env', value: 'prod' }
    expect(families).to.deep.equal([
      {
        name: 'target_info',
        help: 'Target metadata',
        type: 'GAUGE',
        metric: [
          {
            label: [
              { name: 'n', value: '1' },
              { name: 'service_name', value: 'shop' },
            ],
            gauge: { value: 1 },
          },
        ],
      },
      {
        name: 'jobs_total',
        help: 'Jobs "done"',
        type: 'COUNTER',
        metric: [
          {
            label: [env, { name: 'kind', value: 'a' }, { name: 'zone', value: 'é' }],
            counter: { value: 2 ** 60, createdTimestamp: CREATED },
          },
          {
            label: [env, { name: 'kind', value: 'b\n"\\' }, { name: 'zone', value: '' }],
            counter: { value: 2.5, createdTimestamp: CREATED },
          },
        ],
      },
      { name: 'open', type: 'GAUGE', metric: [{ label: [env], gauge: { value: -3 } }] },
      {
        name: 'temperature_celsius',
        type: 'GAUGE',
        unit: 'celsius',
        metric: [{ label: [env], gauge: { value: -1 } }],
      },
    ])
  })

  it('writes explicit buckets, the last of which goes without saying', async () => {
    const [family] = await written(({ metrics }) => {
      const histogram = metrics.histogram({ name: 'h_seconds', buckets: [0.5, 1] })
      for (const value of [0.5, 0.7, 9, 200]) histogram.record(value)
    })
    expect(family?.metric).to.deep.equal([
      {
        histogram: {
          sampleCount: 4,
          sampleSum: 210.2,
          bucket: [
            { cumulativeCount: 1, upperBound: 0.5 },
            { cumulativeCount: 2, upperBound: 1 },
          ],
          createdTimestamp: CREATED,
        },
      },
    ])
  })

  it('writes native buckets as spans and deltas', async () => {
    const [family] = await written(({ metrics }) => {
      const histogram = metrics.histogram({ name: 'h', native: { scale: 0 } })
      for (const value of [0, 1, 1, 2, 16, 1_024, -3]) histogram.record(value)
    })
    expect(family?.metric?.[0]?.histogram).to.deep.equal({
      sampleCount: 7,
      sampleSum: 1_041,
      createdTimestamp: CREATED,
      schema: 0,
      zeroThreshold: 0,
      zeroCount: 1,
      negativeSpan: [{ offset: 2, length: 1 }],
      negativeDelta: [1],
      positiveSpan: [
        { offset: 0, length: 5 },
        { offset: 5, length: 1 },
      ],
      positiveDelta: [2, -1, -1, 0, 1, 0],
    })
  })

  it('tells a native histogram without a measurement from one without native buckets', async () => {
    const [family] = await written(({ metrics }) => void metrics.histogram({ name: 'h', native: true }).bind({}))
    expect(family?.metric?.[0]?.histogram).to.deep.equal({
      sampleCount: 0,
      sampleSum: 0,
      createdTimestamp: CREATED,
      schema: 8,
      zeroThreshold: Number.MIN_VALUE,
      zeroCount: 0,
      positiveSpan: [{ offset: 0, length: 0 }],
    })
  })

  it('writes both kinds of buckets where both were asked for', async () => {
    const [family] = await written(({ metrics }) =>
      metrics.histogram({ name: 'h', native: { scale: 0 }, buckets: [1] }).record(4),
    )
    const { bucket, positiveSpan } = family?.metric?.[0]?.histogram ?? {}
    expect([bucket, positiveSpan]).to.deep.equal([[{ cumulativeCount: 0, upperBound: 1 }], [{ offset: 2, length: 1 }]])
  })

  it('has native buckets of no finer scale than Prometheus knows, and explicit ones where they are too coarse', async () => {
    const values = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 })
    await fc.assert(
      fc.asyncProperty(values, fc.integer({ min: -4, max: 20 }), async (values, scale) => {
        const [family] = await written(({ metrics }) => {
          const histogram = metrics.histogram({ name: 'h', native: { scale, maxBuckets: 10_000 } })
          for (const value of values) histogram.record(value)
        })
        const { schema = 0, positiveSpan, positiveDelta, sampleCount } = family?.metric?.[0]?.histogram ?? {}
        expect(schema).to.be.at.most(8)
        const buckets = nativeBuckets(positiveSpan, positiveDelta)
        expect(buckets.reduce((sum, [, count]) => sum + count, 0)).to.equal(sampleCount)
        for (const [index, count] of buckets) {
          const [low, high] = [2 ** ((index - 1) * 2 ** -schema), 2 ** (index * 2 ** -schema)]
          const near = 1e-12
          const sure = values.filter((value) => value > low * (1 + near) && value <= high * (1 - near)).length
          const maybe = values.filter((value) => value > low * (1 - near) && value <= high * (1 + near)).length
          expect(count).to.be.within(sure, maybe)
        }
      }),
      { numRuns: 100 },
    )
    const [coarse] = await written(({ metrics }) => metrics.histogram({ name: 'h', native: { scale: -5 } }).record(3))
    const { schema, bucket, sampleCount } = coarse?.metric?.[0]?.histogram ?? {}
    expect([schema, bucket?.length, sampleCount]).to.deep.equal([undefined, 21, 1])
  })

  for (const isMerged of [false, true]) {
    const how = isMerged ? 'also where some are brought together' : 'one after the other'
    it(`has series with native buckets and series without in messages of their own, ${how}`, async () => {
      const messages = await written(
        ({ metrics }) => {
          const labelNames = ['a', ...(isMerged ? ['b.c', 'b_c'] : [])]
          const histogram = metrics.histogram({ name: 'h', help: 'Wide', native: { maxBuckets: 4 }, labelNames })
          // The second one and the fourth need buckets that are coarser than Prometheus has.
          const values = [[1, 2], [1e-100, 1e100], [], [1e-100, 1e100], [3]]
          values.forEach((each, index) => {
            const labels = { a: String(index), ...(isMerged && { 'b.c': 'x', b_c: 'y' }) }
            const series = histogram.bind(labels as never)
            for (const value of each) series.record(value)
          })
        },
        { translationStrategy: 'NoTranslation' },
      )
      expect(messages.map(({ name, help, type }) => [name, help, type])).to.deep.equal(
        Array.from({ length: 5 }, () => ['h', 'Wide', 'HISTOGRAM']),
      )
      expect(
        messages.map(({ metric = [] }) =>
          metric.map(({ label, histogram }) => [
            label?.[0]?.value,
            histogram?.sampleCount,
            histogram?.schema !== undefined,
          ]),
        ),
      ).to.deep.equal([[['0', 2, true]], [['1', 2, false]], [['2', 0, true]], [['3', 2, false]], [['4', 1, true]]])
    })
  }

  it('adds up series that read the same', async () => {
    const [family] = await written((house) => {
      const counter = house.meter().createCounter('c')
      counter.add(1, { 'a.b': 'x\n"\\', a_c: 'y' })
      counter.add(10, { a_b: 'x\n"\\', 'a.c': 'y' })
    })
    expect(family?.metric?.map(({ label, counter }) => [label, counter?.value])).to.deep.equal([
      [
        [
          { name: 'a_b', value: 'x\n"\\' },
          { name: 'a_c', value: 'y' },
        ],
        11,
      ],
    ])
  })

  it('brings any labels and numbers back', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constant('x'.repeat(9_000)),
    )
    const series = fc.uniqueArray(fc.tuple(text, text, fc.double({ noNaN: true, noDefaultInfinity: true })), {
      maxLength: 20,
      selector: ([a, b]) => JSON.stringify([a.toWellFormed(), b.toWellFormed()]),
    })
    await fc.assert(
      fc.asyncProperty(series, async (given) => {
        const families = await written(({ metrics }) => {
          const gauge = metrics.gauge({ name: 'g', labelNames: ['a', 'b'] })
          for (const [a, b, value] of given) gauge.set(value, { a, b })
        })
        const read = families.flatMap(({ metric = [] }) =>
          metric.map(({ label = [], gauge }) => [...label.map(({ value }) => value), gauge?.value]),
        )
        expect(read).to.have.deep.members(given.map(([a, b, value]) => [a.toWellFormed(), b.toWellFormed(), value]))
      }),
      { numRuns: 200 },
    )
  })

  it('lets a family of more than a megabyte go on in another message, every series once', async () => {
    const house = new ExpositionHouse({ cardinalityLimit: 1e5 })
    const gauge = house.metrics.gauge({ name: 'g', help: 'Many', labelNames: ['id'] })
    for (let id = 0; id < 30_000; id++) gauge.set(id, { id: `${id}${'x'.repeat(50)}` })
    house.metrics.counter({ name: 'z_total' }).add(1)
    const chunks = [...house.chunks(PROTOBUF)]
    const families = parseProtobuf(Buffer.concat(chunks))
    const names = families.map(({ name }) => name)
    expect(names.length).to.be.within(3, 6)
    expect([...new Set(names)]).to.deep.equal(['g', 'z_total'])
    for (const { name, help, type } of families) if (name === 'g') expect([help, type]).to.deep.equal(['Many', 'GAUGE'])
    const values = families.flatMap(({ name, metric = [] }) =>
      name === 'g' ? metric.map(({ gauge }) => gauge?.value) : [],
    )
    expect(values.sort((a = 0, b = 0) => a - b)).to.deep.equal(Array.from({ length: 30_000 }, (_, id) => id))
    for (const chunk of chunks) expect(chunk.length).to.be.at.most(2 ** 20)
  })

  it('is whole, whatever the application does between its chunks', () => {
    const step = fc.record({ act: fc.constantFrom('add', 'remove', 'clear'), from: fc.nat(999), count: fc.nat(700) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const house = new ExpositionHouse({ cardinalityLimit: 1e5 })
        const gauge = house.metrics.gauge({ name: 'g', labelNames: ['id'] })
        const idOf = (number: number) => `${String(number).padStart(4, '0')}${'x'.repeat(3_000)}`
        const alive = new Set<number>()
        const add = (number: number) => {
          gauge.set(number, { id: idOf(number) })
          alive.add(number)
        }
        for (let number = 0; number < 1_000; number++) add(number)
        const steady = new Set(alive)
        const chunks: Buffer[] = []
        for (const chunk of house.chunks(PROTOBUF)) {
          chunks.push(chunk)
          const { act, from, count } = steps[chunks.length - 1] ?? { act: '', from: 0, count: 0 }
          const numbers = Array.from({ length: count }, (_, index) => from + index)
          if (act === 'add') numbers.forEach(add)
          const gone =
            act === 'clear' ? [...alive] : act === 'remove' ? numbers.filter((number) => alive.has(number)) : []
          if (act === 'clear') gauge.clear()
          for (const number of gone) {
            if (act === 'remove') gauge.remove({ id: idOf(number) })
            alive.delete(number)
            steady.delete(number)
          }
        }
        const read = parseProtobuf(Buffer.concat(chunks)).flatMap(({ metric = [] }) => metric)
        const ids = read.map(({ label, gauge }) => {
          const id = label?.[0]?.value ?? ''
          expect(id).to.equal(idOf(gauge?.value ?? -1))
          return gauge?.value ?? -1
        })
        expect(new Set(ids).size).to.equal(ids.length)
        expect([...steady].filter((number) => !ids.includes(number))).to.deep.equal([])
      }),
      { numRuns: 30 },
    )
  })
})
