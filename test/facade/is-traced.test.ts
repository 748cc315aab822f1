import { ProxyTracerProvider, trace } from '@opentelemetry/api'
import { expect } from 'chai'
import { isTraced, TracedNow } from '../../src/facade/is-traced'

describe('Whether the application traces', () => {
  afterEach(() => trace.disable())

  it('is looked up every 100 ms at most by who asks often, and no more once it does', () => {
    const traced = new TracedNow()
    expect(traced.at(1_000)).to.equal(false)
    trace.setGlobalTracerProvider({ getTracer: () => new ProxyTracerProvider().getTracer('test') })
    expect(isTraced()).to.equal(true)
    expect([1_000, 1_099, 900].map((ms) => traced.at(ms))).to.deep.equal([false, false, false])
    expect(traced.at(1_100)).to.equal(true)
    trace.disable()
    expect(traced.at(2_000)).to.equal(true)
  })
})
