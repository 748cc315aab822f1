import { createDenyListAttributesProcessor } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import type { MetricsOptions } from '../src/config/options'
import { MetricsService } from '../src/metrics-service'
import { DefinitionError } from '../src/model/errors'
import { settled } from './support/deferred'
import { samplesOf } from './support/page'
import { RecordingLogger } from './support/recording-logger'
import { inSlowMotion } from './support/slow-motion'

describe('A reload', () => {
  const log = new RecordingLogger()
  const own = { exporters: [], http: false, runtime: false, logger: log } satisfies MetricsOptions
  let given: MetricsOptions
  let reads: number
  let service: MetricsService

  beforeEach(() => {
    given = own
    reads = 0
    const options = () => {
      reads++
      return given
    }
    service = new MetricsService(own, { options, bySignal: false })
  })
  afterEach(() => service.shutdown())

  it('serves all who ask before it begins; one that has begun may have read too early', async () => {
    await Promise.all(Array.from({ length: 1_000 }, () => service.reload()))
    expect(reads).to.equal(1)
    const first = service.reload()
    await Promise.resolve()
    await Promise.resolve()
    expect(reads).to.equal(2)
    await Promise.all([first, service.reload(), service.reload()])
    expect(reads).to.equal(3)
  })

  it('that fails fails for all who asked for it, and the next is another', async () => {
    given = { ...own, cardinalityLimit: 0 }
    const errors = await Promise.all([1, 2].map(() => service.reload().catch((error: unknown) => error)))
    for (const error of errors) expect(error).to.be.instanceOf(DefinitionError)
    given = own
    await service.reload()
  })

  it('changes nothing where views cannot be, whatever else is asked for', async () => {
    const { body: before } = await service.render()
    given = { ...own, exporters: ['console'], views: [{ instrumentName: 'x', instrumentType: 'none' as never }] }
    expect(await service.reload().catch((error: unknown) => error)).to.be.instanceOf(DefinitionError)
    const metricsOf = (body: string) => body.split('\n').filter((line) => line.startsWith('# TYPE'))
    expect(metricsOf((await service.render()).body)).to.include.members(metricsOf(before))
  })

  it('takes nothing from pages that were collected before it, and are written while counts are brought to where they are now', async () => {
    const SERIES = 1_500
    const counter = service.counter({ name: 'jobs_total', labelNames: ['id', 'kind'] })
    for (let id = 0; id < SERIES; id++) counter.add(1, { id, kind: id % 2 })
    const denied = [createDenyListAttributesProcessor(['kind'])]
    const totalOf = (page: string) =>
      [...samplesOf(page)].reduce((sum, [name, value]) => sum + (name.startsWith('jobs_total') ? value : 0), 0)
    const totals: number[] = []
    await inSlowMotion(
      async () => {
        for (const views of [[{ instrumentName: 'jobs_total', attributesProcessors: denied }], []]) {
          given = { ...own, views }
          const pages = [service.render(), service.render()]
          await Promise.all([...pages, service.reload()])
          for (const { body } of await Promise.all(pages)) totals.push(totalOf(body))
        }
      },
      () => undefined,
    )
    expect(totals).to.deep.equal([SERIES, SERIES, SERIES, SERIES])
  })

  it('is none once the service shuts down while it waits for a collection', async () => {
    let observe = () => {}
    const observing = new Promise<void>((resolve) => {
      observe = resolve
    })
    service.observableGauge({ name: 'slow', callback: () => observing })
    const page = service.render()
    const reloading = service.reload()
    await settled()
    const closing = service.shutdown()
    observe()
    await Promise.all([page, reloading, closing])
    expect(await service.reload().catch((error: unknown) => error)).to.be.instanceOf(DefinitionError)
  })
})
