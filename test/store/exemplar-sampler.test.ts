import { AsyncLocalStorage } from 'node:async_hooks'
import { type Context, context, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api'
import { expect } from 'chai'
import { ExemplarSampler } from '../../src/store/exemplar-sampler'
import type { Stream } from '../../src/store/stream'
import type { Later } from '../../src/store/tracer-provider'
import { ManualClock } from '../support/manual-clock'
import { TestService } from '../support/test-service'
import { until } from '../support/until'

const provider = { getTracer: () => trace.getTracer('none') }

/** What is to be called later, which tests call themselves. */
class Schedule {
  readonly delaysMs: number[] = []
  #run: (() => void) | undefined
  readonly later: Later = (run, ms) => {
    this.delaysMs.push(ms)
    this.#run = run
  }

  /** Calls what was scheduled last. False where nothing was since. */
  pass(): boolean {
    const run = this.#run
    this.#run = undefined
    run?.()
    return run !== undefined
  }
}

describe('The exemplar sampler', () => {
  afterEach(() => {
    trace.disable()
    context.disable()
  })

  it('finds a tracer provider that is registered later, though nothing asks it, and then looks no more', () => {
    const schedule = new Schedule()
    const sampler = new ExemplarSampler('trace_based', new ManualClock(), schedule.later)
    for (let look = 0; look < 4; look++) schedule.pass()
    expect(schedule.delaysMs).to.deep.equal([10, 20, 40, 80, 160])
    expect(sampler.takes).to.equal(false)
    trace.setGlobalTracerProvider(provider)
    schedule.pass()
    expect(sampler.takes).to.equal(true)
    expect(schedule.pass()).to.equal(false)
  })

  it('looks every 100 ms at most for who asks often', () => {
    const sampler = new ExemplarSampler('trace_based', new ManualClock(), () => undefined)
    expect(sampler.isOnAt(1_000)).to.equal(false)
    trace.setGlobalTracerProvider(provider)
    expect([1_000, 1_099, 900].map((ms) => sampler.isOnAt(ms))).to.deep.equal([false, false, false])
    expect(sampler.isOnAt(1_100)).to.equal(true)
    expect(sampler.isOnAt(1_101)).to.equal(true)
  })

  it('looks once a minute where there is none for long', () => {
    const schedule = new Schedule()
    const sampler = new ExemplarSampler('trace_based', new ManualClock(), schedule.later)
    for (let look = 0; look < 100; look++) schedule.pass()
    expect(schedule.delaysMs.at(-1)).to.equal(60_000)
    expect(sampler.takes).to.equal(false)
  })

  it('looks for none where its filter does not ask for traces', () => {
    for (const filter of ['always_on', 'always_off'] as const) {
      const schedule = new Schedule()
      new ExemplarSampler(filter, new ManualClock(), schedule.later).look()
      expect(schedule.delaysMs).to.deep.equal([])
    }
  })

  it('has bound series that were there before the tracer leave exemplars without a collection', async () => {
    const { metrics, registry } = new TestService()
    const jobs = metrics.counter({ name: 'jobs_total' }).bind({})
    jobs.add()
    trace.setGlobalTracerProvider(provider)
    await until('the sampler to have looked', () => registry.sampler.takes || undefined)
  })

  it('has none left where another filter wants none from then on, and finds a tracer where it wants some again', async () => {
    const { metrics, registry } = new TestService()
    const counter = metrics.counter({ name: 'jobs_total' })
    const add = () => counter.add(1, {}, { exemplar: { job: 'a' } })
    const use = (exemplars: 'always_off' | 'trace_based') =>
      registry.reconfigure({ views: [], cardinalityLimit: 2_000, exemplars })()
    const count = () => {
      const { exemplars, table } = registry.streams.find(({ identity }) => identity.name === 'jobs_total') as Stream
      const slots = table.groups.flatMap((group) => exemplars?.at(group, 0) ?? [])
      expect(slots.length > 0).to.equal(exemplars?.some)
      return slots.length
    }
    add()
    expect(count()).to.equal(1)
    use('always_off')
    add()
    expect(count()).to.equal(0)
    trace.setGlobalTracerProvider(provider)
    use('trace_based')
    expect(registry.sampler.takes).to.equal(true)
    add()
    expect(count()).to.equal(1)
  })

  it('takes a sampled span that is active when a series is made, with no tracer provider registered', () => {
    const storage = new AsyncLocalStorage<Context>()
    const manager = {
      active: () => storage.getStore() ?? ROOT_CONTEXT,
      with: <A extends unknown[], R>(active: Context, run: (...args: A) => R, self?: unknown, ...args: A): R =>
        storage.run(active, () => run.apply(self, args)),
      bind: <T>(_bound: Context, target: T): T => target,
      enable: () => manager,
      disable: () => manager,
    }
    context.setGlobalContextManager(manager as never)
    const taken = [TraceFlags.NONE, TraceFlags.SAMPLED].map((traceFlags) => {
      const { metrics, registry } = new TestService()
      const jobs = metrics.counter({ name: 'jobs_total', labelNames: ['kind'] })
      const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags }
      context.with(trace.setSpanContext(ROOT_CONTEXT, span), () => jobs.add(1, { kind: 'a' }))
      return registry.sampler.takes
    })
    expect(taken).to.deep.equal([false, true])
  })

  it('survives a context manager that throws', () => {
    const fail = () => {
      throw new Error('no context')
    }
    const manager = { active: fail, with: fail, bind: fail, enable: () => manager, disable: () => manager }
    context.setGlobalContextManager(manager as never)
    const sampler = new ExemplarSampler('trace_based', new ManualClock(), () => undefined)
    expect(() => sampler.look()).not.to.throw()
    expect(sampler.takes).to.equal(false)
  })
})
