import { expect } from 'chai'
import * as fc from 'fast-check'
import { OPENMETRICS, PROTOBUF, TEXT } from '../../src/exposition/format'
import { ExpositionHouse } from '../support/exposition-house'

/** Long enough for some dozens of series to fill a chunk. */
const PADDING = 'x'.repeat(1_000)
const idOf = (number: number) => `${String(number).padStart(4, '0')}${PADDING}`

class Scene {
  readonly house = new ExpositionHouse({ cardinalityLimit: 1e6 })
  readonly gauge = this.house.metrics.gauge({ name: 'g', labelNames: ['id'] })

  add(number: number): void {
    this.gauge.set(number, { id: idOf(number) })
  }

  remove(number: number): void {
    this.gauge.remove({ id: idOf(number) })
  }

  /** The chunks that something was written to: there are turns in which it was not yet much. */
  *filledChunks(): Generator<string, void, void> {
    for (const chunk of this.house.chunks(TEXT)) if (chunk.length > 0) yield chunk.toString()
  }

  /** Writes a page and calls `between` after each chunk. */
  write(between: (chunk: number) => void): { chunks: number; ids: number[]; page: string } {
    const parts: string[] = []
    for (const chunk of this.filledChunks()) {
      parts.push(chunk)
      between(parts.length)
    }
    const page = parts.join('')
    return { chunks: parts.length, ids: idsOn(page), page }
  }
}

