import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import { makeListenerRoom } from '../../src/instrument/listener-room'

describe('makeListenerRoom', () => {
  it('raises the limit by one while it is needed, for each that needs it', () => {
    const emitter = new EventEmitter()
    const limit = emitter.getMaxListeners()
    const [first, second] = [makeListenerRoom(emitter), makeListenerRoom(emitter)]
    expect(emitter.getMaxListeners()).to.equal(limit + 2)
    first()
    second()
    expect(emitter.getMaxListeners()).to.equal(limit)
  })

  it('leaves an emitter without a limit without one', () => {
    for (const limit of [0, Number.POSITIVE_INFINITY]) {
      const emitter = new EventEmitter().setMaxListeners(limit)
      makeListenerRoom(emitter)()
      expect(emitter.getMaxListeners()).to.equal(limit)
    }
  })

  it('never takes the limit away', () => {
    const emitter = new EventEmitter()
    const takeBack = makeListenerRoom(emitter)
    emitter.setMaxListeners(1)
    takeBack()
    expect(emitter.getMaxListeners()).to.equal(1)
  })
})
