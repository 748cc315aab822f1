import type { Attributes } from '@opentelemetry/api'
import { expect } from 'chai'
import fc from 'fast-check'
import { type Series, SeriesInOrder } from '../../../src/otel/push/series-in-order'

describe('SeriesInOrder', () => {
  it('knows series by their attributes as long as each pass has them, or as few as may be kept, in whatever order', () => {
    const attributes = fc.dictionary(
      fc.constantFrom('a', 'b', 'toString', '__proto__'),
      fc.oneof(fc.constantFrom('x', 'y', '1'), fc.constantFrom(1, true), fc.constant(['x'])),
    )
    const pass = fc.uniqueArray(attributes, { selector: textOf })
    fc.assert(
      fc.property(fc.array(pass, { maxLength: 6 }), fc.nat(8), (passes, most) => {
        const known = new SeriesInOrder()
        let before = new Map<string, Series>()
        for (const each of passes) {
          const now = new Map<string, Series>()
          for (const one of each) now.set(textOf(one), known.next(one))
          known.end(most)
          expect(new Set(now.values()).size).to.equal(each.length)
          for (const [text, series] of now) {
            const old = before.get(text)
            if (old !== undefined) expect(series).to.equal(old)
            else expect([...before.values()]).not.to.include(series)
            expect(textOf(series.attributes)).to.equal(text)
          }
          const all = new Map([...before, ...now])
          before = all.size <= most ? all : now
        }
      }),
    )
  })
})

function textOf(attributes: Attributes): string {
  return JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)))
}
