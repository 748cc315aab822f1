import { expect } from 'chai'
import * as fc from 'fast-check'
import type { Format } from '../../src/exposition/format'
import { OPENMETRICS, TEXT } from '../../src/exposition/format'
import { ExpositionHouse } from '../support/exposition-house'
import { describeWithPeerParser, type PeerFamily, type PeerParser } from '../support/peer-parser'

const FORMATS: readonly Format[] = [TEXT, OPENMETRICS]

/** Text that formats and parsers stumble over. */
const awkward = fc.constantFrom(
  ...[
    '"',
    '\\',
    '\n',
    '\r',
    '\r\n',
    '\0',
    '\t',
    ' ',
    '\u2028',
    '\u2029',
    '\u0085',
    '\u001c',
    '\ufeff',
    '\ufffd',
    '\uffff',
  ],
  ...['\ud800', '\udbff', '\udc00', '\udfff', '😀', 'é', 'e\u0301', '\\n', '\\"', '\\\\', '\\x'],
  ...[
    '{',
    '}',
    ',',
    '=',
    '",',
    '="',
    '"} 1',
    '# EOF',
    '\n# EOF\n',
    ' # {a="b"} 1',
    '# HELP g x',
    'le="1"',
    '__proto__',
    'constructor',
  ],
)
const shortText = fc.oneof(
  fc
    .array(fc.oneof(awkward, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 8 })
    .map((parts) => parts.join('')),
  awkward,
)
const anyText = fc.oneof(
  { weight: 5, arbitrary: shortText },
  {
    weight: 1,
    arbitrary: fc.tuple(awkward, fc.nat(5_000)).map(([text, times]) => text.repeat(Math.ceil(times / text.length) * 2)),
  },
)

const anyNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(
    0,
    -0,
    9,
    10,
    99,
    100,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    1e21,
    1e-7,
    5e-324,
    Number.MAX_VALUE,
    0.1 + 0.2,
  ),
)

/** Well-formed text: what halves of surrogate pairs become in UTF-8. */
const inUtf8 = (text: string) => Buffer.from(text).toString()

/** Series by name and labels; an empty label is as good as none. Throws where one is there twice. */
function seriesOf(families: readonly PeerFamily[]): Map<string, number> {
  const series = new Map<string, number>()
  for (const { samples } of families) {
    for (const { name, labels, value } of samples) {
      const key = JSON.stringify([name, ...labels.filter(([, text]) => text !== '')])
      if (series.has(key)) throw new Error(`${key} is there twice`)
      series.set(key, value)
    }
  }
  return series
}