/** The series on a page. Throws where a line is not whole. */
function idsOn(page: string): number[] {
  const samples = page.split('\n').slice(1, -1)
  return samples.map((line) => {
    const [, number, , value] = /^g\{id="(\d{4})(x{1000})"\} (\d+)$/.exec(line) ?? []
    if (number === undefined || Number(number) !== Number(value)) throw new Error(`Torn: ${line.slice(0, 40)}`)
    return Number(number)
  })
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

describe('exposition: a page that is written in turns with the application', () => {
  it('comes in chunks, none of which ends within a line', () => {
    const scene = new Scene()
    for (const number of range(0, 500)) scene.add(number)
    const chunks = [...scene.filledChunks()]
    expect(chunks).to.have.length.greaterThan(5)
    for (const chunk of chunks) {
      expect(chunk.length).to.be.at.most(64 * 1024)
      expect(chunk.at(-1)).to.equal('\n')
    }
  })

  it('never parts a histogram in two chunks', () => {
    const house = new ExpositionHouse({ cardinalityLimit: 1e6 })
    const histogram = house.metrics.histogram({ name: 'h', buckets: range(0, 50), labelNames: ['id'] })
    for (const number of range(0, 200)) histogram.record(1, { id: idOf(number % 30).slice(0, number + 4) })
    for (const chunk of house.chunks(OPENMETRICS)) {
      if (chunk.length === 0) continue
      expect(chunk.toString()).to.match(/^(#|h_bucket\{.*le="0\.0"\})/)
      expect(chunk.toString()).to.match(/(# EOF|\nh_count\{.*\} \d+)\n$/)
    }
  })

  it('gives a series that is larger than a chunk a chunk of its own', async () => {
    const house = new ExpositionHouse()
    const labelNames = ['id', 'a', 'b', 'c', 'd'] as const
    const gauge = house.metrics.gauge({ name: 'g', help: 'é'.repeat(100_000), labelNames })
    const long = { a: 'b'.repeat(16_000), b: '\n'.repeat(16_000), c: 'ü'.repeat(16_000), d: '€'.repeat(16_000) }
    const short = { a: '', b: '', c: '', d: '' }
    for (const [id, rest] of [1, 2, 3, 4, 5].map((id) => [id, id % 2 === 0 ? long : short] as const)) {
      gauge.set(1, { id, ...rest })
    }
    const line = (id: number, { a, b, c, d }: typeof long) =>
      `g{id="${id}",a="${a}",b="${b.replaceAll('\n', '\\n')}",c="${c}",d="${d}"} 1`
    expect(await house.text()).to.equal(
      [
        `# HELP g ${'é'.repeat(100_000)}`,
        '# TYPE g gauge',
        ...[1, 2, 3, 4, 5].map((id) => line(id, id % 2 === 0 ? long : short)),
        '',
      ].join('\n'),
    )
  })

  it('shows numbers as they are when their chunk is written', () => {
    const scene = new Scene()
    const set = (value: number) => {
      for (const number of range(0, 200)) scene.gauge.set(value, { id: idOf(number) })
    }
    set(1)
    const values = new Set<string | undefined>()
    for (const chunk of scene.filledChunks()) {
      const inChunk = new Set(chunk.match(/(?<=\} )\d+$/gm))
      expect(inChunk.size).to.equal(1)
      values.add([...inChunk][0])
      set(values.size + 1)
    }
    expect(values.size).to.be.greaterThan(3)
  })

  it('has every series that was there all the time once, though others come', () => {
    const scene = new Scene()
    for (const number of range(0, 400)) scene.add(number * 2)
    const { ids, chunks } = scene.write((chunk) => {
      for (const number of range(0, 20)) scene.add(chunk * 40 + number * 2 + 1)
    })
    expect(chunks).to.be.greaterThan(5)
    expect(ids.filter((id) => id % 2 === 0)).to.deep.equal(range(0, 400).map((number) => number * 2))
    expect(new Set(ids).size).to.equal(ids.length)
  })

  it('has every series that was there all the time once, though most others go and the rest is packed', () => {
    const scene = new Scene()
    for (const number of range(0, 600)) scene.add(number)
    const { ids } = scene.write((chunk) => {
      // Four of five go, so that the group is packed in the middle of the page.
      if (chunk === 2) for (const number of range(0, 600)) if (number % 5 !== 0) scene.remove(number)
    })
    expect(ids.filter((id) => id % 5 === 0)).to.deep.equal(range(0, 120).map((number) => number * 5))
    expect(new Set(ids).size).to.equal(ids.length)
    expect(ids.length).to.be.lessThan(300)
  })

  for (const format of [TEXT, PROTOBUF]) {
    it(`has every series that was there all the time once, though groups are packed in any turn: ${format.id}`, async () => {
      const steady = range(0, 60).map((number) => number * 5)
      for (let packedIn = 0, turns = 1; packedIn < turns; packedIn++) {
        const house = new ExpositionHouse({ cardinalityLimit: 1e6 })
        let numbers = range(0, 300)
        house
          .meter()
          .createObservableGauge('g')
          .addCallback((result) => {
            for (const n of numbers) for (const label of ['a', 'b', 'c']) result.observe(n, { [label]: idOf(n) })
          })
        await house.timeSeries()
        const parts: Buffer[] = []
        for (const chunk of house.chunks(format)) {
          // Four of five go from all groups, of which some were put into their order and not written.
          if (parts.push(chunk) - 1 !== packedIn) continue
          numbers = steady
          await house.timeSeries()
        }
        turns = parts.length
        const page = Buffer.concat(parts).toString('latin1')
        for (const label of ['a', 'b', 'c']) {
          const found = [...page.matchAll(new RegExp(`${label}[^a-z0-9]+(\\d{4})x`, 'g'))].map(([, id]) => Number(id))
          expect(found, 'something is there twice, or out of order').to.deep.equal(
            [...new Set(found)].sort((x, y) => x - y),
          )
          expect(found).to.include.members(steady)
        }
      }
    })
  }

  it('goes on where the series that comes next has gone', () => {
    const scene = new Scene()
    for (const number of range(0, 400)) scene.add(number)
    let written = 0
    const { ids } = scene.write((chunk) => {
      if (chunk !== 1) return
      written = idsOn([...scene.filledChunks()][0] ?? '').length
      for (const number of range(0, 300)) scene.remove(number)
    })
    expect(written).to.be.within(30, 100)
    expect(ids).to.deep.equal([...range(0, written), ...range(300, 400)])
  })

  it('goes on behind what was written where the series that comes next had gone before', () => {
    const scene = new Scene()
    for (const number of range(0, 400)) scene.add(number)
    scene.write(() => {})
    // The first turn has eight series.
    scene.remove(8)
    const page = scene.house.chunks(TEXT)
    expect(page.next().value).to.have.length(0)
    for (const number of range(9, 300)) scene.remove(number)
    expect(idsOn([...page].join(''))).to.deep.equal([...range(0, 8), ...range(300, 400)])
  })

  it('ends where all series are cleared', () => {
    const scene = new Scene()
    for (const number of range(0, 400)) scene.add(number)
    const { ids, chunks } = scene.write((chunk) => {
      if (chunk === 1) scene.gauge.clear()
    })
    expect(chunks).to.equal(1)
    expect(ids.length).to.be.within(30, 100)
  })

  it('has nothing twice where all series are cleared and made anew', () => {
    const scene = new Scene()
    for (const number of range(0, 400)) scene.add(number)
    const { ids } = scene.write(() => {
      scene.gauge.clear()
      for (const number of range(0, 400).reverse()) scene.add(number)
    })
    expect(ids).to.deep.equal(range(0, 400))
  })

  it('is written where all series are cleared and made anew in every turn', () => {
    const scene = new Scene()
    for (const number of range(0, 400)) scene.add(number)
    const parts: string[] = []
    for (const chunk of scene.house.chunks(TEXT)) {
      parts.push(chunk.toString())
      scene.gauge.clear()
      for (const number of range(0, 400).reverse()) scene.add(number)
    }
    expect(idsOn(parts.join(''))).to.deep.equal(range(0, 400))
  })

  it('leaves a metric that came in the meantime to the next page', async () => {
    const scene = new Scene()
    for (const number of range(0, 400)) scene.add(number)
    const { ids } = scene.write((chunk) => {
      scene.house.metrics.gauge({ name: `z_${chunk}` }).set(1)
    })
    expect(ids).to.deep.equal(range(0, 400))
    expect(await scene.house.text()).to.contain('\nz_1 1\n')
  })

  it('has series once that come while two pages put others into their order', () => {
    const scene = new Scene()
    for (const number of range(0, 100)) scene.add(number)
    scene.write(() => {})
    for (const number of range(100, 200)) scene.add(number)
    const [one, other] = [scene.house.chunks(TEXT), scene.house.chunks(TEXT)]
    expect(one.next().value).to.have.length(0)
    for (const number of range(200, 300)) scene.add(number)
    expect(other.next().value).to.have.length(0)
    expect(idsOn([...one].join(''))).to.deep.equal(range(0, 200))
    expect(idsOn([...other].join(''))).to.deep.equal(range(0, 300))
    expect(scene.write(() => {}).ids).to.deep.equal(range(0, 300))
  })

  it('has every series that was there all the time once, whatever two pages at once and the application do', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ act: fc.constant('add' as const), from: fc.nat(999), count: fc.nat(200) }) },
      {
        weight: 3,
        arbitrary: fc.record({ act: fc.constant('remove' as const), from: fc.nat(999), count: fc.nat(900) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ act: fc.constant('clear' as const), from: fc.constant(0), count: fc.constant(0) }),
      },
      {
        weight: 6,
        arbitrary: fc.record({
          act: fc.constantFrom('one' as const, 'other' as const),
          from: fc.constant(0),
          count: fc.constant(1),
        }),
      },
    )
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(999), { minLength: 150, maxLength: 500 }),
        fc.nat(300),
        fc.array(step, { maxLength: 30 }),
        (given, known, steps) => {
          const scene = new Scene()
          const alive = new Set<number>()
          const add = (number: number) => {
            if (!alive.has(number)) scene.add(number)
            alive.add(number)
          }
          // The order of some is known from the page before.
          given.slice(0, known).forEach(add)
          expect([...scene.house.chunks(TEXT)]).not.to.have.length(0)
          given.slice(known).forEach(add)
          const pages = ['one', 'other'].map((name) => ({
            name,
            chunks: scene.house.chunks(TEXT),
            parts: [] as string[],
            /** What was there all the time. */
            steady: undefined as Set<number> | undefined,
          }))
          const gone = (number: number) => {
            alive.delete(number)
            for (const { steady } of pages) steady?.delete(number)
          }
          const turn = (page: (typeof pages)[number]) => {
            page.steady ??= new Set(alive)
            const { value, done } = page.chunks.next()
            if (done !== true) page.parts.push(value.toString())
            return done !== true
          }
          for (const { act, from, count } of steps) {
            const numbers = range(from, Math.min(from + count, 1_000))
            if (act === 'add') numbers.forEach(add)
            else if (act === 'remove') {
              for (const number of numbers.filter((each) => alive.has(each))) {
                scene.remove(number)
                gone(number)
              }
            } else if (act === 'clear') {
              scene.gauge.clear()
              for (const number of [...alive]) gone(number)
            } else for (const page of pages) if (page.name === act) turn(page)
          }
          for (const page of pages) {
            while (turn(page));
            const text = page.parts.join('')
            const ids = text === '' ? [] : idsOn(text)
            expect(new Set(ids).size, 'something is there twice').to.equal(ids.length)
            expect(ids, 'out of order').to.deep.equal(ids.toSorted((a, b) => a - b))
            const missing = [...(page.steady as Set<number>)].filter((id) => !ids.includes(id))
            expect(missing, 'something is missing').to.deep.equal([])
          }
        },
      ),
      { numRuns: 60 },
    )
  }).timeout(60_000)
})
