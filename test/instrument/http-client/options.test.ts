import { hasSubscribers } from 'node:diagnostics_channel'
import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'
import { expect } from 'chai'
import { createMetrics } from '../../../src/init'
import { FailureClasses } from '../../../src/instrument/http-client/failure-class'
import { HostNames } from '../../../src/instrument/http-client/host-names'
import type { OutgoingRequest } from '../../../src/model/http-client-options'
import { ClientFixture, hostOf, send, sent, sentOf } from './support'

const CHANNELS = [
  'http.client.request.created',
  'http.client.request.error',
  'undici:request:create',
  'undici:request:headers',
  'undici:request:trailers',
  'undici:request:error',
]

const listening = () => CHANNELS.filter((name) => hasSubscribers(name))

async function get(url: string): Promise<void> {
  await (await fetch(url)).text()
}

describe('HTTP clients: services, options and their end', () => {
  let fixture: ClientFixture
  beforeEach(() => {
    fixture = new ClientFixture()
  })
  afterEach(() => fixture.end())

  it('counts a request once in each of several services', async () => {
    const [one, two] = [fixture.service(), fixture.service()]
    const origin = await fixture.listen((_request, response) => response.end())
    await get(origin)
    await send(origin)
    for (const metrics of [one, two]) {
      expect((await sent(metrics, 2, { [hostOf(origin)]: 'server' })).requests).to.deep.equal({ 'GET server 200': 2 })
    }
  })

  it('listens to nothing before it starts and after it stops, and counts nothing that ends later', async () => {
    expect(listening()).to.deep.equal([])
    const metrics = fixture.service()
    expect(listening()).to.deep.equal(CHANNELS)
    const waiting: (() => void)[] = []
    const origin = await fixture.listen((_request, response) => waiting.push(() => response.end()))
    const open = [get(origin), send(origin)]
    while (waiting.length < 2) await new Promise(setImmediate)
    metrics.clients.stop()
    metrics.clients.stop()
    expect(listening()).to.deep.equal([])
    for (const answer of waiting) answer()
    await Promise.all(open)
    const another = await fixture.listen((_request, response) => response.end())
    await get(another)
    await send(another)
    expect(await sentOf(metrics)).to.deep.equal({ requests: {}, failures: {} })
  })

  it('is on by default, off with http: false or http: { client: false }', async () => {
    const common = { exporters: [], runtime: false, logger: false } as const
    for (const [http, wanted] of [
      [undefined, CHANNELS],
      [{ client: {} }, CHANNELS],
      [{ client: false }, []],
      [false, []],
    ] as const) {
      const metrics = createMetrics({ ...common, ...(http !== undefined && { http }) })
      expect(listening()).to.deep.equal(wanted)
      await metrics.shutdown()
      expect(listening()).to.deep.equal([])
    }
  })

  it('refuses options that cannot be, and leaves nothing running', () => {
    for (const [client, fault] of [
      [true, 'http.client must be an object of options, or false, got true'],
      [{ maxHosts: 0 }, 'http.client.maxHosts must be a whole number from 1 to 1000, got 0'],
      [{ host: 'api' }, 'http.client.host must be a function, got "api"'],
      [{ ignore: [1] }, 'http.client.ignore must be a list of hosts and regular expressions, or a function, got [1]'],
      [{ buckets: [1, 1] }, 'buckets'],
      [{ route: () => 'x' }, 'an option must be one of http.client.buckets, '],
    ] as const) {
      const options = { exporters: [], runtime: false, http: { client } }
      expect(() => createMetrics(options as never), fault).to.throw(fault)
      expect(listening()).to.deep.equal([])
    }
  })

  it('takes its own buckets', async () => {
    const metrics = fixture.service({ buckets: [5, 50] })
    const origin = await fixture.listen((_request, response) => response.end())
    await send(origin)
    await sent(metrics, 1)
    const bounds = [...(await metrics.render()).body.matchAll(/^http_client_.*le="(.*?)"/gm)].map(([, bound]) => bound)
    expect(bounds).to.deep.equal(['5', '50', '+Inf'])
  })

  it('ignores hosts, expressions and whatever a predicate says', async () => {
    const origin = await fixture.listen((_request, response) => response.end())
    const server = await fixture.listen((_request, response) => response.end())
    const listed = fixture.service({ ignore: [hostOf(origin), /^nothing/g] })
    const matched = fixture.service({ ignore: [/^127.*/g] })
    const asked: OutgoingRequest[] = []
    const decided = fixture.service({
      ignore: (request) => {
        asked.push(request)
        return request.path.startsWith('/health')
      },
    })
    const names = { [hostOf(origin)]: 'one', [hostOf(server)]: 'two' }
    await send(`${origin}/health?deep=1`)
    await send(`${origin}/b`, { method: 'POST' })
    await get(`${server}/b`)
    await get(`${server}/health`)
    expect((await sent(listed, 2, names)).requests).to.deep.equal({ 'GET two 200': 2 })
    expect((await sent(decided, 2, names)).requests).to.deep.equal({ 'POST one 200': 1, 'GET two 200': 1 })
    expect((await sentOf(matched)).requests).to.deep.equal({})
    expect(asked).to.deep.equal([
      { method: 'GET', protocol: 'http:', host: hostOf(origin), path: '/health?deep=1' },
      { method: 'POST', protocol: 'http:', host: hostOf(origin), path: '/b' },
      { method: 'GET', protocol: 'http:', host: hostOf(server), path: '/b' },
      { method: 'GET', protocol: 'http:', host: hostOf(server), path: '/health' },
    ])
  })

  it('calls hosts as the option does; one that throws is logged once and has no say', async () => {
    const origin = await fixture.listen((_request, response) => response.end())
    const named = fixture.service({ host: ({ path }) => (path === '/bucket' ? 'storage' : undefined) })
    const broken = fixture.service({
      host: () => {
        throw new Error('no names today')
      },
      ignore: () => {
        throw new Error('nor filters')
      },
    })
    await get(`${origin}/bucket`)
    await send(`${origin}/`)
    const names = { [hostOf(origin)]: 'server' }
    expect((await sent(named, 2, names)).requests).to.deep.equal({ 'GET storage 200': 1, 'GET server 200': 1 })
    expect((await sent(broken, 2, names)).requests).to.deep.equal({ 'GET server 200': 2 })
    expect(fixture.errors).to.have.lengthOf(1)
    expect(fixture.errors[0]).to.include('nor filters')
  })

  it('counts hosts past the limit as "(other)", and says so once', async () => {
    const metrics = fixture.service({ maxHosts: 2, host: ({ path }) => path.slice(1) })
    const origin = await fixture.listen((_request, response) => response.end())
    for (const name of ['a', 'b', 'c', 'a', 'd', 'b', 'x'.repeat(1_000)]) await send(`${origin}/${name}`)
    expect((await sent(metrics, 7)).requests).to.deep.equal({ 'GET a 200': 2, 'GET b 200': 2, 'GET (other) 200': 3 })
    expect(fixture.warnings).to.have.lengthOf(1)
    expect(fixture.warnings[0]).to.include('2 distinct hosts')
  })

  it('leaves out what carries telemetry: by the name of an OTLP exporter, or the mark of any exporter', async () => {
    const metrics = fixture.service()
    const origin = await fixture.listen((_request, response) => response.end())
    const exporter = { 'User-Agent': 'my-service/1 OTel-OTLP-Exporter-JavaScript/0.301.0' }
    await send(origin, { headers: exporter })
    await (await fetch(origin, { headers: exporter })).text()
    const suppressed = ROOT_CONTEXT.setValue(createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING'), true)
    let active = suppressed
    context.setGlobalContextManager({
      active: () => active,
      with: (_context, run, self, ...args) => run.apply(self, args),
      bind: (_context, target) => target,
      enable() {
        return this
      },
      disable() {
        return this
      },
    })
    try {
      await send(origin)
      await (await fetch(origin)).text()
      active = ROOT_CONTEXT
      await send(origin, { headers: { 'User-Agent': 'curl' } })
      await (await fetch(origin, { headers: [['X-User-Agent', exporter['User-Agent']]] })).text()
    } finally {
      context.disable()
    }
    expect((await sent(metrics, 2, { [hostOf(origin)]: 'server' })).requests).to.deep.equal({ 'GET server 200': 2 })
  })
})

describe('HTTP clients: the host of an origin', () => {
  for (const [origin, name] of [
    ['https://Example.com:443', 'example.com'],
    ['http://example.com:443', 'example.com:443'],
    ['https://user:secret@example.com.', 'example.com'],
    ['http://[::1]:80/path', '[::1]'],
    ['http://0x7f.1:3000', '127.0.0.1:3000'],
    ['http://', ''],
    ['nonsense', ''],
  ] as const) {
    it(`is ${JSON.stringify(name)} for ${JSON.stringify(origin)}`, () => {
      expect(new HostNames().of(origin)).to.equal(name)
    })
  }
})

describe('HTTP clients: classes of failures', () => {
  it('are a code, an abort, or the name of a class, and never a message', () => {
    const classes = new FailureClasses()
    class Own extends Error {}
    const hostile = new Proxy(new Error(), {
      get() {
        throw new Error('no')
      },
    })
    for (const [error, wanted] of [
      [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
      [Object.assign(new Error('x'), { code: 'order 4711 failed' }), 'Error'],
      [Object.assign(new Error('x'), { code: 17 }), 'Error'],
      [new DOMException('x', 'TimeoutError'), 'TimeoutError'],
      [Object.assign(new Error('x'), { name: 'AbortError', code: 'ABORT_ERR' }), 'AbortError'],
      [new Own('message'), 'Own'],
      ['text', 'string'],
      [null, 'null'],
      [undefined, 'undefined'],
      [hostile, '(anonymous)'],
    ] as const) {
      expect(classes.of(error)).to.equal(wanted)
    }
  })

  it('are bounded', () => {
    const classes = new FailureClasses()
    const found = new Set<string>()
    for (let at = 0; at < 1_000; at++) found.add(classes.of(Object.assign(new Error(), { code: `E_${at}` })))
    expect(found.size).to.equal(51)
    expect(found).to.include('(other)')
    expect(
      classes.of(
        new (class extends Error {
          static override readonly name = 'x'.repeat(100)
        })(),
      ),
    ).to.equal('(other)')
  })
})
