import { expect } from 'chai'
import fc from 'fast-check'
import { ESCAPINGS, escapedLabel, escapedName, escapeName } from '../../src/model/escaping'

/** The table of `TestEscapeName` in prometheus/common's `model/metric_test.go`. */
const TABLE: readonly (readonly [title: string, name: string, underscores: string, dots: string, values: string])[] = [
  ['empty string', '', '', '', ''],
  [
    'legacy valid name',
    'no:escaping_required',
    'no:escaping_required',
    'no:escaping__required',
    'no:escaping_required',
  ],
  [
    'name with dots',
    'mysystem.prod.west.cpu.load',
    'mysystem_prod_west_cpu_load',
    'mysystem_dot_prod_dot_west_dot_cpu_dot_load',
    'U__mysystem_2e_prod_2e_west_2e_cpu_2e_load',
  ],
  [
    'name with dots and underscore',
    'mysystem.prod.west.cpu.load_total',
    'mysystem_prod_west_cpu_load_total',
    'mysystem_dot_prod_dot_west_dot_cpu_dot_load__total',
    'U__mysystem_2e_prod_2e_west_2e_cpu_2e_load__total',
  ],
  ['name with dots and colon', 'http.status:sum', 'http_status:sum', 'http_dot_status:sum', 'U__http_2e_status:sum'],
  ['name with spaces and emoji', 'label with 😱', 'label_with__', 'label__with____', 'U__label_20_with_20__1f631_'],
  ['name with unicode characters > 0x100', '花火', '__', '____', 'U___82b1__706b_'],
  [
    'name with spaces and edge-case value',
    'label with \u0100',
    'label_with__',
    'label__with____',
    'U__label_20_with_20__100_',
  ],
  ['a digit first, which is plain further on', '5xx5', '_xx5', '__xx5', 'U___35_xx5'],
]

/** `UnescapeName` of prometheus/common for `values`. */
function unescapeValues(text: string): string {
  return text
    .slice('U__'.length)
    .replace(/__|_([0-9a-f]+)_/g, (_found, code?: string) =>
      code === undefined ? '_' : String.fromCodePoint(Number.parseInt(code, 16)),
    )
}

const anyName = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('a', '_', '.', '1', ':', 'é', '😀') }),
)

describe('escapeName', () => {
  for (const [title, name, underscores, dots, values] of TABLE) {
    it(`does what prometheus/common does: ${title}`, () => {
      expect({
        utf8: escapeName(name, 'allow-utf-8'),
        underscores: escapeName(name, 'underscores'),
        dots: escapeName(name, 'dots'),
        values: escapeName(name, 'values'),
      }).to.deep.equal({ utf8: name, underscores, dots, values })
    })
  }

  it('loses nothing by values', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const escaped = escapeName(name, 'values')
        expect(escaped === name ? name : unescapeValues(escaped)).to.equal(name)
      }),
    )
  })
})

describe('A name on a page', () => {
  it('is one that every scraper takes, unless it asked for UTF-8', () => {
    fc.assert(
      fc.property(
        anyName.filter((name) => name !== ''),
        fc.constantFrom(...ESCAPINGS.filter((escaping) => escaping !== 'allow-utf-8')),
        (name, escaping) => {
          expect(escapedName(name, escaping)).to.match(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/)
          expect(escapedLabel(name, escaping)).to.match(/^[a-zA-Z_][a-zA-Z0-9_]*$/)
        },
      ),
    )
  })

  it('stays as it is where it is one already, be it by dots', () => {
    for (const escaping of ESCAPINGS) {
      expect(escapedName('a_b:c', escaping)).to.equal('a_b:c')
      expect(escapedLabel('a__b', escaping)).to.equal('a__b')
    }
  })

  it('has no colon where it is a label', () => {
    expect(ESCAPINGS.map((escaping) => escapedLabel('a:b', escaping))).to.deep.equal([
      'a:b',
      'a_b',
      'a__b',
      'U__a_3a_b',
    ])
  })

  it('does not begin with two underscores where it is a label, which Prometheus would drop', () => {
    expect(ESCAPINGS.map((escaping) => escapedLabel('éé', escaping))).to.deep.equal(['éé', '_', '_', 'U___e9__e9_'])
    expect(escapedLabel('_a.b', 'dots')).to.equal('_a_dot_b')
  })
})
