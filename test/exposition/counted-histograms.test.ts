import { AggregationType, type ViewOptions } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { type Format, OPENMETRICS, PROTOBUF, TEXT } from '../../src/exposition/format'
import { ExpositionHouse, type HouseOptions } from '../support/exposition-house'
import { samplesOf } from '../support/page'
import { parseProtobuf } from '../support/protobuf-page'

/** Long enough for some dozens of series to fill a chunk. */
const PADDING = 'x'.repeat(1_000)
const SERIES = 600

interface Counts {
  readonly histogram: Map<string, number>
  readonly counter: Map<string, number>
}

/** A histogram whose counts are a counter as well, with many series. */
function scene(counterName: string, options?: HouseOptions) {
  const house = new ExpositionHouse(options)
  const jobs = house.metrics.countedHistogram({
    histogram: { name: 'job_seconds', labelNames: ['id'], buckets: [1] },
    count: { name: counterName },
  })
  const record = (id: number) => jobs.record(id % 3, { id: `${String(id).padStart(4, '0')}${PADDING}` })
  const remove = (id: number) => jobs.remove({ id: `${String(id).padStart(4, '0')}${PADDING}` })
  const all = (of: (id: number) => void) => {
    for (let id = 0; id < SERIES; id++) of(id)
  }
  all(record)
  return { house, record, remove, all, clear: () => jobs.clear() }
}

/** The page's two ways to say how often something was recorded, by the series' number. */
function countsOn(page: Buffer, format: Format, counterName: string): Counts {
  const [histogram, counter] = [new Map<string, number>(), new Map<string, number>()]
  if (format.id === 'protobuf') {
    for (const family of parseProtobuf(page)) {
      for (const { label, histogram: measured, counter: counted } of family.metric ?? []) {
        const id = label?.[0]?.value.slice(0, 4) ?? ''
        if (family.name === 'job_seconds') histogram.set(id, measured?.sampleCount ?? 0)
        else if (family.name === counterName) counter.set(id, counted?.value ?? 0)
      }
    }
  } else {
    for (const [series, value] of samplesOf(page.toString())) {
      const id = series.replace(/^.*\{id="(.{4}).*$/, '$1')
      if (series.startsWith('job_seconds_count')) histogram.set(id, value)
      else if (series.startsWith(counterName)) counter.set(id, value)
    }
  }
  return { histogram, counter }
}

/** Writes a page, having `between` called after each of its turns. */
function write(house: ExpositionHouse, format: Format, between: (turn: number) => void) {
  const chunks: Buffer[] = []
  for (const chunk of house.chunks(format)) {
    chunks.push(chunk)
    between(chunks.length)
  }
  return { page: Buffer.concat(chunks), turns: chunks.length }
}

describe('exposition: a counter that is read from a histogram', () => {
  for (const format of [TEXT, OPENMETRICS, PROTOBUF]) {
    for (const counterName of ['jobs_total', 'a_jobs_total']) {
      const title = `${format.id}, ${counterName}`

      it(`says on a page what the histogram says there, whatever is recorded meanwhile: ${title}`, () => {
        const { house, record, all } = scene(counterName)
        const { page, turns } = write(house, format, () => all(record))
        expect(turns).to.be.greaterThan(2)
        const { histogram, counter } = countsOn(page, format, counterName)
        expect(histogram.size).to.equal(SERIES)
        expect(new Set(histogram.values()).size).to.be.greaterThan(1)
        expect(counter).to.deep.equal(histogram)
      })

      it(`has the series that the histogram has there, whatever comes and goes meanwhile: ${title}`, () => {
        for (const upheaval of [5, 6, 7, 8, 10, 13]) {
          const { house, record, remove, all, clear } = scene(counterName, { cardinalityLimit: 2 * SERIES })
          const { page } = write(house, format, (turn) => {
            // Four of five go, so that rows get other numbers.
            if (turn === upheaval) all((id) => id % 5 !== 0 && remove(id))
            else if (turn === 2 * upheaval) all((id) => record(id + SERIES / 2))
            else if (turn === 3 * upheaval) clear()
          })
          const { histogram, counter } = countsOn(page, format, counterName)
          expect(histogram.size).to.be.greaterThan(10)
          expect(counter).to.deep.equal(histogram)
        }
      })
    }

    it(`says what the histogram says where views choose buckets, names and texts: ${format.id}`, () => {
      const type = AggregationType.EXPLICIT_BUCKET_HISTOGRAM
      const choices: readonly ViewOptions[][] = [
        [{ instrumentName: 'job_seconds', aggregation: { type, options: { boundaries: [1, 2] } } }],
        [{ instrumentName: 'job_seconds', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
        [{ instrumentName: 'job*', aggregationCardinalityLimit: 1_000 }],
        [{ instrumentName: 'jobs_total', name: 'all_jobs_total', description: 'All jobs' }],
      ]
      for (const views of choices) {
        const { house, record, all } = scene('jobs_total', { views })
        const { page } = write(house, format, () => all(record))
        const { histogram, counter } = countsOn(page, format, views[0]?.name ?? 'jobs_total')
        expect(histogram.size).to.equal(SERIES)
        expect(new Set(histogram.values()).size).to.be.greaterThan(1)
        expect(counter).to.deep.equal(histogram)
      }
    })

    it(`is on a page without its histogram: ${format.id}`, async () => {
      const { house } = scene('jobs_total')
      const page = await house.page(format, ({ names }) => names.includes('jobs_total'))
      const { histogram, counter } = countsOn(page, format, 'jobs_total')
      expect([histogram.size, counter.size]).to.deep.equal([0, SERIES])
    })

    it(`is added to others of its name: ${format.id}`, async () => {
      const { house } = scene('jobs_total')
      house.meter().createCounter('jobs').add(5, { id: 'elsewhere' })
      const { counter } = countsOn(await house.page(format), format, 'jobs_total')
      expect(counter.size).to.equal(SERIES + 1)
      expect(counter.get('else')).to.equal(5)
    })
  }
})
