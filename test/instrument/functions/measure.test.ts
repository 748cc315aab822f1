// biome-ignore-all lint/suspicious/noThenProperty: thenables are part of what is tested
import { AsyncLocalStorage } from 'node:async_hooks'
import { expect } from 'chai'
import { measure } from '../../../src/instrument/functions/measure'
import { DeferredFunction } from '../../support/deferred'
import { TestService } from '../../support/test-service'
import { calls, measuredBy } from './support'

class Declined extends Error {}

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe('measure', () => {
  let service: TestService
  const of = <F extends (this: never, ...args: never[]) => unknown>(fn: F, name = 'f') =>
    measure(service.metrics, name, fn)

  beforeEach(() => {
    service = new TestService()
  })

  it('shows a function before it is called', async () => {
    of(() => 1)
    expect(await measuredBy(service)).to.deep.equal(calls('f', 0, 0))
  })

  it('returns what the function returns, whatever it is, and counts the call', async () => {
    const values = [1, 'a', undefined, null, true, 2n, Symbol('s'), {}, [], () => 1, new Map(), Object.create(null)]
    for (const value of values) {
      const measured = of(() => {
        service.clock.advance(500)
        return value
      })
      expect(measured()).to.equal(value)
    }
    expect(await measuredBy(service)).to.deep.equal(calls('f', values.length, values.length / 2))
  })

  it('throws what the function throws, whatever it is, and counts its class', async () => {
    const thrown = [new Declined('secret 1'), new TypeError('secret 2'), 'text', undefined, null, Object.freeze({})]
    for (const value of thrown) {
      const measured = of(() => {
        throw value
      })
      let caught: unknown = 'nothing'
      try {
        measured()
      } catch (error) {
        caught = error
      }
      expect(caught).to.equal(value)
    }
    expect(await measuredBy(service)).to.deep.equal({
      ...calls('f', 6, 0),
      'function_errors_total f Declined': 1,
      'function_errors_total f TypeError': 1,
      'function_errors_total f string': 1,
      'function_errors_total f undefined': 1,
      'function_errors_total f null': 1,
      'function_errors_total f Object': 1,
    })
  })

  it('is in flight until its promise settles', async () => {
    const work = new DeferredFunction<string>()
    const measured = of(() => work.call())
    const [first, second] = [measured(), measured()]
    expect(await measuredBy(service)).to.deep.equal(calls('f', 0, 0, 2))
    service.clock.advance(1_000)
    work.resolve('done')
    expect(await first).to.equal('done')
    service.clock.advance(1_000)
    const failure = new Declined()
    work.reject(failure)
    expect(await second.catch((error: unknown) => error)).to.equal(failure)
    expect(await measuredBy(service)).to.deep.equal({ ...calls('f', 2, 3), 'function_errors_total f Declined': 1 })
  })

  it('gives the very promise of a function where it is more than a promise', async () => {
    class Query extends Promise<number> {
      cancel() {
        return 'cancelled'
      }
    }
    const query = Query.resolve(1) as Query
    expect(of(() => query)()).to.equal(query)
    const labelled = Object.assign(Promise.resolve(1), { label: 'mine' })
    expect(of(() => labelled)()).to.equal(labelled)
    await Promise.resolve()
    expect(await measuredBy(service)).to.deep.equal(calls('f', 2, 0))
  })

  it('leaves a query that nobody awaits alone, and out of what is in flight', async () => {
    let executions = 0
    const query = {
      then(fulfilled: (rows: string) => void) {
        executions++
        fulfilled('rows')
      },
    }
    const measured = of(() => query)
    expect(measured()).to.equal(query)
    expect(executions).to.equal(0)
    expect(await measuredBy(service)).to.deep.equal(calls('f', 0, 0, 0))
    service.clock.advance(2_000)
    expect(await Promise.resolve(query)).to.equal('rows')
    expect(executions).to.equal(1)
    expect(await measuredBy(service)).to.deep.equal(calls('f', 1, 2, 0))
  })

  it('passes on this and arguments, and keeps the context of asynchronous work', async () => {
    const storage = new AsyncLocalStorage<string>()
    const account = {
      owner: 'ada',
      describe: of(async function (this: { owner: string }, ...rest: unknown[]) {
        await Promise.resolve()
        return [this.owner, storage.getStore(), ...rest]
      }),
    }
    const described = await storage.run('request 7', () => account.describe(1, undefined, 'x'))
    expect(described).to.deep.equal(['ada', 'request 7', 1, undefined, 'x'])
  })

  it('looks like the function: name, length, properties, symbols and prototype', () => {
    const tag = Symbol('tag')
    function transfer(_from: string, _to: string, _amount = 1) {}
    const fn = Object.assign(transfer, { version: 2, [tag]: true })
    const measured = of(fn)
    expect(measured).to.not.equal(fn)
    expect(measured.name).to.equal('transfer')
    expect(measured.length).to.equal(2)
    expect(measured.version).to.equal(2)
    expect(measured[tag]).to.equal(true)
    expect(measured.prototype).to.equal(fn.prototype)
    expect(measured instanceof Function).to.equal(true)
    expect(of((_a: number) => _a).prototype).to.equal(undefined)
    const odd = Object.defineProperty(() => 1, 'name', { value: 7 })
    expect(of(odd).name).to.equal(7)
  })

  it('passes on a call with new, which it does not measure', async () => {
    class Point {
      constructor(readonly x: number) {}
    }
    class Point3 extends Point {}
    const Measured = of(Point as never) as unknown as typeof Point
    expect(new Measured(3)).to.be.instanceOf(Point).and.include({ x: 3 })
    expect(Reflect.construct(Measured, [4], Point3)).to.be.instanceOf(Point3)
    expect(thrownBy(() => new (of(() => 1) as never as typeof Point)(1))).to.be.instanceOf(TypeError)
    expect(thrownBy(() => (Measured as unknown as () => void)())).to.be.instanceOf(TypeError)
    expect(await measuredBy(service)).to.deep.equal({ ...calls('f', 1, 0), 'function_errors_total f TypeError': 1 })
  })

  it('counts calls within calls, and functions of one name together', async () => {
    const factorial: (n: number) => number = of((n: number) => (n < 2 ? 1 : n * factorial(n - 1)), 'factorial')
    const sum = of((n: number) => n + 1, 'factorial')
    expect(factorial(5)).to.equal(120)
    expect(sum(1)).to.equal(2)
    expect(await measuredBy(service)).to.deep.equal(calls('factorial', 6, 0))
  })

  it('lets results be that throw when they are looked at', async () => {
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('hands off')
        },
        getPrototypeOf() {
          throw new Error('hands off')
        },
      },
    )
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    for (const value of [hostile, proxy]) expect(of(() => value)() === value).to.equal(true)
    expect(await measuredBy(service)).to.deep.equal(calls('f', 2, 0))
  })

  it('says what is wrong with its arguments', () => {
    for (const [name, fn, fault] of [
      ['', () => 1, 'Cannot measure function "": its name must be well-formed text that is not empty, got ""'],
      [7, () => 1, 'got 7'],
      ['\ud800', () => 1, 'well-formed'],
      ['f', 'charge', `Cannot measure function "f": it must be a function, got "charge". Write metrics.measure(`],
    ] as const) {
      expect(() => measure(service.metrics, name as string, fn as () => void)).to.throw(fault)
    }
  })
})

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
