import { expect } from 'chai'
import fc from 'fast-check'
import {
  keepsUtf8,
  TRANSLATION_STRATEGIES,
  type TranslationStrategy,
  translatedLabel,
  translatedName,
} from '../../src/model/translation'

const CLASSIC = 'UnderscoreEscapingWithSuffixes'
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', '_', '.', '1', ':', 'é', '\ud800') }),
)
const anyShape = fc.constantFrom('counter' as const, 'upDownCounter' as const, 'gauge' as const, 'histogram' as const)

describe('translatedName', () => {
  for (const [name, unit, shape, translated] of [
    ['http.server.request.duration', 's', 'histogram', 'http_server_request_duration_seconds'],
    ['jobs', '', 'counter', 'jobs_total'],
    ['jobs_total', '', 'counter', 'jobs_total'],
    ['jobs.total', '{job}', 'counter', 'jobs_total'],
    ['total', '', 'counter', 'total_total'],
    ['io', 'By', 'counter', 'io_bytes_total'],
    ['io.bytes', 'By', 'counter', 'io_bytes_total'],
    ['bytes', 'By', 'gauge', 'bytes'],
    ['utilization', '1', 'gauge', 'utilization_ratio'],
    ['utilization', '1', 'upDownCounter', 'utilization'],
    ['hits', '1', 'counter', 'hits_total'],
    ['speed', 'm/s', 'gauge', 'speed_meters_per_second'],
    ['a.', 's', 'gauge', 'a_seconds'],
    ['in.use', '', 'upDownCounter', 'in_use'],
    ['jobs_total', '', 'gauge', 'jobs_total'],
  ] as const) {
    it(`makes ${name}${unit && ` in ${unit}`} ${translated}: ${shape}`, () => {
      expect(translatedName(name, unit, shape, CLASSIC)).to.equal(translated)
    })
  }

  for (const [name, unit, shape, translated] of [
    ['http.server.request.duration', 's', 'histogram', 'http.server.request.duration_seconds'],
    ['jobs.done', '', 'counter', 'jobs.done_total'],
    ['jobs.total', '{job}', 'counter', 'jobs_total'],
    ['subtotal', '', 'counter', 'subtotal_total'],
    ['io.bytes', 'By', 'counter', 'io.bytes_total'],
    ['io.bytes.total', 'By', 'counter', 'io.bytes_total'],
    ['io-bytes', 'By', 'gauge', 'io-bytes'],
    ['größe', 'm', 'gauge', 'größe_meters'],
    ['5xx', '', 'gauge', '5xx'],
    ['\ud800', '', 'gauge', '\ufffd'],
    ['a\0b', '', 'gauge', 'a\ufffdb'],
    ['', '', 'gauge', '_'],
  ] as const) {
    it(`makes ${JSON.stringify(name)}${unit && ` in ${unit}`} ${translated} where UTF-8 is kept: ${shape}`, () => {
      expect(translatedName(name, unit, shape, 'NoUTF8EscapingWithSuffixes')).to.equal(translated)
    })
  }

  it('does with "foo.bar" in bytes what the table of the specification says', () => {
    const made = (strategy: TranslationStrategy) => translatedName('foo.bar', 'By', 'counter', strategy)
    expect(TRANSLATION_STRATEGIES.map((strategy) => [strategy, made(strategy)])).to.deep.equal([
      ['UnderscoreEscapingWithSuffixes', 'foo_bar_bytes_total'],
      ['UnderscoreEscapingWithoutSuffixes', 'foo_bar'],
      ['NoUTF8EscapingWithSuffixes', 'foo.bar_bytes_total'],
      ['NoTranslation', 'foo.bar'],
    ])
  })

  it('is a metric name, which ends in _total for counters where there are suffixes, whatever it is given', () => {
    const anyUnit = fc.oneof(anyText, fc.constantFrom('s', 'By/s', '1', '{x}'))
    const anyStrategy = fc.constantFrom(...TRANSLATION_STRATEGIES)
    fc.assert(
      fc.property(anyText, anyUnit, anyShape, anyStrategy, (text, unit, shape, strategy) => {
        const name = translatedName(text, unit, shape, strategy)
        if (keepsUtf8(strategy)) expect(name !== '' && name.isWellFormed()).to.equal(true)
        else expect(name).to.match(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/)
        if (shape === 'counter' && strategy.endsWith('WithSuffixes')) expect(name).to.match(/_total$/)
      }),
    )
  })
})

describe('translatedLabel', () => {
  for (const [name, classic, utf8] of [
    ['http.route', 'http_route', 'http.route'],
    ['größe', 'gr_e', 'größe'],
    ['__name__', '_name_', '_name_'],
    ['', 'key', 'key'],
    ['\udc00', 'key', '\ufffd'],
  ] as const) {
    it(`makes ${JSON.stringify(name)} ${classic}, or ${utf8} where UTF-8 is kept`, () => {
      const made = TRANSLATION_STRATEGIES.map((strategy) => translatedLabel(name, strategy))
      expect(made).to.deep.equal([classic, classic, utf8, utf8])
    })
  }
})
