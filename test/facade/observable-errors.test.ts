import { expect } from 'chai'
import { DefinitionError } from '../../src/model/errors'
import { TestService } from '../support/test-service'

describe('An observable', () => {
  it('refuses callbacks that are no functions', () => {
    const { metrics } = new TestService()
    const depth = metrics.observableGauge({ name: 'depth' })
    const refusal = (what: string) =>
      `Cannot observe "depth": callback must be a function, got ${what}. Write (result) => result.observe(value).`
    expect(() => depth.addCallback('no' as never)).to.throw(DefinitionError, refusal('"no"'))
    for (const callback of [5, null]) {
      const options = { name: 'depth', callback: callback as never }
      expect(() => metrics.observableGauge(options)).to.throw(DefinitionError, refusal(String(callback)))
    }
  })

  it('refuses batch callbacks of what is not its own', () => {
    const { metrics } = new TestService()
    const own = metrics.observableGauge({ name: 'depth' })
    const foreign = new TestService().metrics.observableGauge({ name: 'depth' })
    const refusals: readonly (readonly [callback: unknown, observables: unknown, text: string])[] = [
      [5, [own], 'callback must be a function, got 5. Write (result) => result.observe(depth, 1).'],
      [
        () => undefined,
        own,
        'observables must be a list of observables, got an object. Name those that the callback observes.',
      ],
      [
        () => undefined,
        [own, {}],
        'observables must be of this service, got an object. Add the callback to the service that made them.',
      ],
      [
        () => undefined,
        [undefined],
        'observables must be of this service, got undefined. Add the callback to the service that made them.',
      ],
      [
        () => undefined,
        [foreign],
        'observables must be of this service, got one of another. Add the callback to the service that made them.',
      ],
    ]
    for (const [callback, observables, text] of refusals) {
      const message = `Cannot observe "batch": ${text}`
      expect(() => metrics.addBatchCallback(callback as never, observables as never))
        .to.throw(DefinitionError)
        .with.property('message', message)
    }
  })
})
