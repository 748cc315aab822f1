import { expect } from 'chai'
import fc from 'fast-check'
import { BREAK_MS, TIMEOUT_MS } from '../instrument/breaker/breaker-harness'
import { settled } from '../support/deferred'
import { FastifyHarness, PLUGIN, StatusError } from './fastify-harness'

/** What the plugin keeps of a guard, which is the `this` of its callbacks. */
interface GuardState {
  readonly status: symbol
  onCircuitOpen: unknown
}

const STATES: Readonly<Record<string, number>> = { close: 0, open: 1, 'half-open': 2 }

const step = fc.constantFrom('send', 'succeed', 'fail', 'refuse', 'wait', 'wait half', 'wait long')

describe('instrumentBreaker: @fastify/circuit-breaker, any life of a guard', () => {
  it('shows the state that the plugin keeps, after every step', async function () {
    this.timeout(60_000)
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const harness = new FastifyHarness()
        try {
          await follow(harness, steps)
        } finally {
          await harness.close()
        }
      }),
      { numRuns: 60 },
    )
  })
})

async function follow(harness: FastifyHarness, steps: readonly string[]): Promise<void> {
  await harness.register()
  harness.metrics.instrumentBreaker(harness.app, { name: 'b', plugin: PLUGIN })
  let guard: GuardState | undefined
  harness.route('/x', {
    onCircuitOpen: function (this: unknown) {
      guard = this as GuardState
      // From here on it answers as it does without a callback.
      guard.onCircuitOpen = undefined
      return 'open'
    },
  })
  await harness.app.ready()
  for (let i = 0; i < PLUGIN.threshold; i++) await harness.fail('/x', 1)
  let underWay = 0
  const answers: Promise<unknown>[] = []
  for (const name of steps) {
    if (name === 'send') {
      const before = harness.action.calls
      answers.push((await harness.send('/x')).answer)
      underWay += harness.action.calls - before
    } else if (name === 'wait') harness.tick(TIMEOUT_MS / 2 + 1)
    else if (name === 'wait half') harness.tick(BREAK_MS * 0.6)
    else if (name === 'wait long') harness.tick(BREAK_MS)
    else if (underWay > 0) {
      underWay--
      if (name === 'succeed') harness.action.resolve('fine')
      else harness.action.reject(new StatusError(name === 'fail' ? 500 : 404))
    }
    for (let turn = 0; turn < 5; turn++) await settled()
    expect(await harness.state(), `after ${name}`).to.equal(STATES[guard?.status.description ?? ''])
  }
  for (; underWay > 0; underWay--) harness.action.resolve('fine')
  await Promise.all(answers)
  const counts = await harness.counts()
  const sum = (pattern: RegExp) =>
    Object.entries(counts).reduce((total, [series, value]) => total + (pattern.test(series) ? value : 0), 0)
  const [letThrough, refused] = [sum(/^calls_total/), sum(/^rejections_total/)]
  expect(letThrough, 'each request let through has one outcome').to.equal(harness.action.calls)
  expect(letThrough + refused, 'each request is counted once').to.equal(answers.length + PLUGIN.threshold)
}
