import { expect } from 'chai'
import fc from 'fast-check'
import { declaredLabel, isOtelName, prometheusLabel, prometheusName, translatedName } from '../../src/model/names'

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('a', '_', '.', '1', ':', 'é') }),
)

describe('prometheusName', () => {
  it('is a metric name whatever it is given, and leaves one that it made alone', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const name = prometheusName(text)
        expect(name).to.match(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/)
        expect(prometheusName(name)).to.equal(name)
      }),
    )
  })

  for (const [text, name] of [
    ['http.server.duration', 'http_server_duration'],
    ['a:b', 'a:b'],
    ['a..b', 'a_b'],
    ['a__b', 'a_b'],
    ['5xx', '_5xx'],
    ['', '_'],
    ['é', '_'],
    ['😀x', '_x'],
  ] as const) {
    it(`makes ${JSON.stringify(text)} ${name}`, () => expect(prometheusName(text)).to.equal(name))
  }
})

describe('prometheusLabel', () => {
  it('is a label name that is not reserved, whatever it is given, and leaves one that it made alone', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const label = prometheusLabel(text)
        expect(label).to.match(/^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/)
        expect(prometheusLabel(label)).to.equal(label)
      }),
    )
  })

  for (const [text, label] of [
    ['http.route', 'http_route'],
    ['a:b', 'a_b'],
    ['__name__', '_name_'],
    ['1st', 'key_1st'],
    ['', 'key'],
    ['___', 'key'],
  ] as const) {
    it(`makes ${JSON.stringify(text)} ${label}`, () => expect(prometheusLabel(text)).to.equal(label))
  }
})

describe('declaredLabel', () => {
  it('keeps a name that is one, be it with underscores in a row, and makes one of any other', () => {
    expect(declaredLabel('a__b')).to.equal('a__b')
    expect(declaredLabel('a.b')).to.equal('a_b')
  })
})

describe('isOtelName', () => {
  it('is up to 255 signs, of which the first is a letter', () => {
    for (const name of ['a', 'Http.server/request_duration-x', `a${'1'.repeat(254)}`]) {
      expect(isOtelName(name), name).to.equal(true)
    }
    for (const name of ['', '1a', '_a', 'a b', 'a\n', `a${'1'.repeat(255)}`, 'é', 5, null]) {
      expect(isOtelName(name), String(name)).to.equal(false)
    }
  })
})

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
      expect(translatedName(name, unit, shape)).to.equal(translated)
    })
  }

  it('is a metric name that ends in _total for counters, whatever it is given', () => {
    const shape = fc.constantFrom('counter' as const, 'upDownCounter' as const, 'gauge' as const, 'histogram' as const)
    fc.assert(
      fc.property(anyText, fc.oneof(anyText, fc.constantFrom('s', 'By/s', '1', '{x}')), shape, (text, unit, shape) => {
        const name = translatedName(text, unit, shape)
        expect(name).to.match(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/)
        if (shape === 'counter') expect(name).to.match(/_total$/)
      }),
    )
  })
})
