import { once } from 'node:events'
import { createServer, request as sendRequest } from 'node:http'
import { expect } from 'chai'
import { ask, counted, Fixture, inFlight, inFlightOf } from './support'

/** The connection's end, whether it is an orderly one or not. */
const closed = (socket: { resume(): { once(event: 'close', listener: () => void): unknown } }) =>
  new Promise<void>((resolve) => socket.resume().once('close', resolve))

describe('HTTP: what a request ends with', () => {
  let fixture: Fixture
  let metrics: ReturnType<Fixture['service']>
  beforeEach(() => {
    fixture = new Fixture()
    metrics = fixture.service()
  })
  afterEach(async () => {
    expect(Object.values(await inFlightOf(metrics)).filter((value) => value !== 0)).to.deep.equal([])
    expect(fixture.errors).to.deep.equal([])
    await fixture.end()
  })

  it('is 408 where the server gave up on the body, as Node.js answers', async () => {
    const server = createServer({ requestTimeout: 50, connectionsCheckingInterval: 10 }, (request) => request.resume())
    await fixture.started(server)
    const socket = await fixture.socket(server)
    socket.write('POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    await closed(socket)
    expect(answer.toString()).to.match(/^HTTP\/1.1 408 /)
    expect(await counted(metrics, 1)).to.deep.equal({ 'POST /upload 408': 1 })
  })

  it('is 400 where the body is malformed', async () => {
    const server = await fixture.listen((request) => request.on('error', () => {}).resume())
    const socket = await fixture.socket(server)
    socket.write('POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
    await inFlight(metrics, 1)
    socket.write('not a size\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    await closed(socket)
    expect(answer.toString()).to.match(/^HTTP\/1.1 400 /)
    expect(await counted(metrics, 1)).to.deep.equal({ 'POST /upload 400': 1 })
  })

  it('is the final status, after early hints and an invitation to continue', async () => {
    const server = await fixture.listen((request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      response.writeProcessing()
      request.resume().on('end', () => response.writeHead(201).end())
    })
    const answer = await ask(server, 'POST', '/things', 'body', { expect: '100-continue' })
    expect(answer.status).to.equal(201)
    expect(await counted(metrics, 1)).to.deep.equal({ 'POST /things 201': 1 })
  })

  it('counts what a listener to checkContinue refuses, and an expectation that cannot be met', async () => {
    const server = await fixture.listen((_request, response) => response.end())
    server.on('checkContinue', (_request, response) => response.writeHead(413, { connection: 'close' }).end())
    expect((await ask(server, 'POST', '/large', '', { expect: '100-continue' })).status).to.equal(413)
    expect((await ask(server, 'POST', '/odd', '', { expect: 'miracles' })).status).to.equal(417)
    expect(await counted(metrics, 2)).to.deep.equal({ 'POST /large 413': 1, 'POST /odd 417': 1 })
  })

  it('counts an answer that came before the body was read, and the next request of the connection', async () => {
    const server = await fixture.listen((_request, response) => response.writeHead(202).end('early'))
    const socket = await fixture.socket(server)
    socket.write('POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n')
    await once(socket, 'data')
    expect(await counted(metrics, 1)).to.deep.equal({ 'POST /early 202': 1 })
    socket.write('bytesGET /next HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await counted(metrics, 2)).to.deep.equal({ 'POST /early 202': 1, 'GET /next 202': 1 })
  })

  it('is the status that was sent, whatever a later handler writes to it', async () => {
    const server = await fixture.listen((_request, response) => {
      response.writeHead(201).end('made')
      response.statusCode = 404
    })
    expect((await ask(server, 'PUT', '/things/1')).status).to.equal(201)
    expect(await counted(metrics, 1)).to.deep.equal({ 'PUT /things/:id 201': 1 })
  })

  it('is the status that was sent where the client knew that it had all, and left before the application ended it', async () => {
    const server = await fixture.listen((request, response) => {
      response.writeHead(200, { 'content-length': request.url === '/whole' ? 5 : 6 })
      response.write('bytes')
    })
    for (const path of ['/whole', '/part']) {
      const socket = await fixture.socket(server)
      let answer = ''
      socket.on('data', (data) => {
        answer += data
        if (answer.endsWith('bytes')) socket.destroy()
      })
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
      await once(socket, 'close')
    }
    expect(await counted(metrics, 2)).to.deep.equal({ 'GET /whole 200': 1, 'GET /part 499': 1 })
  })

  it('is 499 where the client left within an answer that was all handed over and not all sent', async () => {
    const size = 30_000_000
    const server = await fixture.listen((request, response) => {
      response.writeHead(200, { 'content-length': size })
      if (request.url === '/written') response.write(Buffer.alloc(size))
      else response.end(Buffer.alloc(size))
    })
    for (const path of ['/written', '/ended']) {
      const socket = await fixture.socket(server)
      socket.once('data', () => socket.destroy())
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
    }
    expect(await counted(metrics, 2)).to.deep.equal({ 'GET /written 499': 1, 'GET /ended 499': 1 })
  })

  it('is what the client was sent, where something that is no request came right behind', async () => {
    const server = await fixture.listen((request, response) => {
      if (request.url === '/at-once') response.end('answer')
      else if (request.url === '/large') response.end(Buffer.alloc(30_000_000))
      else queueMicrotask(() => response.end('answer'))
    })
    const answers: string[] = []
    for (const path of ['/at-once', '/large', '/later']) {
      const socket = await fixture.socket(server)
      socket.once('data', (data) => path !== '/large' && answers.push(String(data).slice(9, 12)))
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\nno request\r\n\r\n`)
      await closed(socket)
    }
    expect(answers).to.deep.equal(['200', '400'])
    expect(await counted(metrics, 3)).to.deep.equal({ 'GET /at-once 200': 1, 'GET /large 499': 1, 'GET /later 400': 1 })
  })

  it('counts a connection that may not ask any more as 503', async () => {
    const server = createServer((_request, response) => response.end())
    server.maxRequestsPerSocket = 1
    await fixture.started(server)
    const socket = await fixture.socket(server)
    socket.resume().write('GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await counted(metrics, 2)).to.deep.equal({ 'GET /a 200': 1, 'GET /b 503': 1 })
  })

  describe('where the protocol changes', () => {
    const upgrade = (path: string) =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`

    it('is 101 with the first line that the application writes, and not when the connection ends', async () => {
      const server = createServer()
      server.on('upgrade', (_request, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
      await fixture.started(server)
      const socket = await fixture.socket(server)
      socket.write(upgrade('/rooms/7'))
      await once(socket, 'data')
      expect(await counted(metrics, 1)).to.deep.equal({ 'GET /rooms/:id 101': 1 })
      expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0 })
      socket.write('frames')
      socket.destroy()
    })

    it('is what a refusal says, in text or in bytes', async () => {
      const server = createServer()
      server.on('upgrade', ({ url }, socket) => {
        const refusal = 'HTTP/1.1 401 Unauthorized\r\n\r\n'
        socket.end(url === '/text' ? refusal : Buffer.from(refusal))
      })
      await fixture.started(server)
      for (const path of ['/text', '/bytes']) {
        const socket = await fixture.socket(server)
        socket.write(upgrade(path))
        await closed(socket)
      }
      expect(await counted(metrics, 2)).to.deep.equal({ 'GET /text 401': 1, 'GET /bytes 401': 1 })
    })

    it('is what the first line says that is written in pieces', async () => {
      const server = createServer()
      server.on('upgrade', (_request, socket) => {
        for (const piece of ['HTTP', '', Buffer.from('/1.1 1')]) socket.write(piece)
        socket.end('01 Switching Protocols\r\n\r\n')
      })
      await fixture.started(server)
      const socket = await fixture.socket(server)
      socket.write(upgrade('/pieces'))
      await closed(socket)
      expect(await counted(metrics, 1)).to.deep.equal({ 'GET /pieces 101': 1 })
    })

    it('is in flight while nobody has answered, and 499 where nobody does', async () => {
      const server = createServer()
      server.on('upgrade', (_request, socket) => socket.on('error', () => {}).resume())
      await fixture.started(server)
      const socket = await fixture.socket(server)
      socket.write(upgrade('/silent'))
      await inFlight(metrics, 1)
      socket.resetAndDestroy()
      expect(await counted(metrics, 1)).to.deep.equal({ 'GET /silent 499': 1 })
    })

    it('is counted on a connection that has had requests before', async () => {
      const server = createServer((_request, response) => response.end('first'))
      server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
      await fixture.started(server)
      const socket = await fixture.socket(server)
      socket.write('GET /first HTTP/1.1\r\nHost: x\r\n\r\n')
      await once(socket, 'data')
      socket.write(upgrade('/then'))
      await closed(socket)
      expect(await counted(metrics, 2)).to.deep.equal({ 'GET /first 200': 1, 'GET /then 101': 1 })
    })

    it('leaves the server and the socket as they were', async () => {
      const server = createServer()
      let own: readonly string[] = []
      server.on('upgrade', (_request, socket) => {
        socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n')
        own = Object.getOwnPropertyNames(socket).filter((name) => name === 'write' || name === 'end')
      })
      await fixture.started(server)
      const socket = await fixture.socket(server)
      socket.write(upgrade('/once'))
      await closed(socket)
      metrics.http.stop()
      expect(own).to.deep.equal([])
      expect(Object.hasOwn(server, 'emit')).to.equal(false)
    })

    it('does not make an upgrade of what the application answers as a request', async () => {
      const server = await fixture.listen((_request, response) => response.end('plain'))
      const request = sendRequest({
        port: (server.address() as { port: number }).port,
        path: '/plain',
        headers: { connection: 'Upgrade', upgrade: 'websocket' },
      })
      request.end()
      const [response] = await once(request, 'response')
      response.resume()
      expect(await counted(metrics, 1)).to.deep.equal({ 'GET /plain 200': 1 })
      request.destroy()
    })
  })
})
