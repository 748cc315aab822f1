import { expect } from 'chai'
import { PROTOBUF } from '../../src/exposition/format'
import { ExpositionHouse } from '../support/exposition-house'
import { parseProtobuf } from '../support/protobuf-page'

/** Lengths around those at which labels are copied otherwise, and at which a message's length takes one byte more. */
const LENGTHS = [1, 127, 128, 4_000, 4_100, 8_190, 8_200, 16_000]

describe('exposition: labels in delimited protobuf', () => {
  for (const length of LENGTHS) {
    it(`are each series' own, whatever it has in common with the one before: ${length} characters`, async () => {
      const house = new ExpositionHouse()
      const long = 'x'.repeat(length)
      const counter = house.metrics.counter({ name: 'c_total', labelNames: ['a', 'b', 'c'] })
      const given = ['1', long, '2'].flatMap((a) => [long, '1'].flatMap((b) => [long, '1', '2'].map((c) => [a, b, c])))
      for (const [index, [a = '', b = '', c = '']] of given.entries()) {
        // Some begin at the same time, some not.
        house.nowMs = 1_700_000_000_000 + 999 * (index >> 1)
        counter.add(index, { a, b, c })
      }
      const families = parseProtobuf(await house.page(PROTOBUF))
      const read = families.flatMap(({ name, metric = [] }) => (name === 'c_total' ? metric : []))
      expect(
        read.map(
          ({ label = [], counter: { value, createdTimestamp: { seconds = 0, nanos = 0 } = {} } = { value: 0 } }) => [
            ...label.map(({ value: each }) => each),
            value,
            seconds * 1_000 + nanos / 1e6,
          ],
        ),
      ).to.have.deep.members(given.map((values, index) => [...values, index, 1_700_000_000_000 + 999 * (index >> 1)]))
    })
  }
})
