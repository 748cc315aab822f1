import { ValueType } from '@opentelemetry/api'
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { both, namedIn, selectedBy } from '../../src/exposition/family-filter'
import { type Format, OPENMETRICS, PROTOBUF, TEXT, TEXT_1 } from '../../src/exposition/format'
import type { Escaping } from '../../src/model/escaping'
import type { Selection } from '../../src/model/selection'
import { ExpositionHouse, lines } from '../support/exposition-house'
import { parseProtobuf } from '../support/protobuf-page'

/** The metrics of a page, by the names that stand behind `# TYPE`. */
function typed(page: string): string[] {
  return [...page.matchAll(/^# TYPE (\S+|".*?") /gm)].map(([, name = '']) => name)
}

function furnished(options: ConstructorParameters<typeof ExpositionHouse>[0] = {}) {
  const house = new ExpositionHouse({ resource: { 'service.name': 'orders' }, ...options })
  house.metrics.counter({ name: 'foo_total' }).add()
  house.metrics.histogram({ name: 'wait_seconds', buckets: [1] }).record(0.5)
  house.metrics.gauge({ name: 'level' }).set(1)
  house.metrics.info({ name: 'build_info', labels: { version: '1' } })
  house.metrics.stateSet({ name: 'valve', states: ['open', 'shut'] }).set('open')
  return house
}

describe('A page of the metrics that are named', () => {
  const named = async (names: readonly string[], format: Format = TEXT) =>
    typed((await furnished().page(format, namedIn(new Set(names)))).toString())

  it('has what is called so, in every format', async () => {
    for (const name of ['level', 'valve', 'wait_seconds', 'foo_total']) {
      expect(await named([name]), name).to.deep.equal([name])
      expect(await named([name], OPENMETRICS), name).to.deep.equal([name.replace('_total', '')])
      const families = parseProtobuf(await furnished().page(PROTOBUF, namedIn(new Set([name]))))
      expect(families.map((family) => family.name)).to.deep.equal([name])
    }
  })

  it('has the family of each sample that is called so, and no other', async () => {
    for (const suffix of ['_bucket', '_sum', '_count', '_created']) {
      expect(await named([`wait_seconds${suffix}`])).to.deep.equal(['wait_seconds'])
      if (suffix !== '_created') expect(await named([`foo${suffix}`])).to.deep.equal([])
    }
    for (const name of ['foo', 'foo_total', 'foo_created']) expect(await named([name])).to.deep.equal(['foo_total'])
    for (const name of ['build', 'build_info']) expect(await named([name])).to.deep.equal(['build_info'])
    for (const name of [
      '',
      'fo',
      'foo_',
      'foo_total_total',
      'foo_total_created',
      'Level',
      'level_total',
      'wait_seconds_total',
      '*',
      'l*',
    ])
      expect(await named([name]), name).to.deep.equal([])
  })

  it('has several, in the order of every page', async () => {
    expect(await named(['wait_seconds_sum', 'foo_total', 'nothing', 'level'])).to.deep.equal([
      'foo_total',
      'level',
      'wait_seconds',
    ])
  })

  it('has target_info where it is named', async () => {
    expect(await named(['target_info', 'level'])).to.deep.equal(['target_info', 'level'])
    expect(await named(['target'], OPENMETRICS)).to.deep.equal(['target'])
    const [target] = parseProtobuf(await furnished().page(PROTOBUF, namedIn(new Set(['target_info']))))
    expect(target?.name).to.equal('target_info')
  })

  it('of none is a page all the same', async () => {
    const page = async (format: Format) => (await furnished().page(format, namedIn(new Set(['nothing'])))).toString()
    expect(await page(TEXT)).to.equal('')
    expect(await page(OPENMETRICS)).to.equal('# EOF\n')
    expect(await page(PROTOBUF)).to.equal('')
  })

  it('is the part of the whole page that those metrics are', async () => {
    const house = furnished()
    const whole = await house.openMetrics()
    const part = (await house.page(OPENMETRICS, namedIn(new Set(['wait_seconds', 'foo'])))).toString()
    expect(part).to.equal(
      lines(
        '# TYPE foo counter',
        'foo_total 1',
        '# TYPE wait_seconds histogram',
        'wait_seconds_bucket{le="1.0"} 1',
        'wait_seconds_bucket{le="+Inf"} 1',
        'wait_seconds_sum 0.5',
        'wait_seconds_count 1',
        '# EOF',
      ),
    )
    for (const line of part.split('\n')) expect(whole).to.contain(`${line}\n`)
  })

  it('knows a counter beside a gauge of its base name apart', async () => {
    const house = new ExpositionHouse()
    house.metrics.counter({ name: 'jobs_total' }).add()
    house.metrics.gauge({ name: 'jobs' }).set(1)
    const of = async (name: string) => typed((await house.page(OPENMETRICS, namedIn(new Set([name])))).toString())
    expect(await of('jobs')).to.deep.equal(['jobs'])
    expect(await of('jobs_total')).to.deep.equal(['jobs_total'])
  })

  it('takes names of any characters as they are, and as the scraper gets them', async () => {
    for (const escaping of ['allow-utf-8', 'underscores', 'dots', 'values'] satisfies Escaping[]) {
      const house = new ExpositionHouse({ translationStrategy: 'NoUTF8EscapingWithSuffixes' })
      house.meter().createHistogram('db.größe_x', { unit: 's' }).record(1)
      house.meter().createCounter('db.calls').add(1)
      house.metrics.gauge({ name: 'plain' }).set(1)
      const format = { ...TEXT_1, escaping }
      const [calls, size] = typed((await house.page(format)).toString()).map((name) => name.replaceAll('"', ''))
      for (const name of [
        size,
        `${size}_bucket`,
        'db.größe_x_seconds',
        'db.größe_x_seconds_count',
        'db_gr__e_x_seconds',
      ]) {
        const page = (await house.page(format, namedIn(new Set([name as string])))).toString()
        expect(typed(page), `${name} ${escaping}`).to.have.length(1)
        expect(page).to.contain('count')
      }
      for (const name of [calls, 'db.calls', 'db.calls_total', 'db_calls']) {
        const page = (await house.page(format, namedIn(new Set([name as string])))).toString()
        expect(typed(page), `${name} ${escaping}`).to.have.length(1)
      }
    }
  })
})

describe('A page of the metrics that are selected', () => {
  const selected = async (selection: Selection, format: Format = TEXT) =>
    typed((await furnished().page(format, selectedBy(selection))).toString())

  it('has those that fit, without those that are excluded', async () => {
    expect(await selected({ include: ['wait*', 'l?vel'] })).to.deep.equal(['level', 'wait_seconds'])
    expect(await selected({ exclude: ['*_info', 'valve'] })).to.deep.equal(['foo_total', 'level', 'wait_seconds'])
    expect(await selected({ include: ['*'], exclude: ['*'] })).to.deep.equal([])
    expect(await selected({ include: ['*e*'], exclude: ['wait_*', 'VALVE', 'target*'] })).to.deep.equal(['level'])
  })

  it('goes by the names of metrics, with and without what a type puts behind them, and not of samples', async () => {
    for (const format of [TEXT, OPENMETRICS]) {
      expect(await selected({ include: ['foo'] }, format)).to.have.length(1)
      expect(await selected({ include: ['*_total'] }, format)).to.have.length(1)
      expect(await selected({ include: ['*_bucket', '*_count', 'foo_created'] }, format)).to.deep.equal([])
    }
  })

  it('has target_info where the selection takes it, as any metric', async () => {
    expect(await selected({ include: ['level'] })).to.not.include('target_info')
    expect(await selected({ include: ['target_*'] })).to.deep.equal(['target_info'])
    expect(await selected({ exclude: ['level'] })).to.include('target_info')
  })

  it('is the same for scrapers that take UTF-8 and for those that do not', async () => {
    const house = new ExpositionHouse({ translationStrategy: 'NoUTF8EscapingWithSuffixes' })
    house.meter().createHistogram('http.server.duration', { unit: 's' }).record(1)
    house.meter().createGauge('other').record(1)
    for (const pattern of ['http.server.*', 'http_server_*']) {
      for (const escaping of ['allow-utf-8', 'underscores', 'dots', 'values'] satisfies Escaping[]) {
        const page = await house.page({ ...TEXT_1, escaping }, selectedBy({ include: [pattern] }))
        expect(typed(page.toString()), `${pattern} ${escaping}`).to.have.length(1)
      }
    }
  })

  it('follows metrics that come later', async () => {
    const house = furnished()
    const filter = selectedBy({ include: ['late_*'] })
    expect((await house.page(TEXT, filter)).length).to.equal(0)
    house.metrics.gauge({ name: 'late_one' }).set(1)
    expect(typed((await house.page(TEXT, filter)).toString())).to.deep.equal(['late_one'])
  })

  it('has what other producers collected by the same rules', async () => {
    const house = furnished()
    const gauge = (name: string): MetricData => ({
      descriptor: { name, description: '', unit: '', valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.GAUGE,
      dataPoints: [{ startTime: [0, 0], endTime: [0, 0], attributes: {}, value: 1 }],
    })
    house.imported.push({ scope: { name: 'another' }, metrics: [gauge('made.elsewhere'), gauge('other')] })
    const page = await house.page(TEXT, selectedBy({ include: ['made_*', 'level'] }))
    expect(typed(page.toString())).to.deep.equal(['level', 'made_elsewhere'])
  })

  it('calls the callbacks of what it shows alone', async () => {
    const house = furnished()
    const calls: string[] = []
    for (const name of ['shown', 'hidden']) {
      house.metrics.observableGauge({
        name,
        callback: (result) => {
          calls.push(name)
          result.observe(1)
        },
      })
    }
    expect(typed((await house.page(TEXT, selectedBy({ exclude: ['hidden'] }))).toString())).to.include('shown')
    await house.page(TEXT, namedIn(new Set(['level'])))
    expect(calls).to.deep.equal(['shown'])
  })

  it('can be narrowed by names', async () => {
    const filter = both(selectedBy({ exclude: ['level'] }), namedIn(new Set(['level', 'foo'])))
    expect(typed((await furnished().page(TEXT, filter)).toString())).to.deep.equal(['foo_total'])
    expect(both(undefined, undefined)).to.equal(undefined)
  })
})
