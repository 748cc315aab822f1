import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { MeterProvider, Span } from '@opentelemetry/api'
import type { HttpConfig, UndiciConfig } from '../../../src/instrument/http-tracing/instrumentations'
import type { HttpModule } from '../../../src/instrument/http-tracing/traced-module'

const CREATED = 'undici:request:create'

/** Stands for the packages of instrumentations, and notes what is done by which. */
export class FakePackages {
  readonly steps: string[] = []
  readonly spans: Span[] = []

  readonly load = (name: string): unknown => {
    const loaded = this.packages[name]
    if (loaded === undefined) {
      const error = new Error(`Cannot find module '${name}'\nRequire stack:\n- here`)
      throw Object.assign(error, { code: 'MODULE_NOT_FOUND' })
    }
    return loaded
  }

  readonly packages: Record<string, unknown> = {
    '@opentelemetry/instrumentation-http': { HttpInstrumentation: this.#http() },
    '@opentelemetry/instrumentation-undici': { UndiciInstrumentation: this.#undici() },
  }

  #http() {
    const { steps, spans } = this
    return class {
      readonly #config: HttpConfig
      constructor(config: HttpConfig) {
        this.#config = config
        steps.push(`http made, ${config.enabled ? 'at work' : 'at rest'}`)
      }
      setMeterProvider(provider: MeterProvider) {
        provider.getMeter('x').createHistogram('http.server.request.duration').record(1)
        steps.push('http has a provider')
      }
      disable() {}
      init() {
        return ['https', 'http'].map((name) => ({ name, patch: (module: HttpModule) => this.#patch(name, module) }))
      }
      #patch(name: string, module: HttpModule) {
        const { request, Server } = module
        const { emit } = Server.prototype
        const { requestHook } = this.#config
        module.request = (...args) => {
          steps.push(`${name} request`)
          return request(...args)
        }
        module.get = (...args) => {
          steps.push(`${name} get`)
          return (request(...args) as { end(): unknown }).end()
        }
        Server.prototype.emit = function (event, ...args) {
          steps.push(`${name} ${event}`)
          const span = { end: () => void steps.push('span ended') } as unknown as Span
          spans.push(span)
          requestHook(span, args[0] as object)
          ;(args[1] as { on(name: string, run: () => void): void }).on('close', () => span.end())
          return emit.call(this, event, ...args)
        }
      }
    }
  }

  #undici() {
    const { steps } = this
    return class {
      readonly #listener: (message: unknown) => void
      constructor(readonly config: UndiciConfig) {
        steps.push('undici made')
        this.#listener = this.onRequestCreated.bind(this)
        subscribe(CREATED, this.#listener)
      }
      setMeterProvider() {
        steps.push('undici has a provider')
      }
      disable() {
        unsubscribe(CREATED, this.#listener)
        steps.push('undici disabled')
      }
      onRequestCreated(message: unknown) {
        const { request } = message as { request: { headers: unknown } }
        if (this.config.ignoreRequestHook(request)) return
        steps.push('undici request')
        this.config.requestHook()
      }
    }
  }
}

/** An instrumentation of somebody else's that listens to undici. */
export class OtherUndici {
  readonly #listener = this.onRequestCreated.bind(this)

  constructor() {
    subscribe(CREATED, this.#listener)
  }

  stop(): void {
    unsubscribe(CREATED, this.#listener)
  }

  onRequestCreated(): void {}
}
