// biome-ignore-all lint/suspicious/noThenProperty: thenables are part of what is tested
import { AsyncLocalStorage } from 'node:async_hooks'
import { expect } from 'chai'
import { measure } from '../../../src/instrument/functions/measure'
import { DeferredFunction } from '../../support/deferred'
import { TestService } from '../../support/test-service'
import { calls, Declined, measuredBy, thrownBy } from './support'

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
