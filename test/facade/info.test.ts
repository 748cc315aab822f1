import type { Attributes } from '@opentelemetry/api'
import { DataPointType, InstrumentType } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { DefinitionConflictError, DefinitionError } from '../../src/model/errors'
import { TestService } from '../support/test-service'

describe('metrics.info', () => {
  it('shows its labels from the start, as a gauge that is 1', async () => {
    const service = new TestService()
    service.metrics.info({ name: 'build_info', help: 'What runs', labels: { version: '1.2.3', major: 1, beta: false } })
    const [metric] = await service.collect()
    expect(metric?.descriptor).to.deep.equal({ name: 'build_info', description: 'What runs', unit: '', valueType: 1 })
    expect(metric?.dataPointType).to.equal(DataPointType.GAUGE)
    expect(await service.points('build_info')).to.deep.equal([
      { labels: { version: '1.2.3', major: '1', beta: 'false' }, value: 1 },
    ])
    expect(service.log.lines).to.deep.equal([])
  })

  it('shows other labels in their place, or beside them', async () => {
    const service = new TestService()
    const info = service.metrics.info({ name: 'peer_info', labelNames: ['peer', 'version'] })
    expect(await service.series('peer_info')).to.deep.equal({})
    info.set({ peer: 'a', version: '1' })
    info.set({ peer: 'a', version: '2' })
    info.add({ peer: 'b', version: '7' })
    expect(await service.series('peer_info')).to.deep.equal({ 'peer=a,version=2': 1, 'peer=b,version=7': 1 })
    expect(info.remove({ peer: 'a', version: '2' })).to.equal(true)
    expect(info.remove({ peer: 'a', version: '2' })).to.equal(false)
    expect(await service.series('peer_info')).to.deep.equal({ 'peer=b,version=7': 1 })
    info.clear()
    expect(await service.series('peer_info')).to.deep.equal({})
  })

  it('without labels is 1', async () => {
    const service = new TestService()
    service.metrics.info({ name: 'up_info' })
    expect(await service.series('up_info')).to.deep.equal({ '': 1 })
  })

  it('is the same for the same label names, and shows what it was made with last', async () => {
    const service = new TestService()
    const first = service.metrics.info({ name: 'build_info', labels: { version: '1' } })
    expect(service.metrics.info({ name: 'build_info', labelNames: ['version'] })).to.equal(first)
    expect(await service.series('build_info')).to.deep.equal({ 'version=1': 1 })
    expect(service.metrics.info({ name: 'build_info', labels: { version: '2' } })).to.equal(first)
    expect(await service.series('build_info')).to.deep.equal({ 'version=2': 1 })
    expect(() => service.metrics.info({ name: 'build_info', labels: { commit: 'a' } })).to.throw(
      DefinitionConflictError,
      'Existing: info, build_info, labels (version), help "". Requested: info, build_info, labels (commit), help "".',
    )
    expect(() => service.metrics.gauge({ name: 'build_info', labelNames: ['version'] })).to.throw(
      DefinitionConflictError,
    )
  })

  it('turns away labels that were not declared, and tells', async () => {
    const service = new TestService()
    const info = service.metrics.info({ name: 'build_info', labels: { version: '1' } })
    // @ts-expect-error: commit was not declared
    info.add({ commit: 'a' })
    // @ts-expect-error: version is missing
    info.add({})
    // @ts-expect-error: there are labels
    info.add()
    expect(await service.series('meterkit_rejected_measurements_total')).to.deep.equal({
      'metric=build_info,reason=undeclared_label': 1,
    })
  })

  for (const [what, reason, labels] of [
    ['an object', 'invalid_label_value', { version: {} }],
    ['a symbol', 'invalid_label_value', { version: Symbol('v') }],
    ['text that is too long', 'label_too_long', { version: 'x'.repeat(16_384) }],
    ['a label that was not declared', 'undeclared_label', { version: '2', commit: 'a' }],
    ['no object of labels', 'invalid_labels', 'version'],
    [
      'a getter that throws',
      'invalid_labels',
      {
        get version() {
          throw new Error('no')
        },
      },
    ],
  ] as const) {
    it(`keeps what it shows where it cannot show other labels: ${what}`, async () => {
      const service = new TestService()
      const info = service.metrics.info({ name: 'build_info', labels: { version: '1' } })
      info.set(labels as never)
      info.add(labels as never)
      expect(await service.series('build_info')).to.deep.equal({ 'version=1': 1 })
      expect(await service.series('meterkit_rejected_measurements_total')).to.deep.equal({
        [`metric=build_info,reason=${reason}`]: 2,
      })
    })
  }

  it('keeps what it shows where a view cannot show other labels', async () => {
    const process = (attributes: Attributes) => {
      if (attributes.version === '2') throw new Error('not 2')
      return attributes
    }
    const service = new TestService({ views: [{ instrumentName: 'build_info', attributesProcessors: [{ process }] }] })
    const info = service.metrics.info({ name: 'build_info', labels: { version: '1' } })
    info.set({ version: '2' })
    expect(await service.series('build_info')).to.deep.equal({ 'version=1': 1 })
    info.set({ version: '3' })
    expect(await service.series('build_info')).to.deep.equal({ 'version=3': 1 })
  })

  it('shows labels as they were when they were given', async () => {
    const service = new TestService()
    let reads = 0
    const labels = {
      get version() {
        return ++reads === 1 ? '1' : {}
      },
    }
    const info = service.metrics.info({ name: 'build_info', labels: labels as { version: string } })
    expect(await service.series('build_info')).to.deep.equal({ 'version=1': 1 })
    reads = 0
    info.set(labels as { version: string })
    expect(await service.series('build_info')).to.deep.equal({ 'version=1': 1 })
  })

  it('takes a view as other gauges do', async () => {
    const service = new TestService({ views: [{ instrumentType: InstrumentType.GAUGE, description: 'By a view' }] })
    service.metrics.info({ name: 'build_info', labels: { version: '1' } })
    const [metric] = await service.collect()
    expect(metric?.descriptor.description).to.equal('By a view')
  })

  for (const [options, fault] of [
    [{ labels: null }, `labels must be an object, got null. Write labels: { version: '1.2.3' }.`],
    [{ labels: ['a'] }, `labels must be an object, got ["a"]. Write labels: { version: '1.2.3' }.`],
    [
      { labels: { 'a.b': 'x' } },
      'a label name must be letters, digits or "_" and not start with a digit, got "a.b". Write "a_b".',
    ],
    [
      { labels: { host: 'x' } },
      'a label name must be another than those that the format and constant labels have, got "host". Rename it, or the constant label of that name.',
    ],
    [
      { labels: { a: 'x', b: 'y' }, labelNames: ['a'] },
      'labels must be among labelNames, got "b". Leave labelNames out, or add it there.',
    ],
    [
      { labels: { a: {} } },
      'label "a" must be text, a number or a boolean, of at most 16383 characters, got an object. Write it as text.',
    ],
    [
      { labels: { a: 'x'.repeat(16_384) } },
      `label "a" must be text, a number or a boolean, of at most 16383 characters, got "${'x'.repeat(80)}…". Shorten it.`,
    ],
    [
      { unit: 's' },
      'an option must be one of name, help, labelNames, labels, got "unit". Remove it or correct its name.',
    ],
  ] as const) {
    it(`cannot be made wrongly: ${fault}`, async () => {
      const service = new TestService({ constantLabels: ['host'] })
      expect(() => service.metrics.info({ name: 'build_info', ...options } as never))
        .to.throw(DefinitionError)
        .with.property('message', `Cannot create info "build_info": ${fault}`)
      expect(await service.series('build_info')).to.deep.equal({})
    })
  }

  it('has labels that the compiler knows', () => {
    const { metrics } = new TestService()
    metrics.info({ name: 'a_info', labels: { version: '1' } }).set({ version: '2' })
    metrics.info({ name: 'b_info' }).set()
    // @ts-expect-error: b is not among labelNames
    expect(() => metrics.info({ name: 'c_info', labelNames: ['a'], labels: { b: '1' } })).to.throw(DefinitionError)
  })
})
