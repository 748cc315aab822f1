import circuitBreaker from '@fastify/circuit-breaker'
import Brakes from 'brakes'
import { expect } from 'chai'
import fastify from 'fastify'
import { Bulkhead, Circuit, SlidingCountBreaker, Timeout } from 'mollitia'
import { createMetrics, type MetricsService } from '../../src/init'

/** The examples of docs/BREAKERS.md, whose lines are looked for here. */
describe('docs/BREAKERS.md: the examples with libraries of this folder', () => {
  let metrics: MetricsService
  beforeEach(() => {
    metrics = createMetrics({ exporters: [], http: false, runtime: false })
  })
  afterEach(() => metrics.shutdown())

  const charge = async () => 'paid'
  const succeeded = async (name: string) => {
    const { body } = await metrics.render()
    expect(body).to.include(`circuit_breaker_calls_total{breaker="${name}",outcome="success"} 1\n`)
    expect(body).to.include(`circuit_breaker_state{breaker="${name}"} 0\n`)
  }

  it('mollitia', async () => {
    const circuit = new Circuit({
      options: {
        modules: [new Bulkhead({ concurrentSize: 10 }), new SlidingCountBreaker(), new Timeout({ delay: 500 })],
      },
    }).fn(charge)
    metrics.instrumentBreaker(circuit, { name: 'payments' })

    expect(await circuit.execute()).to.equal('paid')
    await succeeded('payments')
    circuit.dispose()
  })

  it('brakes', async () => {
    const brakes = new Brakes(charge, { timeout: 500, isFailure: (error) => !(error instanceof RangeError) })
    metrics.instrumentBreaker(brakes, { name: 'payments' })

    expect(await brakes.exec()).to.equal('paid')
    await succeeded('payments')
    brakes.destroy()
  })

  it('@fastify/circuit-breaker', async () => {
    const app = fastify()
    const quotes = async () => 'to be or not to be'

    const plugin = { threshold: 3, timeout: 500, resetTimeout: 5_000 }
    await app.register(circuitBreaker, plugin)
    metrics.instrumentBreaker(app, { name: 'quotes', plugin })
    app.get('/quotes', { preHandler: app.circuitBreaker() }, quotes)

    expect((await app.inject('/quotes')).body).to.equal('to be or not to be')
    await succeeded('quotes')
    await app.close()
  })
})
