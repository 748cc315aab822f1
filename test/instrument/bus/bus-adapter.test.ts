import { mock } from 'node:test'
import { expect } from 'chai'
import type { BusAdapter, BusWatch, TopicLevel } from '../../../src/instrument/bus/bus-adapter'
import type { BusRecorder } from '../../../src/instrument/bus/bus-recorder'
import { Deliveries } from '../../../src/instrument/bus/deliveries'
import { DefinitionError } from '../../../src/model/errors'
import { DeferredFunction, settled } from '../../support/deferred'
import { BusHarness } from './bus-harness'

/** A library of carrier pigeons, which nobody else knows. */
class Loft {
  onLanding: (message: string) => unknown = () => {}
  send(message: string): void {
    this.onLanding(message)
  }
}

/** Its adapter, as somebody outside would write it. */
class LoftAdapter implements BusAdapter<Loft> {
  readonly library = 'loft'
  readonly system = 'pigeon'
  recorder: BusRecorder | undefined
  stops = 0
  levels: (() => readonly TopicLevel[] | Promise<readonly TopicLevel[]>) | undefined

  recognises(bus: object): boolean {
    return bus instanceof Loft
  }

  watch(bus: Loft, recorder: BusRecorder): BusWatch {
    this.recorder = recorder
    const { onLanding } = bus
    bus.onLanding = (message) => recorder.handle(recorder.topic('north', message), onLanding, bus, false, message)
    const { levels } = this
    return {
      stop: () => {
        this.stops++
        bus.onLanding = onLanding
      },
      ...(levels !== undefined && { levels }),
    }
  }
}

