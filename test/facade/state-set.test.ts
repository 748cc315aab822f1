import { AggregationType, DataPointType } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { DefinitionConflictError, DefinitionError } from '../../src/model/errors'
import { TestService } from '../support/test-service'

describe('metrics.stateSet', () => {
  it('is a gauge for each state, of which exactly one holds', async () => {
    const service = new TestService()
    const mode = service.metrics.stateSet({ name: 'mode', help: 'How it runs', states: ['idle', 'busy', 'off'] })
    const [metric] = await service.collect()
    expect(metric?.descriptor).to.deep.equal({ name: 'mode', description: 'How it runs', unit: '', valueType: 1 })
    expect(metric?.dataPointType).to.equal(DataPointType.GAUGE)
    expect(await service.series('mode')).to.deep.equal({ 'mode=busy': 0, 'mode=idle': 0, 'mode=off': 0 })
    mode.set('busy')
    expect(await service.series('mode')).to.deep.equal({ 'mode=busy': 1, 'mode=idle': 0, 'mode=off': 0 })
    mode.set('idle')
    expect(await service.series('mode')).to.deep.equal({ 'mode=busy': 0, 'mode=idle': 1, 'mode=off': 0 })
    expect(service.log.lines).to.deep.equal([])
  })

  it('takes each state by itself, with labels', async () => {
    const service = new TestService()
    const features = service.metrics.stateSet({ name: 'feature', states: ['a', 'b'], labelNames: ['tenant'] })
    expect(await service.series('feature')).to.deep.equal({})
    features.set({ a: true, b: true }, { tenant: 't1' })
    features.set({ b: true, a: false }, { tenant: 't2' })
    expect(await service.series('feature')).to.deep.equal({
      'feature=a,tenant=t1': 1,
      'feature=b,tenant=t1': 1,
      'feature=a,tenant=t2': 0,
      'feature=b,tenant=t2': 1,
    })
    expect(features.remove({ tenant: 't1' })).to.equal(true)
    expect(features.remove({ tenant: 't1' })).to.equal(false)
    expect(Object.keys(await service.series('feature'))).to.deep.equal(['feature=a,tenant=t2', 'feature=b,tenant=t2'])
    features.clear()
    expect(await service.series('feature')).to.deep.equal({})
  })

  it('can be bound, and comes back when a bound one is set', async () => {
    const service = new TestService()
    const feature = service.metrics.stateSet({ name: 'feature', states: ['a', 'b'], labelNames: ['tenant'] })
    const bound = feature.bind({ tenant: 't' })
    expect(await service.series('feature')).to.deep.equal({ 'feature=a,tenant=t': 0, 'feature=b,tenant=t': 0 })
    feature.clear()
    bound.set('b')
    expect(await service.series('feature')).to.deep.equal({ 'feature=a,tenant=t': 0, 'feature=b,tenant=t': 1 })
    bound.set({ a: true, b: false })
    expect(await service.series('feature')).to.deep.equal({ 'feature=a,tenant=t': 1, 'feature=b,tenant=t': 0 })
  })

  it('changes nothing for what is no state, and counts it', async () => {
    const service = new TestService()
    const mode = service.metrics.stateSet({ name: 'mode', states: ['a', 'b', '__proto__'] })
    const bound = mode.bind({})
    mode.set('a')
    const revoked = Proxy.revocable({}, {})
    revoked.revoke()
    const wrong: unknown[] = [
      ...['c', '', 'toString', null, undefined, 5, [], {}, { a: true }, { a: true, b: 1, ['__proto__']: false }],
      ...[{ a: true, b: false, ['__proto__']: false, c: true }, revoked.proxy],
      {
        get a() {
          throw new Error('no')
        },
      },
    ]
    for (const states of wrong) {
      mode.set(states as never)
      bound.set(states as never)
    }
    expect(await service.series('mode')).to.deep.equal({ 'mode=__proto__': 0, 'mode=a': 1, 'mode=b': 0 })
    expect(await service.series('meterkit_rejected_measurements_total')).to.deep.equal({
      'metric=mode,reason=invalid_state': 2 * wrong.length,
    })
    expect(service.log.lines).to.deep.equal([
      'warn: rejected a measurement of "mode": invalid_state. Said once; meterkit_rejected_measurements_total counts them.',
    ])
  })

  for (const [reason, labels] of [
    ['invalid_label_value', { room: {} }],
    ['label_too_long', { room: 'x'.repeat(16_384) }],
    ['undeclared_label', { room: '1', floor: '2' }],
    ['invalid_labels', 5],
  ] as const) {
    it(`counts labels that cannot be once, not once for each state: ${reason}`, async () => {
      const service = new TestService()
      const mode = service.metrics.stateSet({ name: 'mode', states: ['a', 'b', 'c'], labelNames: ['room'] })
      mode.set('b', labels as never)
      mode.bind(labels as never).set('b')
      expect(await service.series('mode')).to.deep.equal({})
      expect(await service.series('meterkit_rejected_measurements_total')).to.deep.equal({
        [`metric=mode,reason=${reason}`]: 2,
      })
    })
  }

  it('reads its labels once, so that all states have the same', async () => {
    const service = new TestService()
    const mode = service.metrics.stateSet({ name: 'mode', states: ['a', 'b'], labelNames: ['room'] })
    let reads = 0
    const labels = {
      get room() {
        return String(++reads)
      },
    }
    mode.set('a', labels)
    mode.bind(labels).set('b')
    expect(await service.series('mode')).to.deep.equal({
      'mode=a,room=1': 1,
      'mode=b,room=1': 0,
      'mode=a,room=2': 0,
      'mode=b,room=2': 1,
    })
    reads = 0
    expect(mode.remove(labels)).to.equal(true)
    expect(Object.keys(await service.series('mode'))).to.deep.equal(['mode=a,room=2', 'mode=b,room=2'])
  })

  it('never has some of its states alone: the limit is one of label sets', async () => {
    const service = new TestService({ cardinalityLimit: 2 })
    const mode = service.metrics.stateSet({ name: 'mode', states: ['a', 'b', 'c'], labelNames: ['room'] })
    for (const room of ['1', '2', '3']) mode.set('b', { room })
    const kept = Object.keys(await service.series('mode'))
    expect(kept).to.have.length(2 * 3)
    expect(kept.filter((key) => key.includes('room='))).to.have.length(6)
  })

  it('counts what is past the limit once, not once for each state, and shows none of it', async () => {
    const service = new TestService({ cardinalityLimit: 1 })
    const mode = service.metrics.stateSet({ name: 'mode', states: ['a', 'b', 'c'], labelNames: ['room'] })
    mode.set('a', { room: '1' })
    for (const room of ['2', '3']) mode.set('b', { room })
    const bound = mode.bind({ room: '4' })
    bound.set('c')
    expect(await service.series('mode')).to.deep.equal({ 'mode=a,room=1': 1, 'mode=b,room=1': 0, 'mode=c,room=1': 0 })
    expect(await service.series('meterkit_overflowed_measurements_total')).to.deep.equal({ 'metric=mode': 3 })
    expect(service.log.lines).to.deep.equal([
      'warn: "mode" has as many label sets as it may have: the states of further ones are not shown. Raise cardinalityLimit or use fewer label values.',
    ])
    mode.remove({ room: '1' })
    bound.set('c')
    expect(await service.series('mode')).to.deep.equal({ 'mode=a,room=4': 0, 'mode=b,room=4': 0, 'mode=c,room=4': 1 })
  })

  it('counts what is past the limit once where several views show it', async () => {
    const service = new TestService({
      cardinalityLimit: 1,
      views: [
        { instrumentName: 'mode' },
        { instrumentName: 'mode', name: 'other', aggregation: { type: AggregationType.SUM } },
      ],
    })
    const mode = service.metrics.stateSet({ name: 'mode', states: ['a', 'b'], labelNames: ['room'] })
    for (const room of ['1', '2']) mode.set('a', { room })
    expect(await service.series('meterkit_overflowed_measurements_total')).to.deep.equal({ 'metric=mode': 1 })
    for (const name of ['mode', 'other']) {
      expect(await service.series(name)).to.deep.equal({ 'mode=a,room=1': 1, 'mode=b,room=1': 0 })
    }
  })

  it('expires as a whole', async () => {
    const service = new TestService()
    const mode = service.metrics.stateSet({
      name: 'mode',
      states: ['a', 'b'],
      labelNames: ['room'],
      expireAfterMs: 100,
    })
    mode.set('a', { room: '1' })
    mode.set('a', { room: '2' })
    await service.collect()
    service.clock.advance(100)
    mode.set('a', { room: '2' })
    expect(await service.series('mode')).to.deep.equal({ 'mode=a,room=2': 1, 'mode=b,room=2': 0 })
  })

  it('is the same for the same definition, and refuses another', () => {
    const { metrics } = new TestService()
    const mode = metrics.stateSet({ name: 'mode', states: ['a', 'b'] })
    expect(metrics.stateSet({ name: 'mode', states: ['a', 'b'] })).to.equal(mode)
    expect(() => metrics.stateSet({ name: 'mode', states: ['a', 'c'] })).to.throw(
      DefinitionConflictError,
      'Existing: stateSet, mode, labels (mode), states (a, b), help "". Requested: stateSet, mode, labels (mode), states (a, c), help "".',
    )
  })

  for (const [options, fault] of [
    [{}, "states must be an array of one or more names, got undefined. Write states: ['closed', 'open']."],
    [{ states: [] }, "states must be an array of one or more names, got []. Write states: ['closed', 'open']."],
    [{ states: 'a' }, `states must be an array of one or more names, got "a". Write states: ['closed', 'open'].`],
    [{ states: ['a', ''] }, 'a state must be well-formed text that is not empty, got "". Name it in a word.'],
    [{ states: [5] }, 'a state must be well-formed text that is not empty, got 5. Name it in a word.'],
    [{ states: ['\ud800'] }, 'a state must be well-formed text that is not empty, got "\\ud800". Name it in a word.'],
    [{ states: ['a', 'a'] }, 'states must be distinct, got "a" twice. Write it once.'],
    [
      { states: ['a'], labelNames: ['mode'] },
      'a label name must be another than those that the format and constant labels have, got "mode". Rename it, or the constant label of that name.',
    ],
    [
      { states: ['a'], unit: 's' },
      'an option must be one of name, help, labelNames, cardinalityLimit, expireAfterMs, states, got "unit". Remove it or correct its name.',
    ],
  ] as const) {
    it(`cannot be made wrongly: ${fault}`, async () => {
      const service = new TestService()
      expect(() => service.metrics.stateSet({ name: 'mode', ...options } as never))
        .to.throw(DefinitionError)
        .with.property('message', `Cannot create stateSet "mode": ${fault}`)
      expect(await service.series('mode')).to.deep.equal({})
    })
  }

  it('cannot be called as what is no label', () => {
    const { metrics } = new TestService({ constantLabels: ['host'] })
    for (const name of ['host', 'a:b', '__mode']) {
      expect(() => metrics.stateSet({ name, states: ['a'] })).to.throw(DefinitionError, 'a label name must be')
    }
  })

  it('has states and labels that the compiler knows', async () => {
    const service = new TestService()
    const mode = service.metrics.stateSet({ name: 'mode', states: ['a', 'b'], labelNames: ['room'] })
    // @ts-expect-error: c is no state
    mode.set('c', { room: '1' })
    // @ts-expect-error: b is missing
    mode.set({ a: true }, { room: '1' })
    // @ts-expect-error: there are labels
    mode.set('a')
    // @ts-expect-error: room is missing
    mode.bind({})
    service.metrics.stateSet({ name: 'other', states: ['a'] }).set('a')
    expect(await service.series('other')).to.deep.equal({ 'other=a': 1 })
  })
})
