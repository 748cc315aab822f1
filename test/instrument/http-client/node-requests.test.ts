import { once } from 'node:events'
import { Agent, get, type IncomingMessage, request as sendRequest } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import { expect } from 'chai'
import { ClientFixture, closedOrigin, hostOf, read, send, sent, sentOf } from './support'

async function faultOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => 'none',
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  )
}

describe('HTTP clients: node:http', () => {
  let fixture: ClientFixture
  beforeEach(() => {
    fixture = new ClientFixture()
  })
  afterEach(() => fixture.end())

  it('counts methods and status codes, on connections of their own and on kept ones', async () => {
    const metrics = fixture.service()
    const origin = await fixture.listen((request, response) => {
      response.statusCode = Number(request.url?.slice(1))
      response.end(request.method === 'HEAD' ? undefined : 'body')
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    fixture.atEnd(() => agent.destroy())
    let reused = 0
    for (const [method, path] of [
      ['GET', '/200'],
      ['HEAD', '/200'],
      ['POST', '/201'],
      ['GET', '/204'],
      ['GET', '/304'],
      ['DELETE', '/404'],
      ['PUT', '/503'],
    ] as const) {
      await send(origin + path, { method })
      const kept = sendRequest(origin + path, { method, agent }).end()
      await read(kept)
      if (kept.reusedSocket) reused++
    }
    expect(reused).to.be.greaterThan(3)
    expect(await sent(metrics, 14, { [hostOf(origin)]: 'server' })).to.deep.equal({
      requests: {
        'GET server 200': 2,
        'HEAD server 200': 2,
        'POST server 201': 2,
        'GET server 204': 2,
        'GET server 304': 2,
        'DELETE server 404': 2,
        'PUT server 503': 2,
      },
      failures: {},
    })
  })

  it('counts a redirect as the answer that it is, and takes no 1xx for one', async () => {
    const metrics = fixture.service()
    const origin = await fixture.listen((request, response) => {
      if (request.url === '/moved') response.writeHead(307, { location: '/' }).end()
      else {
        response.writeContinue()
        response.writeProcessing()
        response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => response.end('body'))
      }
    })
    await send(`${origin}/moved`)
    await send(`${origin}/`)
    await send(`${origin}/`, { method: 'POST', headers: { expect: '100-continue' }, body: 'body' })
    expect((await sent(metrics, 3, { [hostOf(origin)]: 'server' })).requests).to.deep.equal({
      'GET server 307': 1,
      'GET server 200': 1,
      'POST server 200': 1,
    })
  })

  it('counts what no response comes to as "(none)", with the class of its error', async () => {
    const metrics = fixture.service()
    const closed = await closedOrigin()
    const origin = await fixture.listen((request) => {
      if (request.url === '/reset') request.socket.resetAndDestroy()
      else if (request.url === '/close') request.socket.destroy()
    })
    const garbage = createTcpServer((socket) => socket.on('error', () => {}).end('not HTTP\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    )
    await once(garbage, 'listening')
    fixture.atEnd(() => garbage.close())
    const garbageHost = `127.0.0.1:${(garbage.address() as { port: number }).port}`

    expect(await faultOf(send(closed))).to.equal('ECONNREFUSED')
    expect(await faultOf(send('http://no-such-host.invalid/'))).to.match(/^(ENOTFOUND|EAI_AGAIN)$/)
    expect(await faultOf(send(`${origin}/reset`))).to.equal('ECONNRESET')
    expect(await faultOf(send(`${origin}/close`))).to.equal('ECONNRESET')
    expect(await faultOf(send(`http://${garbageHost}/`))).to.match(/^HPE_/)
    const names = { [hostOf(closed)]: 'closed', [hostOf(origin)]: 'server', [garbageHost]: 'garbage' }
    const { requests, failures } = await sent(metrics, 5, names)
    expect(requests).to.deep.equal({
      'GET closed (none)': 1,
      'GET no-such-host.invalid (none)': 1,
      'GET server (none)': 2,
      'GET garbage (none)': 1,
    })
    const classes = Object.entries(failures).map(([key, value]) => [
      key.replace(/ (ENOTFOUND|EAI_AGAIN)$/, ' DNS'),
      value,
    ])
    expect(Object.fromEntries(classes)).to.deep.equal({
      'GET closed ECONNREFUSED': 1,
      'GET no-such-host.invalid DNS': 1,
      'GET server ECONNRESET': 2,
      'GET garbage HPE_INVALID_CONSTANT': 1,
    })
  })

  it('tells what the application gave up from what broke', async () => {
    const metrics = fixture.service()
    const origin = await fixture.listen(() => {})
    class Impatience extends Error {}
    expect(await faultOf(send(origin, { signal: AbortSignal.timeout(20) }))).to.equal('ABORT_ERR')
    expect(await faultOf(send(origin, { signal: AbortSignal.abort() }))).to.equal('ABORT_ERR')
    const timed = sendRequest(origin, { agent: false, timeout: 20 }).end()
    timed.on('timeout', () => timed.destroy(new Impatience('too slow')))
    expect(await faultOf(read(timed))).to.equal('too slow')
    const unsent = sendRequest(origin, { agent: false })
    unsent.destroy()
    expect(await faultOf(read(unsent))).to.equal('ECONNRESET')
    expect(await sent(metrics, 4, { [hostOf(origin)]: 'server' })).to.deep.equal({
      requests: { 'GET server (none)': 4 },
      failures: { 'GET server AbortError': 2, 'GET server Impatience': 1, 'GET server ECONNRESET': 1 },
    })
  })

  it('counts a response that breaks off with its status code, and as a failure', async () => {
    const metrics = fixture.service()
    const origin = await fixture.listen((request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('the beginning', () => {
        if (request.url === '/breaks') response.destroy()
      })
    })
    const answer = async (path: string) => {
      const request = get(origin + path, { agent: false })
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      for (const message of [request, response]) message.on('error', () => {})
      return response
    }
    const broken = await answer('/breaks')
    broken.resume()
    await new Promise((resolve) => broken.on('close', resolve))
    expect(broken.complete).to.equal(false)
    const left = await answer('/left')
    left.destroy()
    class Enough extends Error {}
    const enough = await answer('/enough')
    enough.destroy(new Enough())
    expect(await sent(metrics, 3, { [hostOf(origin)]: 'server' })).to.deep.equal({
      requests: { 'GET server 200': 3 },
      failures: { 'GET server ECONNRESET': 1, 'GET server AbortError': 1, 'GET server Enough': 1 },
    })
  })

  it('counts an upgrade and a tunnel when they are made', async () => {
    const metrics = fixture.service()
    const { createServer } = await import('node:http')
    const server = createServer()
    const origin = await fixture.started(server)
    server.on('upgrade', (_request, socket) => {
      socket.on('error', () => {})
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n')
    })
    server.on('connect', (_request, socket) => {
      socket.on('error', () => {})
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    })
    const upgrade = { agent: false, headers: { connection: 'Upgrade', upgrade: 'echo' } }
    const upgraded = sendRequest(origin, upgrade).end()
    const [, socket] = await once(upgraded, 'upgrade')
    const tunnel = sendRequest(origin, { agent: false, method: 'CONNECT', path: 'example.com:443' }).end()
    const [, tunnelled] = await once(tunnel, 'connect')
    const unheard = sendRequest(origin, upgrade).end()
    await once(unheard, 'close')
    // From Node.js 26 on the Host header of CONNECT is the target's, so that nothing tells the proxy's port.
    const names = { [hostOf(origin)]: 'server', '127.0.0.1': 'server' }
    expect(await sent(metrics, 3, names)).to.deep.equal({
      requests: { 'GET server 101': 2, 'CONNECT server 200': 1 },
      failures: {},
    })
    socket.destroy()
    tunnelled.destroy()
  })

  it("counts a tunnel to the proxy's own machine under the proxy, where the Host header is the target's", async () => {
    const metrics = fixture.service()
    const { createServer } = await import('node:http')
    const proxy = createServer().on('connect', (_request, socket) => {
      socket.on('error', () => {}).end('HTTP/1.1 200 Connection Established\r\n\r\n')
    })
    const target = { path: '127.0.0.1:443', headers: { host: '127.0.0.1:443' } }
    const origin = await fixture.started(proxy)
    const [, tunnelled] = await once(
      sendRequest(origin, { agent: false, method: 'CONNECT', ...target }).end(),
      'connect',
    )
    tunnelled.destroy()
    expect((await sent(metrics, 1)).requests).to.deep.equal({ 'CONNECT 127.0.0.1 200': 1 })
  })

  it('counts when the response has been read, not before', async () => {
    const metrics = fixture.service()
    let finish = () => {}
    const origin = await fixture.listen((_request, response) => {
      response.write('the beginning')
      finish = () => response.end('the end')
    })
    const [response] = (await once(get(origin, { agent: false }), 'response')) as [IncomingMessage]
    response.resume()
    expect((await sentOf(metrics)).requests).to.deep.equal({})
    finish()
    await once(response, 'end')
    expect((await sent(metrics, 1, { [hostOf(origin)]: 'server' })).requests).to.deep.equal({ 'GET server 200': 1 })
  })

  it('counts an answer that comes before the request was sent whole', async () => {
    const metrics = fixture.service()
    const origin = await fixture.listen((_request, response) => response.writeHead(413, { connection: 'close' }).end())
    const request = sendRequest(origin, { method: 'POST', agent: false })
    request.on('error', () => {})
    request.write('the first part of many')
    await read(request)
    request.destroy()
    expect((await sent(metrics, 1, { [hostOf(origin)]: 'server' })).requests).to.deep.equal({ 'POST server 413': 1 })
  })

  it('leaves a request that nobody listens to as unhandled as it was', async () => {
    fixture.service()
    const origin = await fixture.listen((_request, response) => response.end())
    const request = sendRequest(origin, { agent: false })
    expect(request.listenerCount('error')).to.equal(0)
    expect(request.listenerCount('response')).to.equal(0)
    request.end()
    await read(request)
  })

  it('names the host that a request is sent to: with a port of its own, without credentials, not the Host header', async () => {
    const metrics = fixture.service()
    const server = createTcpServer((socket) => {
      socket
        .on('error', () => {})
        .on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    fixture.atEnd(() => server.close())
    const { port } = server.address() as { port: number }
    const createConnection = () => connect(port, '127.0.0.1')
    const via = (url: string, options: object = {}) => send(url, { createConnection, agent: undefined, ...options })
    await via('http://Example.COM:80/a')
    await via('http://user:secret@example.com./b')
    await via('http://example.com:8080/c')
    await via('http://[2001:DB8::1]:8080/d')
    await via('http://[2001:db8::1]/e')
    await via('http://bücher.example/f')
    await via('http://10.0.0.1/g', { headers: { host: 'virtual.example' } })
    await via('http://10.0.0.1:81/h', { headers: { host: '10.0.0.1.example:81' } })
    await via('http://10.0.0.1/i', { setHost: false, headers: ['Host', 'raw.example'] })
    expect((await sent(metrics, 9)).requests).to.deep.equal({
      'GET example.com 200': 2,
      'GET example.com:8080 200': 1,
      'GET [2001:db8::1]:8080 200': 1,
      'GET [2001:db8::1] 200': 1,
      'GET xn--bcher-kva.example 200': 1,
      'GET 10.0.0.1 200': 3,
    })
  })
})
