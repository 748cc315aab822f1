import {
  type Attributes,
  type BatchObservableCallback,
  type MeterProvider,
  type MetricOptions,
  type Observable,
  type ObservableCallback,
  ValueType,
} from '@opentelemetry/api'
import fc from 'fast-check'
import { attributesText } from './harness'

/** The creators of the API that this test uses by name. */
const RECORDING = ['Counter', 'UpDownCounter', 'Gauge', 'Histogram'] as const
const OBSERVED = ['ObservableCounter', 'ObservableUpDownCounter', 'ObservableGauge'] as const
type Kind = (typeof RECORDING)[number] | (typeof OBSERVED)[number]

export const NAMES = ['jobs', 'took', 'queue.depth']
const METERS: readonly (readonly [name: string, version?: string, schemaUrl?: string])[] = [
  ['lib'],
  ['lib', '1.0'],
  ['lib', '1.0', 'https://opentelemetry.io/schemas/1.37.0'],
  ['other'],
]
const CALLBACKS = 3

interface Making {
  readonly meter: number
  readonly kind: Kind
  readonly name: string
  readonly options: MetricOptions
}

/** What a callback does when it is called, until it is told otherwise. */
interface Behaviour {
  readonly observations: readonly { readonly value: number; readonly attributes: Attributes }[]
  readonly outcome: 'returns' | 'resolves' | 'throws' | 'rejects'
}

/** One call of the API, or a change of what callbacks do. Numbers choose among what there is, modulo. */
export type Step =
  | ({ readonly do: 'make' } & Making)
  | {
      readonly do: 'record'
      readonly which: number
      readonly value: number
      readonly attributes: Attributes | undefined
    }
  | { readonly do: 'add callback' | 'remove callback'; readonly which: number; readonly callback: number }
  | { readonly do: 'add batch' | 'remove batch'; readonly set: readonly number[]; readonly callback: number }
  | { readonly do: 'behave'; readonly callback: number; readonly behaviour: Behaviour }
  | { readonly do: 'collect' }

/** Eighths, which add up to the same sum in any order. */
const eighths = fc.integer({ min: -80, max: 4_000 }).map((n) => n / 8)

const scalar = fc.oneof(
  fc.constantFrom('', 'a', '1', 'true', 'quo"te\\\n', '\u0000'),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
)
const attributeValue = fc.oneof(
  { weight: 4, arbitrary: scalar },
  fc.array(fc.option(fc.string({ maxLength: 2 })), { maxLength: 3 }),
  fc.array(fc.integer({ min: -1, max: 1 }), { maxLength: 3 }),
  fc.array(fc.boolean(), { maxLength: 3 }),
)
const attributeName = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'http.method', '1') },
  fc.constantFrom('__proto__', 'toString', 'é', ' '),
)
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(attributeName, attributeValue, { maxKeys: 3 })

const options: fc.Arbitrary<MetricOptions> = fc.record(
  {
    description: fc.constantFrom('', 'Short', 'A longer one'),
    unit: fc.constantFrom('', 's', '{job}'),
    valueType: fc.constantFrom(ValueType.INT, ValueType.DOUBLE),
    advice: fc.record(
      {
        explicitBucketBoundaries: fc
          .uniqueArray(eighths, { maxLength: 4 })
          .map((bounds) => bounds.sort((a, b) => a - b)),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
)

const making = fc.record({
  meter: fc.nat(METERS.length - 1),
  kind: fc.constantFrom(...RECORDING, ...OBSERVED),
  name: fc.constantFrom(...NAMES),
  options,
})

const callback = fc.nat(CALLBACKS - 1)

/** Programs: calls of the API in any order, whose series come back again and again. */
export const program: fc.Arbitrary<Step[]> = fc.array(attributes, { minLength: 2, maxLength: 4 }).chain((pool) => {
  const pooled = fc.constantFrom(...pool)
  const behaviour: fc.Arbitrary<Behaviour> = fc.record({
    observations: fc.array(fc.record({ value: eighths.map(Math.abs), attributes: pooled }), { maxLength: 4 }),
    outcome: fc.constantFrom('returns', 'returns', 'resolves', 'resolves', 'throws', 'rejects'),
  })
  const set = fc.array(fc.nat(), { minLength: 1, maxLength: 3 })
  const step = fc.oneof<fc.MaybeWeightedArbitrary<Step>[]>(
    { weight: 4, arbitrary: making.map((made) => ({ do: 'make' as const, ...made })) },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('record'),
        which: fc.nat(),
        value: eighths,
        attributes: fc.option(pooled, { nil: undefined }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('add callback'), which: fc.nat(), callback }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('remove callback'), which: fc.nat(), callback }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('add batch'), set, callback }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('remove batch'), set, callback }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('behave'), callback, behaviour }) },
    { weight: 2, arbitrary: fc.constant({ do: 'collect' }) },
  )
  const firstMakings = fc.array(making, { minLength: 2, maxLength: 4 })
  return fc
    .tuple(firstMakings, fc.array(step, { minLength: 5, maxLength: 40 }))
    .map(([makings, steps]) => [
      ...makings.map((made) => ({ do: 'make' as const, ...made })),
      ...steps,
      { do: 'collect' },
    ])
})