const keyOf = (name: string, labels: Readonly<Record<string, string>>) =>
  JSON.stringify([
    name,
    ...Object.entries(labels)
      .map(([label, value]) => [label, inUtf8(value)] as const)
      .filter(([, value]) => value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  ])

async function readBack(parser: PeerParser, house: ExpositionHouse, format: Format): Promise<PeerFamily[]> {
  return parser.parse(format.id as 'text' | 'openmetrics', await house.page(format))
}

describeWithPeerParser('exposition: what python3-prometheus-client reads back', (parser) => {
  for (const format of FORMATS) {
    it(`${format.id}: any label values and any numbers`, async () => {
      const series = fc.uniqueArray(fc.tuple(anyText, anyText, anyNumber), {
        minLength: 1,
        maxLength: 8,
        selector: ([a, b]) => keyOf('', { a, b }),
      })
      await fc.assert(
        fc.asyncProperty(series, async (given) => {
          const house = new ExpositionHouse()
          const gauge = house.metrics.gauge({ name: 'g', labelNames: ['a', 'b'] })
          for (const [a, b, value] of given) gauge.set(value, { a, b })
          const families = await readBack(parser(), house, format)
          expect(families.map(({ name, type }) => [name, type])).to.deep.equal([['g', 'gauge']])
          expect(seriesOf(families)).to.deep.equal(
            // -0 and 0 are one number on a page.
            new Map(given.map(([a, b, value]) => [keyOf('g', { a, b }), value + 0])),
          )
        }),
        { numRuns: 250 },
      )
    }).timeout(60_000)

    it(`${format.id}: a label of 10 kB, of every awkward text`, async () => {
      const house = new ExpositionHouse()
      const gauge = house.metrics.gauge({ name: 'g', labelNames: ['a'] })
      const texts = fc
        .sample(awkward, { numRuns: 300, seed: 1 })
        .map((text) => text.repeat(Math.ceil(10_000 / text.length)))
      const expected = new Map<string, number>()
      for (const [index, a] of [...new Set(texts.map(inUtf8))].entries()) {
        gauge.set(index, { a })
        expected.set(keyOf('g', { a }), index)
      }
      expect(seriesOf(await readBack(parser(), house, format))).to.deep.equal(expected)
    })

    it(`${format.id}: any help text`, async () => {
      await fc.assert(
        fc.asyncProperty(anyText, async (text) => {
          // The parser of text trims white space, so there is something around it.
          const help = `<${text}>`
          const house = new ExpositionHouse()
          house.metrics.counter({ name: 'c_total', help }).add()
          expect((await readBack(parser(), house, format)).map((family) => family.help)).to.deep.equal([inUtf8(help)])
        }),
      )
    }).timeout(60_000)

    it(`${format.id}: any attributes, which may come to the same labels`, async () => {
      const attribute = fc.oneof(
        fc.constantFrom('a', 'a.b', 'a_b', 'a-b', 'le', 'env', '1', '__proto__', ''),
        shortText,
      )
      const value = fc.oneof(
        shortText,
        fc.constantFrom<unknown>('', '1', 1, true, 'true', 0, -0, Number.NaN, 10n, ['a'], '["a"]', null, {}),
      )
      const attributes = fc
        .array(fc.tuple(attribute, value), { maxLength: 4 })
        .map((pairs) => Object.fromEntries(pairs))
      await fc.assert(
        fc.asyncProperty(fc.array(attributes, { minLength: 1, maxLength: 8 }), async (given) => {
          const house = new ExpositionHouse({ constantLabels: { env: '1' } })
          const counter = house.meter().createCounter('c')
          const histogram = house.meter().createHistogram('h')
          for (const each of given) {
            counter.add(1, each)
            histogram.record(1, each)
          }
          const series = seriesOf(await readBack(parser(), house, format))
          const total = (name: string, part = '') =>
            [...series]
              .filter(([key]) => key.startsWith(`["${name}"`) && key.includes(part))
              .reduce((sum, [, n]) => sum + n, 0)
          expect(total('c_total')).to.equal(given.length)
          expect(total('h_count')).to.equal(given.length)
          expect(total('h_bucket', '["le","+Inf"]')).to.equal(given.length)
        }),
        { numRuns: 200, examples: [[[{ '"': 0 }, { '"': 0, env: '1' }, {}]]] },
      )
    }).timeout(60_000)

    it(`${format.id}: histograms of any buckets and any measurements`, async () => {
      const bounds = fc
        .uniqueArray(anyNumber, { maxLength: 8, comparator: (a, b) => a + 0 === b + 0 })
        .map((list) => list.sort((a, b) => a - b))
      await fc.assert(
        fc.asyncProperty(bounds, fc.array(anyNumber, { maxLength: 10 }), async (buckets, values) => {
          const house = new ExpositionHouse()
          const histogram = house.metrics.histogram({ name: 'h', buckets, labelNames: ['a'] })
          histogram.bind({ a: 'x' })
          for (const value of values) histogram.record(value, { a: 'x' })
          const [family] = await readBack(parser(), house, format)
          const samples = (family as PeerFamily).samples
          const byBound = samples
            .filter(({ name }) => name === 'h_bucket')
            .map(({ labels, value }) => [
              Number(labels.find(([label]) => label === 'le')?.[1].replace('+Inf', 'Infinity')),
              value,
            ])
          expect(byBound).to.deep.equal(
            [...buckets, Number.POSITIVE_INFINITY].map((bound) => [
              bound + 0,
              values.filter((value) => value <= bound).length,
            ]),
          )
          const inRange = (sum: number) => Math.min(Math.max(sum, -Number.MAX_VALUE), Number.MAX_VALUE)
          const sum = values.reduce((total, value) => inRange(total + value), 0)
          const isCounter = sum >= 0 && !((buckets[0] ?? 0) < 0)
          const rest = samples.filter(({ name }) => name !== 'h_bucket').map(({ name, value }) => [name, value])
          const expected = [
            ['h_sum', sum],
            ['h_count', values.length],
          ]
          expect(rest).to.deep.equal(format === TEXT || isCounter ? expected : [])
        }),
        { numRuns: 200, examples: [[[], [Number.MAX_VALUE, Number.MAX_VALUE]]] },
      )
    }).timeout(60_000)

    it(`${format.id}: any crowd of metrics, whatever their names and types`, async () => {
      const name = fc.constantFrom(
        'a',
        'a.total',
        'a_total',
        'a_bucket',
        'a.sum',
        'a_count',
        'a.seconds',
        'b',
        'target',
        'target.info',
        '1',
      )
      const kind = fc.constantFrom('Counter', 'UpDownCounter', 'Gauge', 'Histogram')
      const unit = fc.constantFrom('', 's', '1', 'By/s', '{request}', '%', '€')
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(name, kind, unit, fc.nat(2)), { maxLength: 12 }), async (given) => {
          const house = new ExpositionHouse({ resource: { a: 'b' } })
          for (const [each, type, itsUnit, meter] of given) {
            const instrument = house
              .meter(`meter ${meter}`)
              [`create${type}`](each, { unit: itsUnit, description: each })
            if ('add' in instrument) instrument.add(1)
            else instrument.record(1)
          }
          const families = await readBack(parser(), house, format)
          seriesOf(families)
          // The parser of text calls counters without _total, so that one may be called as a gauge is.
          const heads = families.map(({ name: family, type }) => `${family} ${type}`)
          expect(new Set(heads).size).to.equal(heads.length)
          expect(heads.some((head) => head.startsWith('target'))).to.equal(true)
        }),
        { numRuns: 300 },
      )
    }).timeout(60_000)
  }
})
