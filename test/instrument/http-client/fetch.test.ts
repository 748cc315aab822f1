import { createServer } from 'node:http'
import { expect } from 'chai'
import { ClientFixture, closedOrigin, hostOf, send, sent, sentOf } from './support'

async function text(url: string, options?: RequestInit): Promise<string> {
  return await (await fetch(url, options)).text()
}

function controller(): { readonly signal: AbortSignal; abort(reason: unknown): void } {
  const made = new AbortController()
  return { signal: made.signal, abort: (reason) => made.abort(reason) }
}

async function isRejected(promise: Promise<unknown>): Promise<boolean> {
  return await promise.then(
    () => false,
    () => true,
  )
}

/** The dispatcher of `fetch`. */
interface Dispatcher {
  dispatch(request: object, handler: object): void
}

describe('HTTP clients: fetch', () => {
  let fixture: ClientFixture
  beforeEach(() => {
    fixture = new ClientFixture()
  })
  afterEach(() => fixture.end())

  it('counts methods and status codes, each request once, beside those of node:http', async () => {
    const metrics = fixture.service()
    const origin = await fixture.listen((request, response) => {
      response.statusCode = Number(request.url?.slice(1))
      response.end(request.method === 'HEAD' ? undefined : 'body')
    })
    await text(`${origin}/200`)
    await text(`${origin}/200`, { method: 'HEAD' })
    await text(`${origin}/201`, { method: 'POST', body: 'body' })
    await text(`${origin}/204`)
    await text(`${origin}/304`)
    await text(`${origin}/404`)
    await text(`${origin}/500`, { method: 'PATCH' })
    await text(`${origin}/200`, { method: 'BREW' })
    await send(`${origin}/200`)
    expect(await sent(metrics, 9, { [hostOf(origin)]: 'server' })).to.deep.equal({
      requests: {
        'GET server 200': 2,
        'HEAD server 200': 1,
        'POST server 201': 1,
        'GET server 204': 1,
        'GET server 304': 1,
        'GET server 404': 1,
        'PATCH server 500': 1,
        // Node.js's own servers do not know the method.
        '_OTHER server 400': 1,
      },
      failures: {},
    })
  })

  it('counts what a proxy passes on under the host that it is for', async () => {
    const seen: string[] = []
    const metrics = fixture.service({ ignore: ['ignored.test'] })
    const proxy = await fixture.listen((request, response) => {
      seen.push(`${request.url}`)
      response.end('by the proxy')
    })
    await text(`${proxy}/`)
    // What undici's own agents for proxies do without a tunnel.
    const { [Symbol.for('undici.globalDispatcher.1')]: dispatcher } = globalThis as unknown as Record<
      symbol,
      Dispatcher
    >
    for (const url of ['http://target.test:81/path?query', 'http://Target.test', 'http://ignored.test/']) {
      await new Promise<void>((resolve) =>
        dispatcher?.dispatch(
          { origin: proxy, method: 'GET', path: url },
          { onConnect() {}, onHeaders: () => true, onData: () => true, onComplete: () => resolve(), onError: resolve },
        ),
      )
    }
    expect(seen).to.have.length(4)
    expect(await sent(metrics, 3, { [hostOf(proxy)]: 'proxy' })).to.deep.equal({
      requests: { 'GET proxy 200': 1, 'GET target.test:81 200': 1, 'GET target.test 200': 1 },
      failures: {},
    })
  })

  it('counts each step of a redirect, and takes no 1xx for an answer', async () => {
    const metrics = fixture.service()
    const second = await fixture.listen((_request, response) => {
      response.writeProcessing()
      response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => response.end('body'))
    })
    const first = await fixture.listen((_request, response) => response.writeHead(302, { location: second }).end())
    await text(first)
    expect(await sent(metrics, 2, { [hostOf(first)]: 'first', [hostOf(second)]: 'second' })).to.deep.equal({
      requests: { 'GET first 302': 1, 'GET second 200': 1 },
      failures: {},
    })
  })

  it('counts what no response comes to as "(none)", with the class of its error', async () => {
    const metrics = fixture.service()
    const closed = await closedOrigin()
    const origin = await fixture.listen((request, response) => {
      if (request.url === '/close') request.socket.destroy()
      if (request.url === '/hints') response.writeProcessing(() => request.socket.destroy())
    })
    for (const url of [closed, 'http://no-such-host.invalid/', `${origin}/close`, `${origin}/hints`])
      expect(await isRejected(fetch(url)), url).to.equal(true)
    const { requests, failures } = await sent(metrics, 4, { [hostOf(closed)]: 'closed', [hostOf(origin)]: 'server' })
    expect(requests).to.deep.equal({
      'GET closed (none)': 1,
      'GET no-such-host.invalid (none)': 1,
      'GET server (none)': 2,
    })
    const classes = Object.entries(failures).map(([key, value]) => [
      key.replace(/ (ENOTFOUND|EAI_AGAIN)$/, ' DNS'),
      value,
    ])
    expect(Object.fromEntries(classes)).to.deep.equal({
      'GET closed ECONNREFUSED': 1,
      'GET no-such-host.invalid DNS': 1,
      'GET server UND_ERR_SOCKET': 2,
    })
  })

  it('tells what the application gave up from what broke', async () => {
    const metrics = fixture.service()
    let arrived = () => {}
    const origin = await fixture.listen((request, response) => {
      arrived()
      if (request.url === '/body') response.write('the beginning')
      if (request.url === '/breaks') response.write('the beginning', () => response.destroy())
    })
    class Impatience extends Error {}
    for (const reason of [new Impatience(), 'changed my mind', new DOMException('too slow', 'TimeoutError')]) {
      const { signal, abort } = controller()
      const arrival = new Promise<void>((resolve) => {
        arrived = resolve
      })
      const held = fetch(origin, { signal })
      await arrival
      abort(reason)
      expect(await isRejected(held)).to.equal(true)
    }
    const { signal, abort } = controller()
    const timed = await fetch(`${origin}/body`, { signal })
    abort(new DOMException('too slow', 'TimeoutError'))
    expect(await isRejected(timed.text())).to.equal(true)
    await (await fetch(`${origin}/body`)).body?.cancel()
    expect(await isRejected(text(`${origin}/breaks`))).to.equal(true)
    expect(await sent(metrics, 6, { [hostOf(origin)]: 'server' })).to.deep.equal({
      requests: { 'GET server 200': 3, 'GET server (none)': 3 },
      failures: {
        'GET server AbortError': 1,
        'GET server Impatience': 1,
        'GET server TimeoutError': 2,
        'GET server UND_ERR_SOCKET': 1,
        'GET server string': 1,
      },
    })
  })

  it('sends nothing, and counts nothing, where the signal was aborted before or the URL cannot be', async () => {
    const metrics = fixture.service()
    const origin = await fixture.listen((_request, response) => response.end())
    expect(await isRejected(fetch(origin, { signal: AbortSignal.abort() }))).to.equal(true)
    expect(await isRejected(fetch('http://127.0.0.1:6000/'))).to.equal(true)
    expect(await isRejected(fetch('data:text/plain,here'))).to.equal(false)
    await text(origin)
    expect((await sent(metrics, 1, { [hostOf(origin)]: 'server' })).requests).to.deep.equal({ 'GET server 200': 1 })
  })

  it('counts a body that cannot be sent as a failure', async () => {
    const metrics = fixture.service()
    const origin = await fixture.listen((request, response) => request.resume().on('end', () => response.end()))
    class Spilt extends Error {}
    const body = new ReadableStream({
      pull(controller) {
        controller.error(new Spilt())
      },
    })
    const options = { method: 'POST', body, duplex: 'half' } as const
    expect(await isRejected(fetch(origin, options))).to.equal(true)
    expect(await sent(metrics, 1, { [hostOf(origin)]: 'server' })).to.deep.equal({
      requests: { 'POST server (none)': 1 },
      failures: { 'POST server Spilt': 1 },
    })
  })

  it('counts a WebSocket when it is open, or refused', async () => {
    const metrics = fixture.service()
    const { createHash } = await import('node:crypto')
    const server = createServer()
    const origin = await fixture.started(server)
    server.on('upgrade', (request, socket) => {
      socket.on('error', () => {})
      if (request.url === '/refused') {
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
        return
      }
      const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
      const accept = createHash('sha1').update(key).digest('base64')
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
      fixture.atEnd(() => socket.destroy())
    })
    const opened = async (path: string) => {
      const socket = new WebSocket(origin.replace('http', 'ws') + path)
      return await new Promise<boolean>((resolve) => {
        socket.onopen = () => resolve(true)
        socket.onerror = () => resolve(false)
      })
    }
    expect(await opened('/')).to.equal(true)
    expect(await opened('/refused')).to.equal(false)
    expect((await sent(metrics, 2, { [hostOf(origin)]: 'server' })).requests).to.deep.equal({
      'GET server 101': 1,
      'GET server 403': 1,
    })
  })

  it('counts when the response has been read, not before', async () => {
    const metrics = fixture.service()
    let finish = () => {}
    const origin = await fixture.listen((_request, response) => {
      response.write('the beginning')
      finish = () => response.end('the end')
    })
    const response = await fetch(origin)
    expect((await sentOf(metrics)).requests).to.deep.equal({})
    finish()
    expect(await response.text()).to.equal('the beginningthe end')
    expect((await sent(metrics, 1, { [hostOf(origin)]: 'server' })).requests).to.deep.equal({ 'GET server 200': 1 })
  })
})
