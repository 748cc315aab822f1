import { expect } from 'chai'
import { OtelStore } from './harness'

describe('MeterProvider of the store', () => {
  it('gives the same meter for the same name, version and schema', () => {
    const { meterProvider } = new OtelStore()
    const meter = meterProvider.getMeter('lib', '1.0', { schemaUrl: 'https://a' })
    expect(meterProvider.getMeter('lib', '1.0', { schemaUrl: 'https://a' })).to.equal(meter)
    expect(meterProvider.getMeter('lib', '1.0')).not.to.equal(meter)
    expect(meterProvider.getMeter('lib', '1.1', { schemaUrl: 'https://a' })).not.to.equal(meter)
    expect(meterProvider.getMeter('other', '1.0', { schemaUrl: 'https://a' })).not.to.equal(meter)
  })

  it('takes an absent version and schema for empty ones', () => {
    const { meterProvider } = new OtelStore()
    const meter = meterProvider.getMeter('lib')
    expect(meterProvider.getMeter('lib', '')).to.equal(meter)
    expect(meterProvider.getMeter('lib', undefined, {})).to.equal(meter)
    expect(meterProvider.getMeter('lib', '', { schemaUrl: '' })).to.equal(meter)
  })

  it('does not mix up meters whose parts join to the same text', () => {
    const { meterProvider } = new OtelStore()
    expect(meterProvider.getMeter('a:b', 'c')).not.to.equal(meterProvider.getMeter('a', 'b:c'))
    expect(meterProvider.getMeter('a","b', 'c')).not.to.equal(meterProvider.getMeter('a', 'b","c'))
  })

  it('exports each meter as a scope with just what it was given', async () => {
    const { meterProvider, producer } = new OtelStore()
    meterProvider.getMeter('bare').createCounter('a').add(1)
    meterProvider
      .getMeter('full', '2.1', { schemaUrl: 'https://opentelemetry.io/schemas/1.37.0' })
      .createCounter('a')
      .add(2)
    const { scopeMetrics } = (await producer.collect()).resourceMetrics
    expect(scopeMetrics.map(({ scope }) => scope)).to.deep.equal([
      { name: 'bare' },
      { name: 'full', version: '2.1', schemaUrl: 'https://opentelemetry.io/schemas/1.37.0' },
    ])
    expect(scopeMetrics.map(({ metrics }) => metrics.map(({ dataPoints }) => dataPoints[0]?.value))).to.deep.equal([
      [1],
      [2],
    ])
  })

  it('says once that a meter has no name, and gives one that works', async () => {
    const store = new OtelStore()
    const meter = store.meterProvider.getMeter('')
    expect(store.meterProvider.getMeter('')).to.equal(meter)
    expect(store.warnings).to.have.length(1)
    expect(store.warnings[0]).to.contain('without a name')
    meter.createCounter('a').add(1)
    expect(await store.points('a')).to.deep.equal([{ attributes: {}, value: 1 }])
  })

  it('takes null for absent arguments, as callers without a compiler pass it', () => {
    const { meterProvider } = new OtelStore()
    const absent = null as unknown as undefined
    expect(meterProvider.getMeter('lib', absent, absent)).to.equal(meterProvider.getMeter('lib'))
    expect(meterProvider.getMeter(absent as unknown as string)).to.equal(meterProvider.getMeter(''))
  })
})
