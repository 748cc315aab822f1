import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { type Context, context, createContextKey, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api'
import { expect } from 'chai'
import { contextOf, contextOfHeader } from '../../src/instrument/trace-context'
import { counted, Fixture } from './http/support'
import { ClientFixture, hostOf, send, sent } from './http-client/support'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const OTHER_SPAN = '00f067aa0ba902b7'

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0'

const storage = new AsyncLocalStorage<Context>()

/** A context manager as applications with tracing have one: it binds emitters by their `once` and `on`. */
const manager = {
  active: () => storage.getStore() ?? ROOT_CONTEXT,
  with: <A extends unknown[], R>(active: Context, run: (...args: A) => R, self?: unknown, ...args: A): R =>
    storage.run(active, () => run.apply(self, args)),
  bind: <T>(bound: Context, target: T): T => {
    if (!(target instanceof EventEmitter)) return target
    for (const name of ['on', 'once'] as const) {
      const original = target[name]
      target[name] = function (event, listener) {
        return original.call(this, event, (...args: unknown[]) => storage.run(bound, () => listener.apply(this, args)))
      }
    }
    return target
  },
  enable: () => manager,
  disable: () => manager,
}

const spanContext = (spanId: string) => ({ traceId: TRACE, spanId, traceFlags: TraceFlags.SAMPLED })
const within = (spanId: string) => trace.setSpanContext(ROOT_CONTEXT, spanContext(spanId))

describe('The trace of what is measured', () => {
  const key = createContextKey('test')
  before(() => {
    context.setGlobalContextManager(manager as never)
    trace.setGlobalTracerProvider({ getTracer: () => trace.getTracer('none') })
  })
  after(() => {
    context.disable()
    trace.disable()
  })

  it('is that of the context to which an emitter is bound, else of the active one', () => {
    const bound = context.bind(ROOT_CONTEXT.setValue(key, 'bound'), new EventEmitter())
    const free = new EventEmitter()
    const active = ROOT_CONTEXT.setValue(key, 'active')
    context.with(active, () => {
      expect(contextOf(bound).getValue(key)).to.equal('bound')
      expect(contextOf(free).getValue(key)).to.equal('active')
      expect(free.eventNames()).to.deep.equal([])
    })
  })

  it('is the active one of an emitter that throws', () => {
    const hostile = new EventEmitter().on('newListener', () => {
      throw new Error('no more')
    })
    expect(contextOf(hostile)).to.equal(ROOT_CONTEXT)
  })

  it('is what a traceparent header names', () => {
    const span = (header: string) => {
      const found = contextOfHeader(header)
      return found === undefined ? undefined : trace.getSpanContext(found)
    }
    expect(span(`00-${TRACE}-${SPAN}-01`)).to.deep.equal(spanContext(SPAN))
    expect(span(`00-${TRACE}-${SPAN}-02`)?.traceFlags).to.equal(TraceFlags.NONE)
    for (const header of ['', 'nonsense', `00-${TRACE}-${SPAN}`, `00-${TRACE.toUpperCase()}-${SPAN}-01`]) {
      expect(span(header), header).to.equal(undefined)
    }
  })

  it('stands on requests that were sent: of the context they were made in, or of their own header', async () => {
    const fixture = new ClientFixture()
    const metrics = fixture.service()
    try {
      const origin = await fixture.listen((_request, response) => response.end())
      await context.with(within(SPAN), async () => await send(origin))
      const traceparent = `00-${TRACE}-${OTHER_SPAN}-01`
      await context.with(within(SPAN), async () =>
        (await fetch(origin, { method: 'POST', headers: { traceparent } })).text(),
      )
      await sent(metrics, 2)
      const { body } = await metrics.render(OPENMETRICS)
      const host = hostOf(origin)
      const exemplar = (method: string) =>
        new RegExp(`_bucket\\{method="${method}",host="${host}".* # \\{trace_id="(.*)",span_id="(.*)"\\}`).exec(body)
      expect(exemplar('GET')?.slice(1)).to.deep.equal([TRACE, SPAN])
      expect(exemplar('POST')?.slice(1)).to.deep.equal([TRACE, OTHER_SPAN])
    } finally {
      await fixture.end()
    }
  })

  it('stands on requests that were answered, and on those that were left', async () => {
    const fixture = new Fixture()
    const metrics = fixture.service()
    try {
      const server = await fixture.listen((request, response) => {
        // As an instrumentation does, behind our own listener.
        context.bind(within(request.url === '/left' ? OTHER_SPAN : SPAN), response)
        if (request.url === '/left') request.socket.destroy()
        else setImmediate(() => storage.run(ROOT_CONTEXT, () => response.end()))
      })
      for (const path of ['/answered', '/left']) {
        const socket = await fixture.socket(server)
        socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
        await counted(metrics, path === '/left' ? 2 : 1)
      }
      const { body } = await metrics.render(OPENMETRICS)
      const exemplar = (path: string) =>
        new RegExp(`_bucket\\{method="GET",path="${path}".* # \\{trace_id="(.*)",span_id="(.*)"\\}`).exec(body)
      expect(exemplar('/answered')?.slice(1)).to.deep.equal([TRACE, SPAN])
      expect(exemplar('/left')?.slice(1)).to.deep.equal([TRACE, OTHER_SPAN])
    } finally {
      await fixture.end()
    }
  })
})
