import { expect } from 'chai'
import { createMetrics } from '../../../src/init'
import type { BreakerAdapter, BreakerRecorder } from '../../../src/instrument/breaker/breaker-adapter'
import type { BreakerState } from '../../../src/instrument/breaker/breaker-state'
import { instrumentBreaker, stopBreakers } from '../../../src/instrument/breaker/instrument-breaker'
import { DefinitionError } from '../../../src/model/errors'
import { settled } from '../../support/deferred'
import { collectGarbage } from '../../support/garbage'
import { samplesOf } from '../../support/page'
import { RecordingLogger } from '../../support/recording-logger'

/** A breaker of the application's own. */
class OwnBreaker {
  state: BreakerState = 'closed'
  recorder: BreakerRecorder | undefined
}

const own: BreakerAdapter<OwnBreaker> = {
  state: (breaker) => breaker.state,
  watch: (breaker, recorder) => {
    breaker.recorder = recorder
    return () => {
      breaker.recorder = undefined
    }
  },
}

describe('instrumentBreaker: a kind of the application’s own, by an adapter', () => {
  let logger: RecordingLogger
  let metrics: ReturnType<typeof createMetrics>
  beforeEach(() => {
    logger = new RecordingLogger()
    metrics = createMetrics({ exporters: [], http: false, runtime: false, logger })
  })
  afterEach(() => metrics.shutdown())

  const instrument = (breaker: OwnBreaker, adapter = own, name = 'b') =>
    instrumentBreaker(metrics, breaker, { name, adapter })
  const samples = async () =>
    Object.fromEntries(
      [...samplesOf((await metrics.render()).body)].filter(
        ([series, value]) => /^circuit_breaker_(?!.*bucket)/.test(series) && value !== 0,
      ),
    )

  it('is measured by what the adapter tells, and left as it was', async () => {
    const breaker = new OwnBreaker()
    const handle = instrument(breaker)
    const recorder = breaker.recorder as BreakerRecorder
    expect(recorder.name).to.equal('b')
    recorder.call('success', 20)
    recorder.call('ignored', 0)
    recorder.rejection('semaphore')
    recorder.transition('closed', 'open')
    recorder.transition('open', 'open')
    recorder.fallback()
    breaker.state = 'open'
    expect(await samples()).to.deep.equal({
      'circuit_breaker_call_duration_seconds_sum{breaker="b",outcome="success"}': 0.02,
      'circuit_breaker_call_duration_seconds_count{breaker="b",outcome="success"}': 1,
      'circuit_breaker_call_duration_seconds_count{breaker="b",outcome="ignored"}': 1,
      'circuit_breaker_calls_total{breaker="b",outcome="success"}': 1,
      'circuit_breaker_calls_total{breaker="b",outcome="ignored"}': 1,
      'circuit_breaker_fallbacks_total{breaker="b"}': 1,
      'circuit_breaker_rejections_total{breaker="b",reason="semaphore"}': 1,
      'circuit_breaker_state{breaker="b"}': 1,
      'circuit_breaker_transitions_total{breaker="b",from="closed",to="open"}': 1,
    })
    handle.stop()
    expect(breaker.recorder).to.equal(undefined)
    recorder.call('success', 20)
    recorder.rejection('open')
    recorder.transition('closed', 'open')
    recorder.fallback()
    recorder.end()
    expect((await metrics.render()).body).not.to.include('breaker="b"')
  })

  it('ends when the adapter says so, even while it starts', async () => {
    const breaker = new OwnBreaker()
    const first = instrument(breaker)
    breaker.recorder?.end()
    expect(breaker.recorder).to.equal(undefined)
    expect(await samples()).to.deep.equal({})
    expect(instrument(breaker)).not.to.equal(first)

    let ended = 0
    const gone = new OwnBreaker()
    instrument(gone, {
      state: () => 'closed',
      watch: (_breaker, recorder) => {
        recorder.end()
        return () => ended++
      },
    })
    expect(ended).to.equal(1)
  })

  it('makes no series of words that are none of the known ones, and says so once', async () => {
    const breaker = new OwnBreaker()
    instrument(breaker)
    const recorder = breaker.recorder as unknown as Record<string, (...words: unknown[]) => void>
    for (let i = 0; i < 3; i++) {
      recorder.call?.(`worked ${i}`, 1)
      recorder.call?.(Symbol('worked'), 1)
      recorder.rejection?.({ reason: i })
      recorder.transition?.('closed', `ajar ${i}`)
      recorder.transition?.(i, 'open')
    }
    expect(await samples()).to.deep.equal({})
    expect(logger.lines).to.deep.equal([
      'warn: Cannot record breaker "b": outcome of a call must be one of success, failure, timeout, ignored, got "worked 0". ' +
        'Have its adapter tell one of these.',
    ])
  })

  it('counts a call whose duration is none', async () => {
    const breaker = new OwnBreaker()
    instrument(breaker)
    for (const duration of [Number.NaN, -1, undefined, '20', 5n, null]) {
      breaker.recorder?.call('success', duration as number)
    }
    expect(await samples()).to.deep.equal({
      'circuit_breaker_call_duration_seconds_count{breaker="b",outcome="success"}': 6,
      'circuit_breaker_calls_total{breaker="b",outcome="success"}': 6,
    })
  })

  it('shows no state that cannot be read, says so once, and goes on with the other breakers', async () => {
    const [broken, odd, fine] = [new OwnBreaker(), new OwnBreaker(), new OwnBreaker()]
    let faulty = false
    const state = (breaker: OwnBreaker): BreakerState => {
      if (faulty && breaker === broken) throw new Error('no idea')
      return faulty && breaker === odd ? ('ajar' as BreakerState) : 'open'
    }
    instrument(broken, { ...own, state }, 'broken')
    instrument(odd, { ...own, state }, 'odd')
    instrument(fine, { ...own, state }, 'fine')
    faulty = true
    for (let i = 0; i < 3; i++) expect(await samples()).to.deep.equal({ 'circuit_breaker_state{breaker="fine"}': 1 })
    expect(logger.lines).to.deep.equal([
      'warn: Cannot read breaker "broken": state must be readable, got no idea. Have its adapter not throw.',
      'warn: Cannot read breaker "odd": state must be one of closed, open, half_open, isolated, got "ajar". ' +
        'Have its adapter tell one of these.',
    ])
  })

  it('does not keep other breakers from being ended by what it throws', async () => {
    const breaker = new OwnBreaker()
    const throwing = () => () => {
      throw new Error('stuck')
    }
    instrument(new OwnBreaker(), { ...own, watch: throwing }, 'stuck')
    instrument(breaker)
    stopBreakers(metrics)
    expect(breaker.recorder).to.equal(undefined)
    expect(await samples()).to.deep.equal({})
    expect(logger.lines).to.deep.equal([
      'warn: Cannot end breaker "stuck": what watch returned must not throw, got stuck.',
    ])
  })

  it('leaves nothing of a breaker whose watch fails', async () => {
    const breaker = new OwnBreaker()
    const failing = () => {
      throw new Error('no')
    }
    expect(() => instrument(breaker, { ...own, watch: failing })).to.throw('no')
    expect((await metrics.render()).body).not.to.include('breaker="b"')
    instrument(breaker).stop()
  })

  it('is refused where it is none, or tells no state', () => {
    const wrong: unknown[] = [null, {}, { state: () => 'closed' }, 'opossum', { ...own, watch: 1 }]
    for (const adapter of wrong) {
      expect(() => instrument(new OwnBreaker(), adapter as BreakerAdapter<OwnBreaker>)).to.throw(
        DefinitionError,
        /^Cannot instrument breaker "b": adapter must have the functions state and watch, got .*\. See BreakerAdapter\.$/,
      )
    }
    expect(() => instrument(new OwnBreaker(), { ...own, state: () => 1 as never })).to.throw(
      DefinitionError,
      'Cannot instrument breaker "b": state of its adapter must be one of closed, open, half_open, isolated, got 1. ' +
        'Have it return one of these.',
    )
  })

  it('may measure a function', async () => {
    const breaker = Object.assign(() => 'called', { open: true })
    const handle = metrics.instrumentBreaker(breaker, {
      name: 'b',
      adapter: { state: ({ open }) => (open ? 'open' : 'closed'), watch: () => () => {} },
    })
    expect(await samples()).to.deep.equal({ 'circuit_breaker_state{breaker="b"}': 1 })
    handle.stop()
  })

  it('lets go of breakers that are dropped', async () => {
    const drop = () => {
      for (let i = 0; i < 50; i++) instrument(new OwnBreaker(), own, `b${i}`)
      return instrument(new OwnBreaker(), own, 'held')
    }
    const held = drop()
    await settled()
    collectGarbage()
    const page = (await metrics.render()).body
    expect([...page.matchAll(/^circuit_breaker_state.*$/gm)].map(([line]) => line)).to.deep.equal([
      'circuit_breaker_state{breaker="held"} 0',
    ])
    held.stop()
  })
})
