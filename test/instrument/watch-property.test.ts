import { expect } from 'chai'
import { watchProperty } from '../../src/instrument/watch-property'
import { DefinitionError } from '../../src/model/errors'

const descriptorOf = (target: object, key: string) => Object.getOwnPropertyDescriptor(target, key)

describe('watchProperty', () => {
  it('tells of each change, before whoever wrote goes on', () => {
    const target = { state: 'closed' }
    const heard: unknown[] = []
    const stop = watchProperty(
      target,
      'state',
      { onWrite: (value, before) => heard.push([before, value, target.state]) },
      't',
    )
    target.state = 'open'
    target.state = 'open'
    target.state = 'half-open'
    expect(heard).to.deep.equal([
      ['closed', 'open', 'open'],
      ['open', 'half-open', 'half-open'],
    ])
    stop()
    target.state = 'closed'
    expect(heard).to.have.length(2)
    expect(descriptorOf(target, 'state')).to.deep.equal({
      value: 'closed',
      writable: true,
      enumerable: true,
      configurable: true,
    })
  })

  it('tells of each call of the function that the property holds, whenever it was put there', () => {
    const target: { answer?: (this: unknown, word: string) => unknown } = {}
    const owner = { name: 'owner' }
    let calls = 0
    const stop = watchProperty(target, 'answer', { onCall: () => calls++ }, 't')
    expect(target.answer).to.equal(undefined)
    const answer = function (this: unknown, word: string) {
      return [this, word]
    }
    target.answer = answer
    expect(target.answer?.call(owner, 'hello')).to.deep.equal([owner, 'hello'])
    expect(calls).to.equal(1)
    stop()
    expect(target.answer).to.equal(answer)
    expect(target.answer?.call(owner, 'hello')).to.deep.equal([owner, 'hello'])
    expect(calls).to.equal(1)
  })

  it('counts a call once where the function was read from one watched property and written to another', () => {
    const [first, second] = [{ answer: () => 'fine' }, { answer: undefined as (() => string) | undefined }]
    let calls = 0
    const stops = [first, second].map((target) => watchProperty(target, 'answer', { onCall: () => calls++ }, 't'))
    second.answer = first.answer
    expect(second.answer?.()).to.equal('fine')
    expect(calls).to.equal(1)
    for (const stop of stops) stop()
    expect(second.answer).to.equal(first.answer)
  })

  it('serves several watchers, in whatever order they go', () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const target = { state: 1 }
      const heard: string[] = []
      const stops = ['a', 'b'].map((name) => watchProperty(target, 'state', { onWrite: () => heard.push(name) }, 't'))
      target.state = 2
      stops[order[0] as number]?.()
      stops[order[0] as number]?.()
      target.state = 3
      stops[order[1] as number]?.()
      target.state = 4
      expect(heard).to.deep.equal(['a', 'b', order[1] === 0 ? 'a' : 'b'])
      expect(descriptorOf(target, 'state')).to.include({ value: 4, writable: true })
    }
  })

  it('takes away again what was not there and has not come', () => {
    const target = {}
    watchProperty(target, 'answer', {}, 't')()
    expect(Reflect.ownKeys(target)).to.deep.equal([])
  })

  it('keeps a property hidden that was', () => {
    const target = Object.defineProperty({}, 'state', { value: 1, writable: true, configurable: true })
    const stop = watchProperty(target, 'state', {}, 't')
    expect(Object.keys(target)).to.deep.equal([])
    stop()
    expect(descriptorOf(target, 'state')).to.deep.equal({
      value: 1,
      writable: true,
      enumerable: false,
      configurable: true,
    })
  })

  it('leaves a property alone that somebody else has redefined since', () => {
    const target = { state: 1 }
    const stop = watchProperty(target, 'state', {}, 't')
    Object.defineProperty(target, 'state', { value: 7, configurable: true })
    stop()
    expect(descriptorOf(target, 'state')).to.include({ value: 7, writable: false })
  })

  it('refuses a property that cannot be changed', () => {
    const constant = Object.defineProperty({}, 'state', { value: 1, configurable: true })
    for (const target of [Object.freeze({ state: 1 }), Object.preventExtensions({}), constant]) {
      expect(() => watchProperty(target, 'state', {}, 'service "s"')).to.throw(
        DefinitionError,
        'Cannot instrument service "s": property state must be changeable, got one that is not. ' +
          'Do not freeze or seal the object, or instrument it before that.',
      )
    }
  })
})
