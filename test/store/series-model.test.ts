import { expect } from 'chai'
import fc from 'fast-check'
import { seriesOf, TestService } from '../support/test-service'
import { Reference } from './support/reference'
import { type Kind, type Recorder, type Subject, subjectOf } from './support/subject'

const REGIONS = ['eu', 'us', '', '1', '__proto__', 'constructor', 'a,b', 'ü']
const LABEL_SETS = REGIONS.flatMap((region) =>
  ['a', 'b', ''].flatMap((zone) => Array.from({ length: 8 }, (_, shard) => ({ region, zone, shard }))),
)
const SLOTS = 6
const LIMIT = 100
const EXPIRE_AFTER_MS = 60_000

const set = fc.nat({ max: LABEL_SETS.length - 1 })
const slot = fc.nat({ max: SLOTS - 1 })
const count = fc.oneof(fc.nat({ max: 150 }), fc.constant(LIMIT))

/** What can be done to an instrument of a kind. */
function stepsOf(kind: Kind) {
  // Whole numbers add up exactly in any order.
  const value = fc.oneof(fc.constant(1), fc.integer({ min: kind === 'counter' ? 0 : -1_000, max: 1_000 }))
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('record' as const), set, value, reversed: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('adjust' as const), set, value }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('bind' as const), set, slot }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('recordBound' as const), slot, value }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('adjustBound' as const), slot, value }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), set }) },
    // A run of series at once reaches the limit and, removed again, has the groups packed.
    { weight: 2, arbitrary: fc.record({ do: fc.constant('fill' as const), from: set, count, value }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('removeRun' as const), from: set, count }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('collect' as const), afterMs: fc.nat({ max: 40_000 }) }) },
  )
}
type Step = ReturnType<typeof stepsOf> extends fc.Arbitrary<infer T> ? T : never

/** An instrument and a plain map of what it should hold, told the same things. */
class Pair {
  readonly #service = new TestService({ cardinalityLimit: LIMIT })
  readonly #subject: Subject
  readonly #reference: Reference
  readonly #bound: { recorder: Recorder; set: number }[] = []

  constructor(kind: Kind) {
    this.#subject = subjectOf(this.#service.metrics, kind, {
      name: 'subject',
      labelNames: ['region', 'zone', 'shard'],
      expireAfterMs: EXPIRE_AFTER_MS,
    })
    this.#reference = new Reference(kind, LIMIT, EXPIRE_AFTER_MS)
    for (let index = 0; index < SLOTS; index++) this.#bind(index, index * 7)
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'record': {
        const { region, zone, shard } = labelsAt(step.set)
        this.#subject.record(step.value, step.reversed ? { shard, zone, region } : { region, zone, shard })
        this.#reference.record(keyAt(step.set), step.value)
        break
      }
      case 'adjust':
        this.#subject.adjust(step.value, labelsAt(step.set))
        this.#reference.adjust(keyAt(step.set), step.value)
        break
      case 'bind':
        this.#bind(step.slot, step.set)
        break
      case 'recordBound': {
        const { recorder, set } = this.#boundAt(step.slot)
        recorder.record(step.value)
        this.#reference.record(keyAt(set), step.value)
        break
      }
      case 'adjustBound': {
        const { recorder, set } = this.#boundAt(step.slot)
        recorder.adjust(step.value)
        this.#reference.adjust(keyAt(set), step.value)
        break
      }
      case 'remove':
        this.#remove(step.set)
        break
      case 'fill':
        for (const index of run(step)) {
          this.#subject.record(step.value, labelsAt(index))
          this.#reference.record(keyAt(index), step.value)
        }
        break
      case 'removeRun':
        for (const index of run(step)) this.#remove(index)
        break
      case 'clear':
        this.#subject.clear()
        this.#reference.clear()
        break
      case 'collect':
        this.#service.clock.advance(step.afterMs)
        await this.compare()
    }
  }

  async compare(): Promise<void> {
    const collected = await this.#service.collect()
    this.#reference.expire(this.#service.clock.nowMs())
    expect(seriesOf(collected, 'subject')).to.deep.equal(this.#reference.series())
    expect(seriesOf(collected, 'meterkit_overflowed_measurements_total')).to.deep.equal(
      this.#reference.overflowed === 0 ? {} : { 'metric=subject': this.#reference.overflowed },
    )
  }

  #bind(slot: number, set: number): void {
    this.#bound[slot] = { recorder: this.#subject.bind(labelsAt(set)), set }
    this.#reference.bind(keyAt(set))
  }

  #boundAt(slot: number): { recorder: Recorder; set: number } {
    const bound = this.#bound[slot]
    if (bound === undefined) throw new Error(`slot ${slot} is empty`)
    return bound
  }

  #remove(set: number): void {
    expect(this.#subject.remove(labelsAt(set))).to.equal(this.#reference.remove(keyAt(set)))
  }
}

function labelsAt(set: number): { region: string; zone: string; shard: number } {
  return LABEL_SETS[set] as { region: string; zone: string; shard: number }
}

function keyAt(set: number): string {
  const { region, zone, shard } = labelsAt(set)
  return `region=${region},shard=${shard},zone=${zone}`
}

function run({ from, count }: { from: number; count: number }): number[] {
  return Array.from({ length: Math.min(count, LABEL_SETS.length - from) }, (_, index) => from + index)
}

describe('An instrument holds what a plain map would', () => {
  for (const kind of ['counter', 'upDownCounter', 'gauge', 'histogram'] as const) {
    it(`${kind}: recorded, bound, removed, cleared, expired and limited in any order`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(stepsOf(kind), { maxLength: 80, size: 'max' }), async (steps) => {
          const pair = new Pair(kind)
          for (const step of steps) await pair.take(step)
          await pair.compare()
        }),
        { numRuns: 300 },
      )
    })
  }
})
