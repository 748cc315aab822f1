import circuitBreaker from '@fastify/circuit-breaker'
import { PrometheusAddon } from '@mollitia/prometheus'
import * as cockatiel from 'cockatiel'
import fastify from 'fastify'
import * as mollitia from 'mollitia'
import { Registry } from 'prom-client'
import type { Calls } from './added'
import { quietService } from './services'

type Constructor = new (...args: never[]) => object

// Neither of these brings types that fit its newest version.
const CircuitBreaker = require('opossum') as new (
  action: () => Promise<unknown>,
  options?: object,
) => { fire(): Promise<unknown>; open(): void }
const Brakes = require('brakes') as new (main: () => Promise<unknown>, options?: object) => { exec(): Promise<unknown> }
const OpossumPrometheus = require('opossum-prometheus') as Constructor & {
  new (options: object): { add(circuits: object): void }
}

const service = quietService()
const succeed = async () => 'fine'
const refusal = (error: unknown) => error

/** Calls that succeed, and calls that an open breaker refuses, of each library. */
export async function breakerCalls(): Promise<Calls[]> {
  return [
    opossumCalls(false),
    opossumCalls(true),
    cockatielCalls(),
    heldCockatiel(),
    mollitiaCalls(),
    brakesCalls(),
    await fastifyCalls(),
  ]
}

function opossumCalls(open: boolean): Calls {
  const peer = new OpossumPrometheus({ registry: new Registry() })
  const contestant = (name: string, measure: (breaker: object) => void) => {
    const breaker = new CircuitBreaker(succeed, { resetTimeout: 2 ** 31 - 1 })
    measure(breaker)
    if (open) breaker.open()
    return { name, call: open ? () => breaker.fire().catch(refusal) : () => breaker.fire() }
  }
  return {
    library: open ? 'opossum that is refused' : 'opossum',
    contestants: [
      contestant('uninstrumented', () => {}),
      contestant('meterkit', (breaker) => service.instrumentBreaker(breaker, { name: `opossum ${open}` })),
      contestant('opossum-prometheus', (breaker) => peer.add(breaker)),
    ],
  }
}

const cockatielBreaker = () =>
  cockatiel.circuitBreaker(cockatiel.handleAll, {
    halfOpenAfter: 1_000,
    breaker: new cockatiel.ConsecutiveBreaker(5),
  })

function cockatielCalls(): Calls {
  const [bare, measured] = [cockatielBreaker(), cockatielBreaker()]
  service.instrumentBreaker(measured, { name: 'cockatiel' })
  return {
    library: 'cockatiel',
    contestants: [
      { name: 'uninstrumented', call: () => bare.execute(succeed) },
      { name: 'meterkit', call: () => measured.execute(succeed) },
    ],
  }
}

function heldCockatiel(): Calls {
  const [bare, measured] = [cockatielBreaker(), cockatielBreaker()]
  service.instrumentBreaker(measured, { name: 'cockatiel, refused' })
  for (const breaker of [bare, measured]) breaker.isolate()
  return {
    library: 'cockatiel that is refused',
    contestants: [
      { name: 'uninstrumented', call: () => bare.execute(succeed).catch(refusal) },
      { name: 'meterkit', call: () => measured.execute(succeed).catch(refusal) },
    ],
  }
}

function mollitiaCalls(): Calls {
  const circuitOf = () =>
    new mollitia.Circuit({ options: { modules: [new mollitia.SlidingCountBreaker()] } }).fn(succeed)
  const [bare, measured] = [circuitOf(), circuitOf()]
  service.instrumentBreaker(measured, { name: 'mollitia' })
  // The addon takes in whatever is made after it.
  mollitia.use(new PrometheusAddon() as unknown as mollitia.Addon)
  const options = { name: 'bench', prometheus: { name: 'bench' } }
  const module = new mollitia.SlidingCountBreaker(options)
  const peer = new mollitia.Circuit({ name: 'bench', options: { ...options, modules: [module] } as object }).fn(succeed)
  return {
    library: 'mollitia',
    contestants: [
      { name: 'uninstrumented', call: () => bare.execute() },
      { name: 'meterkit', call: () => measured.execute() },
      { name: '@mollitia/prometheus', call: () => peer.execute() },
    ],
  }
}

function brakesCalls(): Calls {
  const [bare, measured] = [1, 2].map(() => new Brakes(succeed, { registerGlobal: false })) as [
    { exec(): Promise<unknown> },
    { exec(): Promise<unknown> },
  ]
  service.instrumentBreaker(measured, { name: 'brakes' })
  return {
    library: 'brakes',
    contestants: [
      { name: 'uninstrumented', call: () => bare.exec() },
      { name: 'meterkit', call: () => measured.exec() },
    ],
  }
}

async function fastifyCalls(): Promise<Calls> {
  const appOf = async (name?: string) => {
    const app = fastify()
    await app.register(circuitBreaker)
    if (name !== undefined) service.instrumentBreaker(app, { name })
    app.get('/', { preHandler: app.circuitBreaker() }, succeed)
    await app.ready()
    return app
  }
  const [bare, measured] = [await appOf(), await appOf('fastify')]
  return {
    library: '@fastify/circuit-breaker by `inject`',
    contestants: [
      { name: 'uninstrumented', call: () => bare.inject('/') },
      { name: 'meterkit', call: () => measured.inject('/') },
    ],
  }
}
