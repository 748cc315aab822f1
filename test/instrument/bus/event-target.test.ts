import { expect } from 'chai'
import { DeferredFunction, settled } from '../../support/deferred'
import { BusHarness } from './bus-harness'

describe('instrumentBus: EventTarget', () => {
  let harness: BusHarness
  beforeEach(() => {
    harness = new BusHarness()
  })
  afterEach(() => harness.close())

  it('counts what is dispatched and what each listener does', async () => {
    const bus = new EventTarget()
    harness.instrument(bus)
    const seen: unknown[] = []
    const object = {
      handleEvent(this: unknown, event: Event) {
        seen.push(this === object, event.type)
      },
    }
    function listener(this: unknown, event: Event) {
      seen.push(this === bus, event.type)
    }
    bus.addEventListener('placed', listener)
    bus.addEventListener('placed', listener)
    bus.addEventListener('placed', object)
    const working = new DeferredFunction<void>()
    bus.addEventListener('placed', working.call)
    bus.addEventListener('placed', () => seen.push('once'), { once: true })
    expect(bus.dispatchEvent(new Event('placed'))).to.equal(true)
    bus.dispatchEvent(new Event('placed'))
    bus.dispatchEvent(new Event('lost'))
    expect(await harness.counts()).to.include({ 'events_in_flight{topic="placed"}': 2 })
    working.resolve()
    working.resolve()
    await settled()
    expect(seen).to.deep.equal([true, 'placed', true, 'placed', 'once', true, 'placed', true, 'placed'])
    expect(await harness.counts()).to.deep.equal({
      'events_published_total{topic="placed"}': 2,
      'events_consumed_total{topic="placed"}': 7,
      'events_in_flight{topic="placed"}': 0,
      'processing_duration_seconds_count{topic="placed"}': 7,
      'events_published_total{topic="lost"}': 1,
      'events_consumed_total{topic="lost"}': 0,
    })
  })

  it('removes listeners by themselves, and gives them back in their order', async () => {
    const bus = new EventTarget()
    const calls: string[] = []
    const log = (name: string) => () => void calls.push(name)
    const [a, b, c, d] = [log('a'), log('b'), log('c'), log('d')]
    const abort = new AbortController()
    bus.addEventListener('placed', a)
    const handle = harness.instrument(bus)
    bus.addEventListener('placed', b)
    bus.addEventListener('placed', b, { capture: true })
    bus.addEventListener('placed', c)
    bus.addEventListener('placed', d, { signal: abort.signal })
    bus.removeEventListener('placed', b)
    bus.removeEventListener('placed', a)
    bus.dispatchEvent(new Event('placed'))
    expect(calls.splice(0).join(' ')).to.equal('b c d')
    abort.abort()
    handle.stop()
    bus.dispatchEvent(new Event('placed'))
    expect(calls.splice(0).join(' ')).to.equal('b c')
    bus.removeEventListener('placed', b, { capture: true })
    bus.removeEventListener('placed', c)
    bus.dispatchEvent(new Event('placed'))
    expect(calls).to.deep.equal([])
    expect(Reflect.ownKeys(bus).filter((key) => typeof key === 'string')).to.deep.equal([])
    expect(await harness.counts()).to.deep.equal({})
  })
})
