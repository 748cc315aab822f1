import { propagation } from '@opentelemetry/api'
import { expect } from 'chai'
import { type HttpModule, type IsAside, TracedModule } from '../../../src/instrument/http-tracing/traced-module'

type Method = HttpModule['request']

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
  const BOTH = ['traced request', 'request']
  const PLAIN = ['request']

  it('has its methods called as before, with what they give', () => {
    start()
    const done = () => {}
    expect(module.request('http://a/', { headers: { a: '1' } }, done)).to.equal('request')
    expect(module.get('http://a/')).to.equal('get')
    expect(module.Server.prototype.emit('request', 1, 2)).to.equal('emit')
    expect(module.Server.prototype.emit('connection', 3)).to.equal('emit')
    expect(calls).to.deep.equal([
      ['traced request'],
      ['request', 'http://a/', { headers: { a: '1' } }, done],
      ['traced get'],
      ['get', 'http://a/'],
      ['traced emit'],
      ['emit', 'request', 1, 2],
      ['emit', 'connection', 3],
    ])
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
    expect(sent()).to.deep.equal(BOTH)
  })

  it('leaves those alone that somebody else traces, as far as it is told', () => {
    let isAside = true
    start((server) => {
      if (server === null) throw new Error('no')
      return isAside
    })
    expect(sent('http://a/')).to.deep.equal(PLAIN)
    module.Server.prototype.emit.call({}, 'request')
    expect(calls.at(-1)).to.deep.equal(['emit', 'request'])
    isAside = false
    expect(sent('http://a/')).to.deep.equal(BOTH)
    calls = []
    module.Server.prototype.emit.call(null, 'request')
    expect(calls).to.deep.equal([['emit', 'request']])
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
      calls = []
      module.Server.prototype.emit('request')
      expect(calls).to.deep.equal([['emit', 'request']])
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
