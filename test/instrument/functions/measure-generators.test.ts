import { expect } from 'chai'
import { measure } from '../../../src/instrument/functions/measure'
import { DeferredFunction } from '../../support/deferred'
import { TestService } from '../../support/test-service'
import { calls, Declined, measuredBy, thrownBy } from './support'

describe('measure: generators', () => {
  let service: TestService
  beforeEach(() => {
    service = new TestService()
  })
  const count = (to: number) =>
    measure(service.metrics, 'count', function* (): Generator<number, string, number | undefined> {
      for (let n = 1; n <= to; n++) {
        service.clock.advance(1_000)
        const told = yield n
        if (told !== undefined) n = told
      }
      return 'end'
    })

  it('count when they are done, for the time of their own steps', async () => {
    const seen: number[] = []
    for (const n of count(3)()) {
      seen.push(n)
      service.clock.advance(60_000)
      expect(await measuredBy(service)).to.deep.equal(calls('count', 0, 0))
    }
    expect(seen).to.deep.equal([1, 2, 3])
    expect(await measuredBy(service)).to.deep.equal(calls('count', 1, 3))
  })

  it('are the very generators, that take values and give their own', async () => {
    const generator = count(9)()
    expect(Object.prototype.toString.call(generator)).to.equal('[object Generator]')
    expect(Object.keys(generator)).to.deep.equal([])
    expect(generator[Symbol.iterator]()).to.equal(generator)
    expect(generator.next()).to.deep.equal({ value: 1, done: false })
    expect(generator.next(8)).to.deep.equal({ value: 9, done: false })
    expect(generator.next()).to.deep.equal({ value: 'end', done: true })
    expect(generator.next()).to.deep.equal({ value: undefined, done: true })
    expect(await measuredBy(service)).to.deep.equal(calls('count', 1, 2))
  })

  it('count when they are returned from or fail, and not when they are left lying', async () => {
    for (const n of count(9)()) if (n === 2) break
    const failure = new Declined()
    expect(thrownBy(() => count(9)().throw(failure))).to.equal(failure)
    count(9)().next()
    const [first] = count(9)()
    expect(first).to.equal(1)
    expect([
      ...(function* () {
        yield* count(1)()
      })(),
    ]).to.deep.equal([1])
    expect(await measuredBy(service)).to.deep.equal({
      ...calls('count', 4, 4),
      'function_errors_total count Declined': 1,
    })
  })

  it('are in flight while a step runs, async ones as well', async () => {
    const work = new DeferredFunction<number>()
    const rows = measure(service.metrics, 'rows', async function* () {
      yield await work.call()
      yield await work.call()
    })
    const generator = rows()
    expect(await measuredBy(service)).to.deep.equal(calls('rows', 0, 0))
    const steps = [generator.next(), generator.next()]
    await Promise.resolve()
    expect(await measuredBy(service)).to.deep.equal(calls('rows', 0, 0, 1))
    service.clock.advance(1_000)
    work.resolve(1)
    expect(await steps[0]).to.deep.equal({ value: 1, done: false })
    await new Promise(setImmediate)
    work.resolve(2)
    expect(await steps[1]).to.deep.equal({ value: 2, done: false })
    expect(await measuredBy(service)).to.deep.equal(calls('rows', 0, 0))
    service.clock.advance(50_000)
    expect(await generator.next()).to.deep.equal({ value: undefined, done: true })
    expect(await measuredBy(service)).to.deep.equal(calls('rows', 1, 1))
  })

  it('that are async and fail count once, and their rejection is passed on', async () => {
    const failure = new Declined()
    const rows = measure(service.metrics, 'rows', async function* (): AsyncGenerator<number> {
      yield 1
      throw failure
    })
    const read = async () => {
      const seen: unknown[] = []
      try {
        for await (const row of rows()) seen.push(row)
      } catch (error) {
        seen.push(error)
      }
      return seen
    }
    expect(await read()).to.deep.equal([1, failure])
    expect(await measuredBy(service)).to.deep.equal({
      ...calls('rows', 1, 0),
      'function_errors_total rows Declined': 1,
    })
  })

  it('that are frozen count when they are called', async () => {
    const frozen = measure(service.metrics, 'frozen', () =>
      Object.freeze(
        (function* () {
          yield 1
        })(),
      ),
    )
    expect([...frozen()]).to.deep.equal([1])
    expect(await measuredBy(service)).to.deep.equal(calls('frozen', 1, 0))
  })
})
