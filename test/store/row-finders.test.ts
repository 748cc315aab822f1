import { expect } from 'chai'
import fc from 'fast-check'
import { LabelRows, type RowFinder } from '../../src/store/label-rows'
import { type StoredLabel, Vocabulary } from '../../src/store/label-values'
import { RowHash } from '../../src/store/row-hash'
import { RowTree } from '../../src/store/row-tree'

const FINDERS: Readonly<Record<string, (rows: LabelRows) => RowFinder>> = {
  RowTree: (rows) => new RowTree(rows),
  RowHash: (rows) => new RowHash(rows),
}

/** How many values each label may have: few and many, in every order. */
const SHAPES = [
  [1_000],
  [1, 1_000],
  [1_000, 3],
  [3, 2, 300],
  [40, 40],
  [12, 12, 12],
  [2, 300, 2, 3],
  [6, 2, 2, 6],
  [2, 2, 2, 2, 2, 2, 2, 2, 2],
]

type Step = { readonly act: 'add' | 'remove'; readonly values: readonly string[] }

function stepsOf(shape: readonly number[]): fc.Arbitrary<Step[]> {
  const values = fc.tuple(...shape.map((size) => fc.nat(size - 1).map((value) => `v${value}`)))
  const act = fc.constantFrom('add' as const, 'add' as const, 'remove' as const)
  return fc.array(fc.record({ act, values }), { maxLength: 600 })
}

/** A finder over rows, told what a map from values to rows is told. */
class Pair {
  readonly vocabulary = new Vocabulary()
  readonly rows: LabelRows
  readonly finder: RowFinder
  readonly known = new Map<string, number>()

  constructor(make: (rows: LabelRows) => RowFinder, depth: number) {
    const names = Array.from({ length: depth }, (_, label) => `l${label}`)
    this.rows = new LabelRows(names.map((name) => this.vocabulary.valuesOf(name)))
    this.finder = make(this.rows)
  }

  take({ act, values }: Step): void {
    const key = values.join()
    const row = this.known.get(key)
    expect(this.#find(values)).to.equal(row ?? -1)
    if (act === 'add' && row === undefined) {
      this.known.set(key, this.rows.count)
      this.rows.add(values)
      this.finder.add(this.rows.count - 1, values)
    } else if (act === 'remove' && row !== undefined) {
      this.known.delete(key)
      this.finder.remove(row)
      this.rows.remove(row)
    }
  }

  #find(values: readonly StoredLabel[]): number {
    // The list may be longer: it is one for groups of any depth.
    const row = this.finder.find([...values, 'left', 'over'])
    const [first = 'none', second = 'none', third = 'none', fourth = 'none'] = values
    if (values.length <= 4) expect(this.finder.findFew(first, second, third, fourth)).to.equal(row)
    return row
  }

  check(): void {
    for (const [key, row] of this.known) {
      const values: StoredLabel[] = key.split(',')
      expect(this.#find(values)).to.equal(row)
      expect(this.rows.valuesOf(row)).to.deep.equal(values)
    }
  }
}

for (const [name, make] of Object.entries(FINDERS)) {
  describe(name, () => {
    for (const shape of SHAPES) {
      it(`finds what was added and not removed, with ${shape.join(' × ')} values`, () => {
        fc.assert(
          fc.property(stepsOf(shape), (steps) => {
            const pair = new Pair(make, shape.length)
            for (const step of steps) pair.take(step)
            pair.check()
          }),
          { numRuns: 30 },
        )
      })
    }

    it('finds each of many rows that share all values but the last', () => {
      const pair = new Pair(make, 3)
      for (let row = 0; row < 5_000; row++) pair.take({ act: 'add', values: ['a', `b${row % 2}`, `c${row >> 1}`] })
      pair.check()
    })
  })
}

describe('RowHash', () => {
  it('takes up the rows that there are when it is made', () => {
    const pair = new Pair((rows) => new RowTree(rows), 2)
    for (let row = 0; row < 500; row++) pair.take({ act: 'add', values: [`a${row % 20}`, `b${row % 25}`] })
    const hash = new RowHash(pair.rows)
    for (const [key, row] of pair.known) expect(hash.find(key.split(','))).to.equal(row)
    expect(hash.find(['a0', 'b1'])).to.equal(pair.known.get('a0,b1') ?? -1)
    expect(hash.find(['a0', 'none'])).to.equal(-1)
  })
})

describe('Label values', () => {
  it('are forgotten when the last row that has them is removed, and their numbers are given to others', () => {
    const values = new Vocabulary().valuesOf('l')
    const [a, b] = [values.take('a'), values.take('b')]
    expect(values.take('a')).to.equal(a)
    values.release(a)
    expect(values.find('a')).to.equal(a)
    values.release(a)
    expect(values.find('a')).to.equal(undefined)
    expect(values.take('c')).to.equal(a)
    expect([values.at(a), values.at(b)]).to.deep.equal(['c', 'b'])
  })

  it('tell which numbers were given to others, as far back as they remember', () => {
    const values = new Vocabulary().valuesOf('l')
    const a = values.take('a')
    expect([values.reuses, values.reusedSince(0)]).to.deep.equal([0, []])
    values.release(a)
    expect([values.take('b'), values.reuses, values.reusedSince(0)]).to.deep.equal([a, 1, [a]])
    expect(values.reusedSince(1)).to.deep.equal([])
    for (let time = 1; time < 5_000; time++) {
      values.release(a)
      values.take(`c${time}`)
    }
    expect(values.reusedSince(0)).to.equal(undefined)
    expect(values.reusedSince(4_000)).to.deep.equal(new Array(1_000).fill(a))
  })

  it('are found whatever they are, while others come and go', () => {
    const kinds = fc.oneof(
      fc.string({ maxLength: 3 }),
      fc.string({ minLength: 60, maxLength: 70 }),
      fc.nat(20),
      fc.boolean(),
    )
    const step = fc.record({ value: kinds, act: fc.constantFrom('take', 'take', 'release') })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const values = new Vocabulary().valuesOf('l')
        const uses = new Map<StoredLabel, number>()
        for (const { act, value } of steps) {
          const count = uses.get(value) ?? 0
          if (act === 'take') {
            values.take(value)
            uses.set(value, count + 1)
          } else if (count > 0) {
            values.release(values.find(value) as number)
            uses.set(value, count - 1)
          }
        }
        const ids = [...uses].flatMap(([value, count]) => {
          const id = values.find(value)
          expect(id === undefined, String(value)).to.equal(count === 0)
          if (id !== undefined) expect(values.at(id)).to.equal(value)
          return id ?? []
        })
        expect(new Set(ids).size).to.equal(ids.length)
        expect(values.inUse).to.equal(ids.length > 0)
      }),
    )
  })

  it('are shared by metrics that have a label in common', () => {
    const vocabulary = new Vocabulary()
    expect(vocabulary.valuesOf('path')).to.equal(vocabulary.valuesOf('path'))
    expect(vocabulary.valuesOf('path')).to.not.equal(vocabulary.valuesOf('method'))
  })

  it('leave nothing behind of names that came and went', () => {
    const vocabulary = new Vocabulary()
    const kept = vocabulary.valuesOf('kept')
    kept.take('x')
    for (let name = 0; name < 2_500; name++) vocabulary.valuesOf(`n${name}`)
    expect(vocabulary.valuesOf('kept')).to.equal(kept)
    expect(vocabulary.size).to.be.below(1_001)
  })
})
