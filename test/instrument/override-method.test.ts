import { expect } from 'chai'
import { type Method, overrideMethod } from '../../src/instrument/override-method'
import { DefinitionError } from '../../src/model/errors'

class Service {
  run(): string {
    return 'service'
  }
}

/** A method that says its name before what the one before it says. */
const named = (target: Service, name: string): Method => {
  const { run } = target
  return function (this: unknown) {
    return `${name} ${Reflect.apply(run, this, [])}`
  }
}

describe('overrideMethod', () => {
  it('overrides on one object alone, and restores nothing where nothing was', () => {
    const [one, other] = [new Service(), new Service()]
    const override = overrideMethod(one, 'run', named(one, 'a'), 'service')
    expect([one.run(), other.run(), Object.keys(one)]).to.deep.equal(['a service', 'service', []])
    override.restore()
    override.restore()
    expect([one.run(), Reflect.ownKeys(one)]).to.deep.equal(['service', []])
  })

  it('restores a property with its descriptor', () => {
    const service = new Service()
    const descriptor = { value: () => 'own', enumerable: true, configurable: true, writable: false }
    Object.defineProperty(service, 'run', descriptor)
    const override = overrideMethod(service, 'run', named(service, 'a'), 'service')
    expect([service.run(), Object.keys(service)]).to.deep.equal(['a own', ['run']])
    override.restore()
    expect(Object.getOwnPropertyDescriptor(service, 'run')).to.deep.equal(descriptor)
  })

  it('leaves nothing of several overrides, in whatever order they are restored', () => {
    for (const order of ['abc', 'acb', 'bac', 'bca', 'cab', 'cba']) {
      const service = new Service()
      const overrides = Object.fromEntries(
        ['a', 'b', 'c'].map((name) => [name, overrideMethod(service, 'run', named(service, name), 'service')]),
      )
      expect(service.run()).to.equal('c b a service')
      for (const name of order) overrides[name]?.restore()
      expect(Reflect.ownKeys(service), order).to.deep.equal([])
    }
  })

  it("stays where somebody else's method stands before it", () => {
    const service = new Service()
    const override = overrideMethod(service, 'run', named(service, 'a'), 'service')
    const foreign = named(service, 'foreign')
    Reflect.set(service, 'run', foreign)
    override.restore()
    expect(service.run()).to.equal('foreign a service')
  })

  it('refuses an object that cannot be changed', () => {
    const service = Object.freeze(new Service())
    expect(() => overrideMethod(service, 'run', () => '', 'service "s"')).to.throw(
      DefinitionError,
      'Cannot instrument service "s": property run must be changeable, got one that is not. ' +
        'Do not freeze or seal the object, or instrument it before that.',
    )
  })
})
