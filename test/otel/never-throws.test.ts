import type {
  Attributes,
  Context,
  MeterProvider,
  Observable,
  ObservableCallback,
  ObservableResult,
} from '@opentelemetry/api'
import { createAllowListAttributesProcessor } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import fc from 'fast-check'
import { createMetrics } from '../../src/init'
import { OtelStore } from './harness'

const RECORDING = ['createCounter', 'createUpDownCounter', 'createGauge', 'createHistogram'] as const
const OBSERVABLE = ['createObservableCounter', 'createObservableUpDownCounter', 'createObservableGauge'] as const

/** Stands for a value that breaks what trusts it, fast-check included; so it is made when it is used. */
class Hostile {
  constructor(readonly make: () => unknown) {}
}

/** Values that cannot be read, converted, compared or written. */
const hostile = fc.constantFrom<(() => unknown)[]>(
  () => Symbol('s'),
  () => 10n ** 30n,
  () => Object.create(null),
  () => new Proxy({}, { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail }),
  () => new Proxy([], { get: fail, ownKeys: fail }),
  () => Proxy.revocable({}, {}).proxy,
  () => revoked({}),
  () => revoked([]),
  () => revoked(() => {}),
  () => ({ toString: fail, valueOf: fail, toJSON: fail }),
  () => ({ [Symbol.toPrimitive]: fail }),
  () => Object.defineProperty({}, 'description', { get: fail, enumerable: true }),
  () => Object.defineProperties({}, { advice: { get: fail, enumerable: true }, a: { get: fail, enumerable: true } }),
  () => {
    const itself: unknown[] = []
    itself.push(itself, { itself })
    return itself
  },
  () => new Array(5),
  () => new Date(Number.NaN),
  () => JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"hasOwnProperty":2}'),
  () => fail,
  () => class {},
)

/** A generated value with every {@link Hostile} in it made. */
function real(value: unknown): unknown {
  if (value instanceof Hostile) return value.make()
  if (Array.isArray(value)) return value.map(real)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, real(part)]))
}

function fail(): never {
  throw new Error('hostile')
}

function revoked<T extends object>(target: T): T {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

const anything: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
    }),
  },
  { weight: 2, arbitrary: hostile.map((make) => new Hostile(make)) },
  fc.constantFrom(
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -0,
    1e308,
    5e-324,
    '',
    '\ud800',
    '\0',
    'a\nb"\\',
  ),
)
const name = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('jobs', 'jobs_total', 'took'), anything)
const options = fc.oneof(
  anything,
  fc.record(
    {
      description: fc.oneof(fc.string({ unit: 'binary' }), anything),
      unit: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('s', 'By/s', '1', '{x}'), anything),
      valueType: fc.oneof(fc.constantFrom(0, 1), anything),
      advice: fc.oneof(
        anything,
        fc.record({ explicitBucketBoundaries: fc.oneof(fc.array(fc.oneof(fc.double(), anything)), anything) }),
      ),
    },
    { requiredKeys: [] },
  ),
)
const value = fc.oneof(fc.double(), fc.integer(), anything)
const attributes = fc.oneof(fc.dictionary(fc.string({ unit: 'binary' }), anything), anything)

const call = fc.record({
  meter: fc.tuple(name, fc.oneof(fc.constant(undefined), name), options),
  method: fc.constantFrom(...RECORDING, ...OBSERVABLE),
  name,
  options,
  value,
  attributes,
  context: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, anything),
  callback: fc.oneof(
    { weight: 3, arbitrary: fc.constant('observes' as const) },
    fc.constant('throws' as const),
    anything,
  ),
})
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never

/** Uses the API as a caller without a compiler may. */
function use(store: { readonly meterProvider: MeterProvider }, generated: Call, observables: Observable[]): void {
  const step = real(generated) as Call
  const [meterName, version, meterOptions] = step.meter as [string, string, object]
  const meter = store.meterProvider.getMeter(meterName, version, meterOptions)
  const made = meter[step.method](step.name as string, step.options as object)
  const measurement = [step.value, step.attributes, step.context] as [number, Attributes, Context]
  if ('add' in made) made.add(...measurement)
  else if ('record' in made) made.record(...measurement)
  else {
    observables.push(made)
    const observe = (result: ObservableResult) => {
      result.observe(step.value as number, step.attributes as Attributes)
      if (step.callback === 'throws') throw step.attributes
    }
    const callback = (typeof step.callback === 'string' ? observe : step.callback) as ObservableCallback
    made.addCallback(callback)
    const listed = [...observables, step.attributes, step.value] as Observable[]
    meter.addBatchObservableCallback((result) => {
      for (const observable of listed) result.observe(observable, step.value as number, step.attributes as Attributes)
    }, listed)
    meter.addBatchObservableCallback(callback as () => void, step.attributes as Observable[])
    meter.removeBatchObservableCallback(callback as () => void, step.attributes as Observable[])
    if (step.context !== undefined) made.removeCallback(callback)
  }
}

describe('the OpenTelemetry API over the store', () => {
  it('never throws, and is collected, whatever it is given', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 8 }), async (steps) => {
        const store = new OtelStore({
          cardinalityLimit: 5,
          views: [
            { instrumentName: 'took', attributesProcessors: [createAllowListAttributesProcessor(['a', 'b'])] },
            { instrumentName: 'jobs', attributesProcessors: [{ process: (incoming) => ({ ...incoming, more: 1 }) }] },
          ],
        })
        const observables: Observable[] = []
        for (const step of steps) use(store, step, observables)
        const { resourceMetrics } = await store.producer.collect({ timeoutMillis: 50 })
        for (const { metrics } of resourceMetrics.scopeMetrics) {
          for (const { descriptor } of metrics) {
            expect([descriptor.name, descriptor.description, descriptor.unit].map((text) => typeof text)).to.deep.equal(
              ['string', 'string', 'string'],
            )
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('never keeps a page from being written, whatever it is given', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 8 }), async (steps) => {
        const metrics = createMetrics({ exporters: [], http: false, runtime: false, logger: false })
        const observables: Observable[] = []
        for (const step of steps) use(metrics, step, observables)
        for (const accept of ['text/plain', 'application/openmetrics-text; version=1.0.0']) {
          const { body } = await metrics.render(accept)
          expect(body).to.contain('target_info')
        }
        await metrics.shutdown()
      }),
      { numRuns: 100 },
    )
  })
})
