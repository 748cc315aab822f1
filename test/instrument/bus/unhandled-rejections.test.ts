import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import { settled } from '../../support/deferred'
import { RecordEmitter } from '../../support/record-emitter'
import { BusHarness } from './bus-harness'

/** What `act` leaves rejected and unhandled. */
async function unhandledOf(act: () => unknown): Promise<unknown[]> {
  const unhandled: unknown[] = []
  const listeners = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', (reason) => unhandled.push(reason))
  try {
    await act()
    await settled()
  } finally {
    process.removeAllListeners('unhandledRejection')
    for (const listener of listeners) process.on('unhandledRejection', listener)
  }
  return unhandled
}

describe('instrumentBus: rejections of async listeners', () => {
  const error = new Error('nobody cares')
  const rejects = async () => {
    throw error
  }
  let harness: BusHarness
  beforeEach(() => {
    harness = new BusHarness()
  })
  afterEach(() => harness.close())

  describe('stay unhandled', () => {
    const additions: Readonly<Record<string, (bus: EventEmitter) => unknown>> = {
      on: (bus) => bus.on('placed', rejects),
      once: (bus) => bus.once('placed', rejects),
      prependOnceListener: (bus) => bus.prependOnceListener('placed', rejects),
      'once, of several': (bus) => bus.once('placed', rejects).on('placed', () => {}),
      'on, of a method that is bound': (bus) => bus.on('placed', rejects.bind(undefined)),
      'once, of a method that is bound': (bus) => bus.once('placed', rejects.bind(undefined)),
    }
    for (const [how, add] of Object.entries(additions)) {
      it(`where they are added by ${how}`, async () => {
        const bus = new EventEmitter()
        harness.instrument(bus)
        add(bus)
        expect(await unhandledOf(() => bus.emit('placed'))).to.deep.equal([error])
        expect(await harness.counts()).to.include({ 'events_failed_total{reason="Error",topic="placed"}': 1 })
      })
    }

    it('by an emit that is not that of Node.js, from the first event on', async () => {
      const bus = new RecordEmitter()
      harness.instrument(bus)
      bus.on('placed', rejects)
      expect(await unhandledOf(() => bus.emit('placed'))).to.deep.equal([error])
      expect(await unhandledOf(() => bus.emit('placed'))).to.deep.equal([error])
    })
  })

  describe('are handled', () => {
    it('where the emitter captures rejections', async () => {
      const bus = new EventEmitter({ captureRejections: true })
      const captured: unknown[] = []
      bus.on('error', (reason) => captured.push(reason))
      harness.instrument(bus)
      bus.on('placed', rejects)
      expect(await unhandledOf(() => bus.emit('placed'))).to.deep.equal([])
      expect(captured).to.deep.equal([error])
    })

    it('where an emit of its own waits for its listeners', async () => {
      class Waiting extends EventEmitter {
        override emit(event: string): boolean {
          const waiting = Promise.allSettled(this.rawListeners(event).map((listener) => listener.call(this)))
          return waiting as unknown as boolean
        }
      }
      const bus = new Waiting()
      harness.instrument(bus)
      bus.on('placed', rejects)
      for (let event = 0; event < 2; event++) {
        let outcome: unknown
        const unhandled = await unhandledOf(async () => {
          outcome = await bus.emit('placed')
        })
        expect(unhandled).to.deep.equal([])
        expect(outcome).to.deep.equal([{ status: 'rejected', reason: error }])
      }
      expect(await harness.counts()).to.include({ 'events_failed_total{reason="Error",topic="placed"}': 2 })
    })

    it('where a wrapper handles what the async function it wraps rejects with', async () => {
      const bus = new EventEmitter()
      harness.instrument(bus)
      const wrapper = () => {
        const promise = rejects()
        promise.catch(() => undefined)
        return promise
      }
      // So that `off` finds it by what it wraps.
      bus.on('placed', Object.assign(wrapper, { listener: rejects }))
      expect(await unhandledOf(() => bus.emit('placed'))).to.deep.equal([])
    })

    it('where a plain listener shares its promise with others, who handle it', async () => {
      const bus = new EventEmitter()
      harness.instrument(bus)
      const shared = Promise.reject(error)
      shared.catch(() => undefined)
      bus.on('placed', () => shared)
      expect(await unhandledOf(() => bus.emit('placed'))).to.deep.equal([])
    })
  })
})
