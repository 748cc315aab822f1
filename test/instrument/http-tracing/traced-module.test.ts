import { EventEmitter } from 'node:events'
import { propagation } from '@opentelemetry/api'
import { expect } from 'chai'
import { type HttpModule, type IsAside, TracedModule } from '../../../src/instrument/http-tracing/traced-module'

type Method = HttpModule['request']

/** A request, with what is said of it, and its response, as a server emits them. */
const exchangeOf = (request: object) =>
  [Object.assign(new EventEmitter(), { headers: {}, socket: {}, ...request }), new EventEmitter()] as const

describe('A module whose requests are traced one by one', () => {
  let calls: unknown[][]
  let module: HttpModule
  let traced: TracedModule
  beforeEach(() => {
    calls = []
    const called =
      (name: string): Method =>
      (...args) => {
        calls.push([name, ...args])
        return name
      }
    module = { request: called('request'), get: called('get'), Server: { prototype: { emit: called('emit') } } }
    traced = new TracedModule(module)
    propagation.setGlobalPropagator({ fields: () => ['traceparent'], inject() {}, extract: (found) => found })
  })
  afterEach(() => {
    traced.stop()
    propagation.disable()
  })

  const start = (isAside: IsAside = () => false) =>
    traced.start((standIns) => {
      const noted = (name: string, method: Method): Method =>
        function (...args) {
          calls.push([name])
          return method.apply(this, args)
        }
      standIns.request = noted('traced request', standIns.request)
      standIns.get = noted('traced get', standIns.get)
      standIns.Server.prototype.emit = noted('traced emit', standIns.Server.prototype.emit)
    }, isAside)
  /** What was called for a request with these arguments. */
  const sent = (...args: unknown[]) => {
    calls = []
    module.request(...args)
    return calls.map(([name]) => name)
  }
  /** As the base package of the instrumentations does it. */
  const wrap = (target: object, name: string) => {
    const methods = target as Record<string, Method>
    const original = methods[name] as Method
    methods[name] = Object.assign(((...args) => original(...args)) as Method, { __wrapped: true, __original: original })
  }
  /** What was called for a request that this server has. */
  const served = (server: unknown, ...args: unknown[]) => {
    calls = []
    module.Server.prototype.emit.call(server, 'request', ...args)
    return calls.map(([name]) => name)
  }
  const BOTH = ['traced request', 'request']
  const PLAIN = ['request']

  it('has its methods called as before, with what they give', () => {
    start()
    const done = () => {}
    expect(module.request('http://a/', { headers: { a: '1' } }, done)).to.equal('request')
    expect(module.get('http://a/')).to.equal('get')
    const exchange = exchangeOf({})
    expect(module.Server.prototype.emit('request', ...exchange)).to.equal('emit')
    expect(module.Server.prototype.emit('connection', 3)).to.equal('emit')
    expect(calls).to.deep.equal([
      ['traced request'],
      ['request', 'http://a/', { headers: { a: '1' } }, done],
      ['traced get'],
      ['get', 'http://a/'],
      ['traced emit'],
      ['emit', 'request', ...exchange],
      ['emit', 'connection', 3],
    ])
  })

  it('leaves alone what somebody emits that an instrumentation would fail at: requests and responses that are none', () => {
    start()
    const [request, response] = exchangeOf({})
    expect(served({}, request, response)).to.deep.equal(['traced emit', 'emit'])
    for (const args of [
      [],
      [{}, {}],
      [request],
      [request, {}],
      [{ url: '/' }, response],
      exchangeOf({ headers: null }),
      exchangeOf({ socket: null }),
    ]) {
      expect(served({}, ...args), String(args.length)).to.deep.equal(['emit'])
    }
  })

  it('leaves those alone that carry a trace or telemetry, whose headers are a list, and of which nothing can be told', () => {
    start()
    const url = new URL('http://a/')
    expect(sent(url, { headers: { Accept: '*/*' } })).to.deep.equal(BOTH)
    expect(sent({ headers: { TraceParent: '00' } })).to.deep.equal(PLAIN)
    expect(sent(url, { headers: { traceparent: '00' } })).to.deep.equal(PLAIN)
    expect(sent({ headers: { 'User-Agent': 'a OTel-OTLP-Exporter-b' } })).to.deep.equal(PLAIN)
    expect(sent({ headers: ['Accept', '*/*'] })).to.deep.equal(PLAIN)
    const hostile = {
      get headers() {
        throw new Error('no')
      },
    }
    expect(sent(hostile)).to.deep.equal(PLAIN)
    expect(sent('http://a/', undefined, () => {})).to.deep.equal(PLAIN)
    expect(sent(new URL('http://a%40b:c@a/'))).to.deep.equal(PLAIN)
    expect(sent(new URL('http://a:b%3A@a/'))).to.deep.equal(PLAIN)
    expect(sent(new URL('http://a:b@a/'))).to.deep.equal(BOTH)
    expect(sent('http://a/', undefined)).to.deep.equal(BOTH)
    expect(sent()).to.deep.equal(BOTH)
  })

  it('leaves those alone that somebody else traces, as far as it is told', () => {
    let isAside = true
    start((server) => {
      if (server === null) throw new Error('no')
      return isAside
    })
    expect(sent('http://a/')).to.deep.equal(PLAIN)
    expect(served({}, ...exchangeOf({}))).to.deep.equal(['emit'])
    isAside = false
    expect(sent('http://a/')).to.deep.equal(BOTH)
    expect(served(null, ...exchangeOf({}))).to.deep.equal(['emit'])
  })

  it('leaves all alone while an instrumentation stands before any of its methods, and does not take that off', () => {
    start()
    for (const [target, name] of [
      [module, 'request'],
      [module.Server.prototype, 'emit'],
    ] as const) {
      const own = (target as unknown as Record<string, Method>)[name]
      wrap(target, name)
      expect(traced.isOthers, name).to.equal(true)
      expect(sent('http://a/')).to.deep.equal(PLAIN)
      expect(served({}, ...exchangeOf({}))).to.deep.equal(['emit'])
      Object.assign(target, { [name]: own })
      expect(traced.isOthers, name).to.equal(false)
    }
    expect(sent('http://a/')).to.deep.equal(BOTH)
  })

  it('is as before when it ends, and only passes on where another one stands before it', () => {
    const { request } = module
    start()
    wrap(module, 'get')
    const theirs = module.get
    traced.stop()
    expect(module.request).to.equal(request)
    expect(module.get).to.equal(theirs)
    calls = []
    module.get('http://a/')
    expect(calls).to.deep.equal([['get', 'http://a/']])
  })
})