describe('a BusAdapter of the application', () => {
  let harness: BusHarness
  let adapter: LoftAdapter
  let loft: Loft
  beforeEach(() => {
    harness = new BusHarness()
    adapter = new LoftAdapter()
    loft = new Loft()
  })
  afterEach(() => harness.close())

  const topicOf = (name: string) => {
    const topic = adapter.recorder?.topic(name)
    if (topic === undefined) throw new Error(`${name} is left out`)
    return topic
  }

  it('measures a bus of its library, and ends that', async () => {
    const { onLanding } = loft
    const handle = harness.instrument(loft, { adapter })
    loft.send('coo')
    expect(await harness.counts()).to.deep.equal({
      'events_published_total{topic="north"}': 0,
      'events_consumed_total{topic="north"}': 1,
      'processing_duration_seconds_count{topic="north"}': 1,
    })
    handle.stop()
    handle.stop()
    expect([adapter.stops, loft.onLanding]).to.deep.equal([1, onLanding])
    loft.send('coo')
    expect(await harness.counts()).to.deep.equal({})
  })

  it('is refused a bus that it does not recognise, and a shape that is none', () => {
    expect(() => harness.instrument({}, { adapter })).to.throw(
      DefinitionError,
      'Cannot instrument bus "bus": bus must be',
    )
    expect(() => harness.instrument(loft, { adapter: {} as BusAdapter })).to.throw(
      DefinitionError,
      'Cannot instrument bus "bus": adapter must be an object with recognises and watch, got an object.',
    )
  })

  it('leaves nothing behind where its watch throws', async () => {
    adapter.watch = () => {
      throw new Error('no loft')
    }
    expect(() => harness.instrument(loft, { adapter, topics: ['north'] })).to.throw('no loft')
    expect(await harness.counts()).to.deep.equal({})
    adapter.watch = LoftAdapter.prototype.watch
    harness.instrument(loft, { adapter })
  })

  it('tells redeliveries, dead letters, batches and bytes', async () => {
    harness.instrument(loft, { adapter, bytes: true })
    const topic = topicOf('north')
    topic.countRedelivered(2)
    topic.recordBatch('process', 3)
    topic.countBytes('process', 12)
    const batch = adapter.recorder?.deliver(topic, 3, true)
    batch?.handled()
    expect(await harness.counts()).to.include({ 'events_in_flight{topic="north"}': 3 })
    batch?.reject('lost at sea', true)
    batch?.acknowledge()
    expect(await harness.counts()).to.deep.equal({
      'events_published_total{topic="north"}': 0,
      'events_consumed_total{topic="north"}': 0,
      'events_failed_total{reason="lost at sea",topic="north"}': 3,
      'events_in_flight{topic="north"}': 0,
      'redeliveries_total{topic="north"}': 2,
      'dead_letters_total{topic="north"}': 3,
      'batch_size_count{operation="process",topic="north"}': 1,
      'bytes_total{operation="process",topic="north"}': 12,
      'processing_duration_seconds_count{topic="north"}': 1,
    })
  })

  it('tells what was acknowledged before its handler was done: losing the channel then is no failure', async () => {
    harness.instrument(loft, { adapter })
    const deliveries = new Deliveries<number>()
    const deliver = (tag: number) => {
      const delivery = adapter.recorder?.deliver(topicOf('north'), 1, true)
      if (delivery === undefined) throw new Error('nothing is recorded')
      deliveries.add(tag, delivery)
      return delivery
    }
    const [first, second, third] = [deliver(1), deliver(2), deliver(3)]
    first.acknowledge()
    second.acknowledge()
    deliver(2)
    deliveries.abandon()
    first.handled()
    second.reject('thrown')
    third.handled()
    expect(await harness.counts()).to.deep.equal({
      'events_published_total{topic="north"}': 0,
      'events_consumed_total{topic="north"}': 1,
      'events_failed_total{reason="thrown",topic="north"}': 1,
      'events_failed_total{reason="unacknowledged",topic="north"}': 2,
      'events_in_flight{topic="north"}': 0,
      'processing_duration_seconds_count{topic="north"}': 4,
    })
  })

  describe('levels', () => {
    it('adds up what waits by topic, under the names that topics have', async () => {
      adapter.levels = () => [
        { topic: 'north.1', depth: 3 },
        { topic: 'north.2', depth: 4, lag: 1 },
        { topic: 'south', lag: 2 },
      ]
      const other = new Loft()
      harness.instrument(loft, { adapter, patterns: ['north.*'] })
      harness.instrument(other, { adapter, patterns: ['north.*'] })
      expect(await harness.counts()).to.deep.equal({
        'queue_depth{topic="north.*"}': 14,
        'consumer_lag{topic="north.*"}': 2,
        'consumer_lag{topic="south"}': 4,
      })
    })

    it('are not asked for where the options say so, or the adapter does', async () => {
      let asked = 0
      adapter.levels = () => {
        asked++
        return []
      }
      const paid = Object.assign(new LoftAdapter(), { levels: adapter.levels, isDepthFree: false })
      harness.instrument(loft, { adapter, depth: false })
      const other = new Loft()
      const handle = harness.instrument(other, { adapter: paid })
      await harness.counts()
      expect(asked).to.equal(0)
      handle.stop()
      harness.instrument(other, { adapter: paid, depth: true })
      await harness.counts()
      expect(asked).to.equal(1)
    })

    it('that cannot be read are left out, and said once', async () => {
      adapter.levels = () => {
        throw new Error('fog')
      }
      harness.instrument(loft, { adapter })
      await harness.counts()
      expect(await harness.counts()).to.deep.equal({})
      expect(harness.warnings).to.deep.equal(['What waits for bus "bus" could not be read: fog'])
    })

    it('that come after a second go to the next page; a broker that is slow is asked one question at a time', async () => {
      const answers = new DeferredFunction<readonly TopicLevel[]>()
      adapter.levels = answers.call
      harness.instrument(loft, { adapter })
      mock.timers.enable({ apis: ['setTimeout'] })
      const pageAfterASecond = async () => {
        const page = harness.counts()
        await settled()
        mock.timers.tick(1000)
        return page
      }
      expect(await pageAfterASecond()).to.deep.equal({})
      expect(await pageAfterASecond()).to.deep.equal({})
      expect(answers.calls).to.equal(1)
      answers.resolve([{ topic: 'north', depth: 7 }])
      await settled()
      expect(await pageAfterASecond()).to.deep.equal({ 'queue_depth{topic="north"}': 7 })
      expect(answers.calls).to.equal(2)
      expect(await pageAfterASecond(), 'told once').to.deep.equal({})
    })

    it('of a bus that was stopped meanwhile are not told', async () => {
      const answer = new DeferredFunction<readonly TopicLevel[]>()
      adapter.levels = answer.call
      const handle = harness.instrument(loft, { adapter })
      const page = harness.counts()
      await settled()
      handle.stop()
      answer.resolve([{ topic: 'north', depth: 7 }])
      expect(await page).to.deep.equal({})
    })
  })
})
