import { expect } from 'chai'
import { type Format, PROTOBUF, TEXT } from '../../src/exposition/format'
import { ExpositionHouse } from '../support/exposition-house'
import { parseProtobuf } from '../support/protobuf-page'

const SERIES = 2_000
const idOf = (number: number) => String(number).padStart(4, '0')

/** A counter that the service and a library have under one name, each with the same series. */
function sharedCounter() {
  const house = new ExpositionHouse({ cardinalityLimit: 1e6 })
  const own = house.metrics.counter({ name: 'c_total', labelNames: ['id'] })
  const other = house.meter().createCounter('c')
  const addOwn = () => {
    for (let number = SERIES; number-- > 0; ) own.add(1, { id: idOf(number) })
  }
  addOwn()
  for (let number = 0; number < SERIES; number++) other.add(10, { id: idOf(number) })
  return { house, own, addOwn }
}

/** The values on a page by id, in its order. */
function valuesOn(page: Buffer, { id }: Format): [id: string, value: number][] {
  if (id !== 'protobuf') {
    return [...page.toString().matchAll(/^c_total\{id="(\d+)"\} (\d+)$/gm)].map(([, at = '', value]) => [
      at,
      Number(value),
    ])
  }
  return parseProtobuf(page).flatMap(({ metric = [] }) =>
    metric.map(({ label, counter }): [string, number] => [label?.[0]?.value ?? '', counter?.value ?? Number.NaN]),
  )
}

const SUMS = Array.from({ length: SERIES }, (_, number): [string, number] => [idOf(number), 11])

for (const format of [TEXT, PROTOBUF]) {
  describe(`exposition: series of many that come to read the same, in turns (${format.id})`, () => {
    it('are added up in small steps', () => {
      const { house } = sharedCounter()
      const chunks = [...house.chunks(format)]
      expect(chunks.filter(({ length }) => length === 0)).to.have.length.greaterThan(50)
      expect(valuesOn(Buffer.concat(chunks), format)).to.deep.equal(SUMS)
    })

    it('are added up once, though their rows have other numbers in every turn', () => {
      const { house, own, addOwn } = sharedCounter()
      const parts: Buffer[] = []
      for (const chunk of house.chunks(format)) {
        parts.push(chunk)
        own.clear()
        addOwn()
      }
      expect(valuesOn(Buffer.concat(parts), format)).to.deep.equal(SUMS)
    })
  })
}
