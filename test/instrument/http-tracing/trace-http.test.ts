import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import http, { Server } from 'node:http'
import { createRequire } from 'node:module'
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { expect } from 'chai'
import { createMetrics, initMetrics } from '../../../src/init'
import { traceHttp } from '../../../src/instrument/http-tracing/trace-http'
import { excludeRequest } from '../../../src/model/http-exclusion'
import { TestService } from '../../support/test-service'
import { until } from '../../support/until'
import { ask, Fixture, portOf } from '../http/support'
import { FakePackages, OtherUndici } from './fake-packages'

const MADE = ['http made, at rest', 'http has a provider', 'undici made', 'undici has a provider']

/** When what runs now has ended. */
const nextTick = () => new Promise<void>((resolve) => process.nextTick(resolve))

describe('the tracing of HTTP requests', () => {
  let fixture: Fixture
  let packages: FakePackages
  let service: TestService
  beforeEach(() => {
    fixture = new Fixture()
    packages = new FakePackages()
    service = new TestService()
  })
  afterEach(async () => {
    await fixture.end()
    trace.disable()
  })

  const start = (engine: 'opentelemetry' | 'channels' | undefined, isOfProcess = true) => {
    const tracing = traceHttp(service.metrics, engine, isOfProcess, packages.load)
    fixture.atEnd(() => tracing.stop())
    return tracing
  }
  const registerProvider = () => trace.setGlobalTracerProvider(new TracerProvider())
  /** The steps after those of the beginning, once there are so many. */
  const steps = (count: number) =>
    until(`${count} steps`, async () => {
      const after = packages.steps.slice(MADE.length)
      return after.length >= count ? after : undefined
    })

  describe("by http.engine 'opentelemetry'", () => {
    it('is done by both instrumentations, which store nothing that they measure, and is ended', async () => {
      const { emit } = Server.prototype
      const { request, get } = http
      const tracing = start('opentelemetry')
      expect(packages.steps).to.deep.equal(MADE)
      const server = await fixture.listen((_request, response) => response.end('answer'))
      expect(await ask(server, 'GET', '/')).to.deep.equal({ status: 200, body: 'answer' })
      await new Promise((resolve) => http.get({ port: portOf(server), agent: false }, resolve))
      await (await fetch(`http://127.0.0.1:${portOf(server)}/`)).text()
      expect(await steps(9)).to.have.members([
        'http request',
        ...['http request', 'span ended'],
        'http get',
        ...['http request', 'span ended'],
        'undici request',
        ...['http request', 'span ended'],
      ])
      tracing.stop()
      expect(packages.steps.at(-1)).to.equal('undici disabled')
      await ask(server, 'GET', '/')
      expect(packages.steps.at(-1)).to.equal('undici disabled')
      expect(Server.prototype.emit).to.equal(emit)
      expect(Object.hasOwn(Server.prototype, 'emit')).to.equal(false)
      expect([http.request, http.get]).to.deep.equal([request, get])
      expect((await service.collect()).filter(({ descriptor }) => descriptor.name.includes('http'))).to.deep.equal([])
      expect(service.log.lines).to.deep.equal([])
    })

    it('is not done of the kind that the application has set up before', () => {
      const other = new OtherUndici()
      try {
        start('opentelemetry')
        expect(packages.steps).to.deep.equal(MADE.slice(0, 2))
      } finally {
        other.stop()
      }
    })

    it('leaves single requests of undici to who comes later, to who has written a trace into them, and to exporters', async () => {
      propagation.setGlobalPropagator({ fields: () => ['b3'], inject() {}, extract: (found) => found })
      fixture.atEnd(() => propagation.disable())
      start('opentelemetry')
      const server = await fixture.listen((_request, response) => response.end())
      const url = `http://127.0.0.1:${portOf(server)}/`
      for (const headers of [{ B3: '0' }, { 'user-agent': 'OTel-OTLP-Exporter-JavaScript/0.301.0' }]) {
        await (await fetch(url, { headers })).text()
      }
      const other = new OtherUndici()
      await (await fetch(url)).text()
      other.stop()
      await (await fetch(url)).text()
      expect(packages.steps.filter((step) => step === 'undici request')).to.have.lengthOf(1)
    })

    it('is there once in a process, however many services ask for it', () => {
      start('opentelemetry').stop()
      const first = start('opentelemetry')
      expect(packages.steps).to.have.lengthOf(9)
      start('opentelemetry').stop()
      expect(packages.steps).to.have.lengthOf(9)
      first.stop()
      start('opentelemetry')
      expect(packages.steps).to.have.lengthOf(14)
    })

    it('says which package cannot be loaded, and why, and goes on', () => {
      packages.packages['@opentelemetry/instrumentation-http'] = undefined
      packages.packages['@opentelemetry/instrumentation-undici'] = {}
      start('opentelemetry')
      expect(service.log.lines).to.deep.equal([
        "warn: http.engine 'opentelemetry' needs @opentelemetry/instrumentation-http, which cannot be loaded: Cannot find module '@opentelemetry/instrumentation-http'. Install it; until then such requests are measured and not traced.",
        "warn: http.engine 'opentelemetry' needs @opentelemetry/instrumentation-undici, which cannot be loaded: it has no UndiciInstrumentation. Install it; until then such requests are measured and not traced.",
      ])
    })

    it('is done where the environment refuses it to others', () => {
      process.env.OTEL_NODE_DISABLED_INSTRUMENTATIONS = 'http,undici'
      fixture.atEnd(() => Reflect.deleteProperty(process.env, 'OTEL_NODE_DISABLED_INSTRUMENTATIONS'))
      start('opentelemetry')
      expect(packages.steps).to.deep.equal(MADE)
    })

    it('is an option, and another engine is none', () => {
      expect(() => createMetrics({ http: { engine: 'patches' as never } })).to.throw(
        'http.engine must be one of channels, opentelemetry, got "patches"',
      )
    })

    it('has no span of a request that is left out of the metrics while it is handled, nor of one to the own endpoint', async () => {
      start('opentelemetry')
      const server = await fixture.listen((request, response) => {
        excludeRequest(request)
        response.end()
      })
      await ask(server, 'GET', '/')
      const metrics = createMetrics({ prometheus: { port: 0 }, http: false, runtime: false, logger: false })
      fixture.atEnd(() => metrics.shutdown())
      const { url } = await metrics.ready()
      await (await fetch(url)).text()
      expect(packages.spans).to.have.lengthOf(1)
      expect(packages.steps).not.to.include('span ended')
    })

    it('leaves a request to whoever began a span of it in a method of the server', async () => {
      context.setGlobalContextManager(new AsyncLocalStorageContextManager())
      fixture.atEnd(() => context.disable())
      start('opentelemetry')
      const key = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA')
      const traced = ROOT_CONTEXT.setValue(key, { type: 'http' })
      // A server that is made while a request is handled has its context, and is traced all the same.
      const made = await context.with(traced, () => fixture.listen((_request, response) => response.end()))
      await ask(made, 'GET', '/')
      expect(packages.spans).to.have.lengthOf(1)
      const own = await fixture.listen((_request, response) => response.end())
      const emit = own.emit.bind(own) as (...args: unknown[]) => boolean
      own.emit = (...args: unknown[]) => context.with(traced, () => emit(...args))
      await ask(own, 'GET', '/')
      expect(packages.spans).to.have.lengthOf(1)
    })
  })

  describe('by nobody saying so', () => {
    it('begins once a tracer provider is registered, for the service of the process, which the log tells at the first span', async () => {
      start(undefined)
      await nextTick()
      expect(packages.steps).to.deep.equal([])
      registerProvider()
      await until('tracing', async () => (packages.steps.length > 0 ? true : undefined))
      expect(packages.steps).to.deep.equal(MADE)
      expect(service.log.lines).to.deep.equal([])
      const server = await fixture.listen((_request, response) => response.end())
      for (const path of ['/1', '/2']) await ask(server, 'GET', path)
      expect(service.log.lines).to.deep.equal([
        "info: HTTP requests are traced by @opentelemetry/instrumentation-http and @opentelemetry/instrumentation-undici, as a tracer provider is registered and nothing else traces them (http: { engine: 'channels' } turns that off)",
      ])
    })

    it('never begins for other services, where it is refused, nor after the end', async () => {
      registerProvider()
      start(undefined, false)
      start('channels')
      start(undefined).stop()
      await nextTick()
      expect(packages.steps).to.deep.equal([])
    })

    for (const [who, set, unset] of [
      ['has instrumented undici', () => new OtherUndici(), (other: OtherUndici) => other.stop()],
      [
        'handles requests before the application, with or without a mark',
        () => {
          Server.prototype.emit = function (...args: unknown[]) {
            return (Reflect.getPrototypeOf(Server.prototype) as Server).emit.apply(this, args as never)
          }
        },
        () => Reflect.deleteProperty(Server.prototype, 'emit'),
      ],
      ...['http.server.request.start', 'http.client.request.created'].map(
        (name) =>
          [
            `listens to ${name}, as Sentry does`,
            () => subscribe(name, listener),
            () => void unsubscribe(name, listener),
          ] as const,
      ),
      [
        'makes spans by itself, as Next.js does',
        () => {
          nodeModules['/app/node_modules/next/dist/server/next-server.js'] = { exports: {} } as NodeJS.Module
        },
        () => Reflect.deleteProperty(nodeModules, '/app/node_modules/next/dist/server/next-server.js'),
      ],
    ] as const) {
      it(`does not begin where somebody ${who}`, async () => {
        const other = set()
        try {
          registerProvider()
          start(undefined)
          await nextTick()
          expect(packages.steps).to.deep.equal([])
        } finally {
          unset(other as OtherUndici)
        }
      })
    }

    for (const [variable, value, made] of [
      ['OTEL_NODE_DISABLED_INSTRUMENTATIONS', 'fs, undici', MADE.slice(0, 2)],
      ['OTEL_NODE_DISABLED_INSTRUMENTATIONS', 'http,undici', []],
      ['OTEL_NODE_ENABLED_INSTRUMENTATIONS', 'express,undici', MADE.slice(2)],
      ['OTEL_NODE_ENABLED_INSTRUMENTATIONS', '', MADE],
    ] as const) {
      it(`leaves out what the environment refuses OpenTelemetry: ${variable}=${value}`, async () => {
        process.env[variable] = value
        fixture.atEnd(() => Reflect.deleteProperty(process.env, variable))
        registerProvider()
        start(undefined)
        await nextTick()
        expect(packages.steps).to.deep.equal(made)
      })
    }

    it('begins where only services of ours listen', async () => {
      const metrics = createMetrics({ exporters: [], runtime: false, logger: false })
      fixture.atEnd(() => metrics.shutdown())
      registerProvider()
      start(undefined)
      await nextTick()
      expect(packages.steps).to.deep.equal(MADE)
    })

    it('steps aside once Next.js is loaded, by the first request of its server', async () => {
      registerProvider()
      start(undefined)
      await nextTick()
      const path = '/app/node_modules/next/dist/server/next.js'
      nodeModules[path] = { exports: {} } as NodeJS.Module
      try {
        await ask(await fixture.listen((_request, response) => response.end()), 'GET', '/')
        expect(packages.spans).to.deep.equal([])
      } finally {
        Reflect.deleteProperty(nodeModules, path)
      }
    })

    it('is silent about packages that are not installed, and tells of those that cannot be used', async () => {
      packages.packages['@opentelemetry/instrumentation-http'] = undefined
      packages.packages['@opentelemetry/instrumentation-undici'] = {}
      registerProvider()
      start(undefined)
      await nextTick()
      expect(service.log.lines).to.deep.equal([
        'warn: Tracing HTTP requests needs @opentelemetry/instrumentation-undici, which cannot be loaded: it has no UndiciInstrumentation. Install it; until then such requests are measured and not traced.',
      ])
    })

    it('is what initMetrics does', async () => {
      registerProvider()
      // The packages are not installed here.
      const metrics = initMetrics({ exporters: [], runtime: false, logger: false })
      await nextTick()
      expect(packages.load('@opentelemetry/instrumentation-http')).to.be.an('object')
      start('opentelemetry')
      expect(packages.steps, 'one is at work').to.deep.equal([])
      await metrics.shutdown()
      start('opentelemetry')
      expect(packages.steps).to.deep.equal(MADE)
    })
  })
})

const listener = () => {}
const nodeModules = createRequire(process.execPath).cache
