import { expect } from 'chai'
import fc from 'fast-check'
import { TestService } from '../support/test-service'

const NAMES = ['a', 'b', 'c', 'd'] as const
/** Texts that objects and other code give a meaning of their own. */
const LOADED = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  'valueOf',
  'length',
  '0',
  'NaN',
  'undefined',
  'null',
  '',
]

const text = fc.oneof(
  fc.constantFrom(...LOADED),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('\ud800', 'a\0b', 'x'.repeat(10_000)),
)
const value = fc.oneof({ weight: 4, arbitrary: text }, fc.integer(), fc.double(), fc.boolean())

/** Some of the labels, in any order. */
const labels = fc
  .tuple(fc.subarray([...NAMES]), fc.array(value, { minLength: NAMES.length, maxLength: NAMES.length }))
  .chain(([names, values]) =>
    fc.shuffledSubarray(names, { minLength: names.length }).map((order) => {
      const given: Record<string, string | number | boolean> = {}
      for (const name of order) given[name] = values[NAMES.indexOf(name)] as string
      return given
    }),
  )

describe('Labels of an instrument', () => {
  it('lead to the series that their texts name, in any order, a missing one being empty', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(labels, { minLength: 1, maxLength: 60 }), async (all) => {
        const service = new TestService()
        const counter = service.metrics.counter({ name: 'jobs_total', labelNames: NAMES })
        const expected = new Map<string, number>()
        for (const given of all) {
          counter.add(1, given as never)
          const key = JSON.stringify(NAMES.map((name) => String(given[name] ?? '').toWellFormed()))
          expected.set(key, (expected.get(key) ?? 0) + 1)
        }
        const points = await service.points('jobs_total')
        const found = points.map(({ labels, value }) => [JSON.stringify(NAMES.map((name) => labels[name])), value])
        expect(found).to.have.deep.members([...expected])
      }),
    )
  })

  it('are found again in every order in which they can be written', async () => {
    const service = new TestService()
    const counter = service.metrics.counter({ name: 'jobs_total', labelNames: ['a', 'b', 'c', 'd', 'e'] })
    const orders = permutations(['a', 'b', 'c', 'd', 'e'])
    for (let again = 0; again < 3; again++) {
      for (const order of orders) counter.add(1, Object.fromEntries(order.map((name) => [name, `${name}!`])) as never)
    }
    expect(orders).to.have.lengthOf(120)
    expect(await service.points('jobs_total')).to.have.lengthOf(1)
    expect(await service.series('jobs_total')).to.deep.equal({ 'a=a!,b=b!,c=c!,d=d!,e=e!': 360 })
  })

  it('are read when they are recorded: changing the object later changes nothing', async () => {
    const service = new TestService()
    const counter = service.metrics.counter({ name: 'jobs_total', labelNames: ['id'] })
    const histogram = service.metrics.histogram({ name: 'job_seconds', labelNames: ['id'], buckets: [] })
    const given = { id: 'a' }
    const bound = counter.bind(given)
    const stop = histogram.startTimer(given)
    const { promise, resolve } = Promise.withResolvers<void>()
    const timed = histogram.time(() => promise, given)
    given.id = 'b'
    counter.remove({ id: 'a' })
    bound.add(1)
    stop()
    resolve()
    await timed
    expect(await service.series('jobs_total')).to.deep.equal({ 'id=a': 1 })
    expect(Object.keys(await service.series('job_seconds'))).to.deep.equal(['id=a'])
  })
})

describe('OpenTelemetry attributes', () => {
  const name = fc.oneof(
    fc.constantFrom(...LOADED),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('http.route', 'a', 'b'),
  )
  const attributes = fc.uniqueArray(fc.tuple(name, value), { selector: ([name]) => name, maxLength: 5 })

  it('may have any names, and tell numbers and flags from texts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(attributes, { maxLength: 40 }), async (all) => {
        const service = new TestService()
        const counter = service.meterProvider.getMeter('library').createCounter('jobs')
        const expected = new Map<string, number>()
        for (const entries of all) {
          // Unlike an assignment, this gives the object a "__proto__" of its own.
          counter.add(1, Object.fromEntries(entries))
          const key = identity(entries.filter(([name]) => name !== ''))
          expected.set(key, (expected.get(key) ?? 0) + 1)
        }
        const points = await service.points('jobs')
        const found = points.map(({ labels, value }) => [identity(Object.entries(labels)), value])
        expect(found).to.have.deep.members([...expected])
      }),
    )
  })

  it('of the same lists and maps are the same series, however often they are made', async () => {
    const service = new TestService()
    const counter = service.meterProvider.getMeter('library').createCounter('jobs')
    for (const tags of [['a', 'b'], ['a', 'b'], ['b', 'a'], ['a,b'], 'a,b', [1, 2], ['1', '2'], ['a', 'b']]) {
      counter.add(1, { tags } as never)
    }
    expect((await service.points('jobs')).map(({ labels, value }) => [labels.tags, value])).to.deep.equal([
      [['a', 'b'], 3],
      [['b', 'a'], 1],
      [['a,b'], 1],
      ['a,b', 1],
      [[1, 2], 1],
      [['1', '2'], 1],
    ])
  })

  it('that are lists cannot be changed from outside', async () => {
    const service = new TestService()
    const counter = service.meterProvider.getMeter('library').createCounter('jobs')
    const tags = ['a']
    counter.add(1, { tags })
    tags.push('b')
    counter.add(1, { tags: ['a'] })
    const [point, ...others] = await service.points('jobs')
    expect(others).to.deep.equal([])
    expect(point).to.deep.include({ value: 2 })
    expect(Object.isFrozen(point?.labels.tags)).to.equal(true)
  })
})

/** Attributes as one text: the same for the same series. Zero has no sign as a key, and NaN is told as text. */
function identity(entries: readonly (readonly [name: string, value: unknown])[]): string {
  return JSON.stringify(
    entries
      .map(([name, value]) => [name, Number.isNaN(value) ? 'NaN' : value === 0 ? 0 : value] as const)
      .map(([name, value]) => [name, typeof value, String(value).toWellFormed()] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]))
}
