import { expect } from 'chai'
import * as fc from 'fast-check'
import { negotiateFormat } from '../../src/exposition/negotiate'
import { type Escaping, escapeName } from '../../src/model/escaping'
import { TRANSLATION_STRATEGIES } from '../../src/model/translation'
import { ExpositionHouse } from '../support/exposition-house'
import { describeWithPeerParser, type PeerFamily, type PeerParser } from '../support/peer-parser'

/** The ways to escape that leave names which a parser of before UTF-8 can read. */
const anyEscaping = fc.constantFrom<Escaping>('underscores', 'dots', 'values')
const anyFormat = fc.constantFrom('text/plain' as const, 'application/openmetrics-text' as const)

const anyName = fc
  .array(fc.constantFrom('a', 'b1', '1', '_', '.', '-', ':', 'é', '😀', '"', '\\', '\n', '__', ' ', 'total', 'info'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join(''))
  // The parser of text has nothing left of a counter that is called _total.
  .filter((name) => !/^[^a-z]*total$/.test(name))
const anyLabelName = anyName.filter((name) => !name.startsWith('__'))
const anyValue = fc.oneof(fc.string({ unit: 'binary', maxLength: 4 }), fc.constantFrom('x', '', '"', '\\', '\n'))

async function readBack(
  parser: PeerParser,
  house: ExpositionHouse,
  type: 'text/plain' | 'application/openmetrics-text',
  escaping: Escaping,
): Promise<PeerFamily[]> {
  const format = negotiateFormat(`${type};version=1.0.0;escaping=${escaping}`)
  return parser.parse(format.id === 'openmetrics' ? 'openmetrics' : 'text', await house.page(format))
}

/** `UnescapeName` of prometheus/common for `values`. */
function unescapeValues(name: string): string {
  if (!name.startsWith('U__')) return name
  return name
    .slice('U__'.length)
    .replace(/__|_([0-9a-f]+)_/g, (_found, code?: string) =>
      code === undefined ? '_' : String.fromCodePoint(Number.parseInt(code, 16)),
    )
}

describeWithPeerParser('exposition: names that python3-prometheus-client reads back', (parser) => {
  it('are as they were once they are unescaped from values', async () => {
    const labels = fc.dictionary(anyLabelName, anyValue, { maxKeys: 3, noNullPrototype: true })
    await fc.assert(
      fc.asyncProperty(anyFormat, anyName, labels, fc.integer(), async (format, name, given, value) => {
        const house = new ExpositionHouse({ translationStrategy: 'NoTranslation' })
        house.metrics.gauge({ name, labelNames: Object.keys(given) }).set(value, given as never)
        const families = await readBack(parser(), house, format, 'values')
        const read = families.map(({ name: family, samples }) => [
          unescapeValues(family),
          samples.map((sample) => [
            unescapeValues(sample.name),
            Object.fromEntries(sample.labels.map(([label, text]) => [unescapeValues(label), text])),
            sample.value,
          ]),
        ])
        const texts = Object.entries(given).map(([label, text]) => [label, text.toWellFormed()])
        expect(read).to.deep.equal([[name, [[name, Object.fromEntries(texts), value]]]])
      }),
      { numRuns: 300 },
    )
  }).timeout(60_000)

  it('are of metrics of any type, in any crowd, each escaped as prometheus/common does', async () => {
    const kind = fc.constantFrom('counter', 'gauge', 'histogram', 'info', 'stateSet', 'otel counter', 'otel histogram')
    const anyCrowd = fc.array(fc.tuple(anyName, kind, anyLabelName, anyValue), { maxLength: 10 })
    const anyStrategy = fc.constantFrom(...TRANSLATION_STRATEGIES)
    await fc.assert(
      fc.asyncProperty(anyFormat, anyEscaping, anyStrategy, anyCrowd, async (format, escaping, strategy, crowd) => {
        const house = new ExpositionHouse({ translationStrategy: strategy, created: true, resource: { 'a.b': 'c' } })
        const { metrics } = house
        const made: string[] = []
        for (const [name, type, label, text] of crowd) {
          try {
            const options = { name, labelNames: [label] }
            const labels = { [label]: text }
            switch (type) {
              case 'counter':
                metrics.counter(options).add(1, labels)
                break
              case 'gauge':
                metrics.gauge(options).set(1, labels)
                break
              case 'histogram':
                metrics.histogram({ ...options, buckets: [1] }).record(1, labels)
                break
              case 'info':
                metrics.info({ name, labels })
                break
              case 'stateSet':
                metrics.stateSet({ ...options, states: ['on', 'off', '"'] }).set('on', labels)
                break
              case 'otel counter':
                house.meter().createCounter(name, { unit: 's' }).add(1, labels)
                continue
              default:
                house.meter().createHistogram(name, { unit: 'By' }).record(1, labels)
                continue
            }
            made.push(name)
          } catch {
            // A name that the facade does not take, or has taken for another metric.
          }
        }
        const families = await readBack(parser(), house, format, escaping)
        const written = new Set(families.flatMap(({ samples }) => samples.map((sample) => sample.name)))
        const leftOut = house.logged.filter((line) => line.includes('out of the page'))
        // The parser of text puts _total behind the names of all counters.
        const suffixes = ['', '_bucket', '_total']
        const missing = made.filter((name) => {
          const shown = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) ? name : escapeName(name, escaping)
          return !suffixes.some((suffix) => written.has(shown + suffix))
        })
        expect(missing.length).to.be.at.most(leftOut.length)
        expect(written.has('target_info')).to.equal(true)
      }),
      { numRuns: 300 },
    )
  }).timeout(60_000)
})
