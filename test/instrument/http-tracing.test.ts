import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { MeterProvider } from '@opentelemetry/api'
import { expect } from 'chai'
import { createMetrics } from '../../src/init'
import { traceHttp } from '../../src/instrument/http-tracing'
import { TestService } from '../support/test-service'

describe("http.engine 'opentelemetry'", () => {
  let steps: string[]
  beforeEach(() => {
    steps = []
  })

  function instrumentation(name: string) {
    return class {
      constructor() {
        steps.push(`${name} made`)
      }
      setMeterProvider(provider: MeterProvider) {
        provider.getMeter('x').createHistogram('http.server.request.duration').record(1)
        steps.push(`${name} has a provider`)
      }
      disable() {
        steps.push(`${name} disabled`)
      }
    }
  }

  const packages: Readonly<Record<string, unknown>> = {
    '@opentelemetry/instrumentation-http': { HttpInstrumentation: instrumentation('http') },
    '@opentelemetry/instrumentation-undici': { UndiciInstrumentation: instrumentation('undici') },
  }

  it('starts both instrumentations, stores nothing that they measure, and ends them', async () => {
    const service = new TestService()
    const tracing = traceHttp(service.metrics, (name) => packages[name])
    expect(steps).to.deep.equal(['http made', 'http has a provider', 'undici made', 'undici has a provider'])
    tracing.stop()
    expect(steps.slice(4)).to.deep.equal(['http disabled', 'undici disabled'])
    expect((await service.collect()).filter(({ descriptor }) => descriptor.name.includes('http'))).to.deep.equal([])
  })

  it('leaves out what the application has set up before', () => {
    const listener = () => {}
    subscribe('undici:request:create', listener)
    try {
      traceHttp(new TestService().metrics, (name) => packages[name])
    } finally {
      unsubscribe('undici:request:create', listener)
    }
    expect(steps).to.deep.equal(['http made', 'http has a provider'])
  })

  it('says which package cannot be loaded, and why, and goes on', () => {
    const service = new TestService()
    traceHttp(service.metrics, (name) => {
      if (name.endsWith('http')) throw new Error(`Cannot find module '${name}'\nRequire stack:\n- here`)
      return {}
    }).stop()
    expect(service.log.lines).to.deep.equal([
      "warn: http.engine 'opentelemetry' needs @opentelemetry/instrumentation-http, which cannot be loaded: Cannot find module '@opentelemetry/instrumentation-http'. Install it; until then such requests are measured and not traced.",
      "warn: http.engine 'opentelemetry' needs @opentelemetry/instrumentation-undici, which cannot be loaded: it has no UndiciInstrumentation. Install it; until then such requests are measured and not traced.",
    ])
  })

  it('is an option, and another engine is none', () => {
    expect(() => createMetrics({ http: { engine: 'patches' as never } })).to.throw(
      'http.engine must be one of channels, opentelemetry, got "patches"',
    )
  })
})