/** Runs a program against one provider. */
export class Machine {
  /** The series that callbacks observed since this was last emptied, as {@link seriesKey} names them. */
  readonly observed = new Set<string>()
  readonly #provider: MeterProvider
  readonly #recording: { put(value: number, attributes: Attributes | undefined): void }[] = []
  /** The first observable of each identity: the stock SDK gives each making callbacks of its own. */
  readonly #observables = new Map<string, { readonly observable: Observable; readonly key: string }>()
  readonly #behaviours: Behaviour[] = Array.from({ length: CALLBACKS }, () => ({
    observations: [],
    outcome: 'returns',
  }))
  readonly #callbacks = new Map<string, ObservableCallback>()
  readonly #batchCallbacks: BatchObservableCallback[]
  /** The sets of observables that each batch callback was added for. */
  readonly #batches: Map<string, ReadonlySet<string>>[] = Array.from({ length: CALLBACKS }, () => new Map())
  #steps = 0

  constructor(provider: MeterProvider) {
    this.#provider = provider
    this.#batchCallbacks = Array.from({ length: CALLBACKS }, (_, index) => (result) => {
      // Every observable there is, those that the batch was not added for included.
      for (const { observable, key } of this.#observables.values()) {
        const attributes = { batch: index }
        const added = [...(this.#batches[index]?.values() ?? [])].some((set) => set.has(key))
        if (added) this.observed.add(`${key} ${attributesText(attributes)}`)
        result.observe(observable, this.#steps, attributes)
      }
    })
  }

  run(step: Step): void {
    this.#steps++
    switch (step.do) {
      case 'make':
        this.#make(step)
        return
      case 'record':
        this.#recording[step.which % this.#recording.length]?.put(step.value, step.attributes)
        return
      case 'behave':
        this.#behaviours[step.callback] = step.behaviour
        return
      case 'add callback':
      case 'remove callback': {
        const chosen = this.#chosen([step.which])[0]
        if (chosen === undefined) return
        const callback = this.#callback(step.callback, chosen.key)
        if (step.do === 'add callback') chosen.observable.addCallback(callback)
        else chosen.observable.removeCallback(callback)
        return
      }
      case 'add batch':
      case 'remove batch': {
        const chosen = this.#chosen(step.set)
        if (chosen.length === 0) return
        const set = chosen.map(({ observable }) => observable)
        const keys = new Set(chosen.map(({ key }) => key).sort())
        const batches = this.#batches[step.callback] as Map<string, ReadonlySet<string>>
        const id = [...keys].join()
        if (step.do === 'add batch') batches.set(id, keys)
        else batches.delete(id)
        const meter = this.#provider.getMeter('lib')
        const callback = this.#batchCallbacks[step.callback] as BatchObservableCallback
        if (step.do === 'add batch') meter.addBatchObservableCallback(callback, set)
        else meter.removeBatchObservableCallback(callback, set)
      }
    }
  }

  #make({ meter, kind, name, options }: Making): void {
    const [meterName, version, schemaUrl] = METERS[meter] as (typeof METERS)[number]
    const made = this.#provider.getMeter(meterName, version, schemaUrl === undefined ? undefined : { schemaUrl })
    switch (kind) {
      case 'Counter':
      case 'UpDownCounter': {
        const instrument = made[`create${kind}`](name, options)
        this.#recording.push({ put: (value, attributes) => instrument.add(value, attributes) })
        return
      }
      case 'Gauge':
      case 'Histogram': {
        const instrument = made[`create${kind}`](name, options)
        this.#recording.push({ put: (value, attributes) => instrument.record(value, attributes) })
        return
      }
      default: {
        const observable = made[`create${kind}`](name, options)
        const { unit = '', valueType = ValueType.DOUBLE } = options
        const key = instrumentKey([meterName, version, schemaUrl], kind, name, unit, valueType)
        if (!this.#observables.has(key)) this.#observables.set(key, { observable, key })
      }
    }
  }

  #chosen(numbers: readonly number[]): { readonly observable: Observable; readonly key: string }[] {
    const all = [...this.#observables.values()]
    return all.length === 0 ? [] : numbers.map((number) => all[number % all.length] as (typeof all)[number])
  }

  /** Callback `index` on one observable: the same function each time. */
  #callback(index: number, key: string): ObservableCallback {
    const id = `${index} ${key}`
    const known = this.#callbacks.get(id)
    if (known !== undefined) return known
    const callback: ObservableCallback = (result) => {
      const { observations, outcome } = this.#behaviours[index] as Behaviour
      if (outcome === 'throws') throw new Error(`callback ${index} threw`)
      if (outcome === 'rejects') return Promise.reject(new Error(`callback ${index} rejected`))
      const observe = () => {
        for (const { value, attributes } of observations) {
          // No two callbacks observe one series: whose value stands would be a matter of their order.
          const own = { ...attributes, callback: index }
          this.observed.add(`${key} ${attributesText(own)}`)
          result.observe(value, own)
        }
      }
      return outcome === 'returns' ? observe() : new Promise(setImmediate).then(observe)
    }
    this.#callbacks.set(id, callback)
    return callback
  }
}

/** An instrument's identity as text; `kind` in any spelling. */
export function instrumentKey(
  scope: readonly (string | undefined)[],
  kind: string,
  name: string,
  unit: string,
  valueType: ValueType,
): string {
  return JSON.stringify([
    scope.map((part) => part ?? ''),
    kind.replaceAll('_', '').toLowerCase(),
    name,
    unit,
    valueType,
  ])
}
