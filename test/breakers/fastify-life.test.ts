import { join } from 'node:path'
import { expect } from 'chai'
import { BREAK_MS, TIMEOUT_MS } from '../instrument/breaker/breaker-harness'
import { expectedPage, pageWithoutTarget } from '../instrument/breaker/life-page'
import { FastifyHarness, PLUGIN } from './fastify-harness'

const OPEN = 'FST_ERR_CIRCUIT_BREAKER_OPEN'

describe('instrumentBreaker: the life of the guards of a Fastify application', () => {
  let harness: FastifyHarness
  beforeEach(() => {
    harness = new FastifyHarness()
  })
  afterEach(() => harness.close())

  it('is on the page, to the request', async () => {
    await harness.register()
    harness.metrics.instrumentBreaker(harness.app, { name: 'payments', plugin: PLUGIN })
    harness.route('/pay')
    harness.route('/quote', {
      threshold: 1,
      onCircuitOpen: async (_request, reply) => {
        reply.statusCode = 200
        return 'later'
      },
    })
    await harness.app.ready()

    // Closed: three successes, as the plugin takes what is below 500; two failures in a row are not enough.
    expect(await harness.succeed('/pay', 20)).to.deep.equal({ status: 200, body: 'paid' })
    expect(await harness.succeed('/pay', 30)).to.include({ status: 200 })
    expect(await harness.fail('/pay', 10, 404)).to.include({ status: 404 })
    for (let i = 0; i < 2; i++) expect(await harness.fail('/pay', 50)).to.include({ status: 500 })
    expect(await harness.succeed('/pay', 40)).to.include({ status: 200 })

    // A timeout, which the plugin counts twice, and a failure open it.
    expect((await harness.succeed('/pay', TIMEOUT_MS + 1)).body).to.include('FST_ERR_CIRCUIT_BREAKER_TIMEOUT')
    expect((await harness.fail('/pay', 50)).body).to.include(OPEN)
    for (let i = 0; i < 2; i++) expect((await (await harness.send('/pay')).answer).body).to.include(OPEN)
    expect(await harness.state('payments')).to.equal(1)

    // Half-open: the trial fails. In the next trial two requests are let through, as the timeout was counted out twice.
    harness.tick(BREAK_MS)
    expect(await harness.state('payments')).to.equal(2)
    expect(await harness.fail('/pay', 50)).to.include({ status: 500 })
    harness.tick(BREAK_MS)
    const [first, second] = [await harness.send('/pay'), await harness.send('/pay')]
    expect((await (await harness.send('/pay')).answer).body).to.include(OPEN)
    harness.tick(25)
    harness.action.resolve('paid')
    harness.action.resolve('paid')
    expect([await first.answer, await second.answer]).to.deep.equal(Array(2).fill({ status: 200, body: 'paid' }))

    // A guard that answers by itself when it opens, and while it is open.
    expect(await harness.fail('/quote', 50)).to.deep.equal({ status: 200, body: 'later' })
    expect(await (await harness.send('/quote')).answer).to.deep.equal({ status: 200, body: 'later' })

    expect(await pageWithoutTarget(harness.metrics)).to.equal(expectedPage(join(__dirname, 'pages/fastify.txt')))
    await harness.app.close()
    expect(await pageWithoutTarget(harness.metrics)).not.to.include('payments')
  })
})
