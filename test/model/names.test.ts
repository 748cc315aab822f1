import { expect } from 'chai'
import fc from 'fast-check'
import { isOtelName, prometheusLabel, prometheusName } from '../../src/model/names'

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
