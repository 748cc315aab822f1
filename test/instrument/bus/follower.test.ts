import { expect } from 'chai'
import { BusHarness } from './bus-harness'

describe('followers of promises, which serve again', () => {
  let harness: BusHarness
  beforeEach(() => {
    harness = new BusHarness()
  })
  afterEach(() => harness.close())

  type Deferred = ReturnType<typeof Promise.withResolvers<string>>
  const call = (deferred: Deferred, _topic: string) => deferred.promise
  const options = { name: 'bus', topic: (_deferred: Deferred, topic: string) => topic }

  /** Starts a call for each topic, in one go, and ends them the other way round: those whose topic is upper case fail. */
  async function round(measured: typeof call, topics: readonly string[]): Promise<void> {
    const deferred = topics.map(() => Promise.withResolvers<string>())
    const results = topics.map((topic, at) => measured(deferred[at] as Deferred, topic))
    for (const [at, topic] of [...topics.entries()].reverse()) {
      harness.nowMs += 1
      if (topic === topic.toLowerCase()) deferred[at]?.resolve(topic)
      else deferred[at]?.reject(new RangeError(topic))
      const outcome = await (results[at] as Promise<string>).catch((error: Error) => error.message)
      expect(outcome, 'what the caller gets').to.equal(topic)
    }
  }

  it('tell each promise under the topic that it is about, however many are under way', async () => {
    const publish = harness.metrics.instrumentPublish(call, options)
    const handle = harness.metrics.instrumentHandler(call, options)
    for (const topics of [['a'], ['a', 'B', 'c'], ['B', 'a'], ['c', 'c', 'a', 'B', 'B']]) {
      await round(publish, topics)
      await round(handle, topics)
    }
    const each = (topic: string, published: number, failed: number) => ({
      [`events_published_total{topic="${topic}"}`]: published,
      [`events_consumed_total{topic="${topic}"}`]: published,
      ...(failed > 0 && { [`events_failed_total{reason="RangeError",topic="${topic}"}`]: 2 * failed }),
      [`events_in_flight{topic="${topic}"}`]: 0,
      [`processing_duration_seconds_count{topic="${topic}"}`]: published + failed,
    })
    expect(await harness.counts()).to.deep.equal({ ...each('a', 4, 0), ...each('B', 0, 4), ...each('c', 3, 0) })
    const [sum] = [...(await harness.samples())].filter(([series]) => /duration_seconds_sum.*"c"/.test(series))
    expect(sum?.[1], 'the last of three, and two of five').to.be.closeTo(0.001 + 0.004 + 0.005, 1e-9)
  })

  it('of more than wait are let go, and count all the same', async () => {
    const publish = harness.metrics.instrumentPublish(call, options)
    const topics = Array<string>(2_500).fill('a')
    await round(publish, topics)
    await round(publish, topics)
    expect(await harness.counts()).to.include({ 'events_published_total{topic="a"}': 5_000 })
  })
})
