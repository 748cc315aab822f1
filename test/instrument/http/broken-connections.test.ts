import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { expect } from 'chai'
import { ask, counted, Fixture, inFlight, inFlightOf, requestsOf } from './support'

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`

describe('HTTP: connections that do not end as they should', () => {
  let fixture: Fixture
  beforeEach(() => {
    fixture = new Fixture()
  })
  afterEach(() => fixture.end())

  it('counts a request whose client left before an answer as 499', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen(() => {})
    const socket = await fixture.socket(server)
    socket.write(GET('/slow'))
    await inFlight(metrics, 1)
    socket.destroy()
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /slow 499': 1 })
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0 })
  })

  it('counts a request whose client reset the connection within the answer as 499', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((_request, response) => {
      response.writeHead(200)
      response.write('some of it')
    })
    const socket = await fixture.socket(server)
    socket.write(GET('/stream'))
    await once(socket, 'data')
    socket.resetAndDestroy()
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /stream 499': 1 })
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0 })
  })

  it('counts a request whose client left within its own body as 499', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((request, response) => request.resume().on('end', () => response.end()))
    const socket = await fixture.socket(server)
    socket.write('POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
    await inFlight(metrics, 1)
    socket.destroy()
    expect(await counted(metrics, 1)).to.deep.equal({ 'POST /upload 499': 1 })
  })

  it('keeps a long stream in flight and counts it as what it ended with', async () => {
    const metrics = fixture.service()
    let stream: ServerResponse | undefined
    const server = await fixture.listen((_request, response) => {
      stream = response.writeHead(200, { 'content-type': 'text/event-stream' })
      stream.write('data: 1\n\n')
    })
    const socket = await fixture.socket(server)
    socket.write(GET('/events'))
    await once(socket, 'data')
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 1 })
    expect(await requestsOf(metrics)).to.deep.equal({})
    stream?.end()
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /events 200': 1 })
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0 })
  })

  it('ends requests that the server destroys or lets time out', async () => {
    const metrics = fixture.service()
    const server = createServer((request, response) => {
      if (request.url === '/destroyed') response.destroy()
      if (request.url === '/socket') request.socket.destroy()
      // That of the server, from now on.
      if (request.url === '/silent') request.socket.setTimeout(20)
    })
    await fixture.started(server)
    for (const path of ['/destroyed', '/socket', '/silent']) {
      const socket = await fixture.socket(server)
      socket.write(GET(path))
      // A reset is as good as an end here.
      await new Promise((resolve) => socket.resume().once('close', resolve))
    }
    expect(await counted(metrics, 3)).to.deep.equal({
      'GET /destroyed 499': 1,
      'GET /socket 499': 1,
      'GET /silent 499': 1,
    })
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0 })
  })

  it('ends a request whose handler throws once its connection closes', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen(() => {
      throw new Error('a handler that throws')
    })
    const runnerListeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const thrown = once(process, 'uncaughtException')
    fixture.atEnd(() => {
      for (const listener of runnerListeners) process.on('uncaughtException', listener)
    })
    const socket = await fixture.socket(server)
    socket.write(GET('/throws'))
    const [error] = (await thrown) as [Error]
    expect(error.message).to.equal('a handler that throws')
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 1 })
    socket.destroy()
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /throws 499': 1 })
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0 })
  })

  it('counts pipelined requests each once', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((request, response) => {
      // The later ones are done first, and wait for the first.
      if (request.url === '/first') setImmediate(() => response.end('last'))
      else response.end('soon')
    })
    const socket = await fixture.socket(server)
    socket.write(
      GET('/first') + GET('/second').repeat(20) + GET('/close').replace('x\r\n', 'x\r\nConnection: close\r\n'),
    )
    await once(socket.resume(), 'close')
    expect(await counted(metrics, 22)).to.deep.equal({
      'GET /first 200': 1,
      'GET /second 200': 20,
      'GET /close 200': 1,
    })
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0 })
  })

  it('ends pipelined requests whose client left while they waited for their turn', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((request, response) => {
      if (request.url === '/done') response.end('done')
    })
    const socket = await fixture.socket(server)
    socket.write(GET('/stuck') + GET('/done') + GET('/waiting').repeat(15))
    await inFlight(metrics, 17)
    socket.destroy()
    expect(await counted(metrics, 17)).to.deep.equal({
      'GET /stuck 499': 1,
      'GET /done 499': 1,
      'GET /waiting 499': 15,
    })
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0 })
  })

  it('sets one listener on a socket that pipelines, and none on another', async () => {
    fixture.service()
    const listeners: number[] = []
    const server = await fixture.listen((request, response) => {
      listeners.push(request.socket.listenerCount('close'))
      response.end('ok')
    })
    const socket = await fixture.socket(server)
    const paired = async (requests: number) => {
      listeners.length = 0
      socket.write(GET('/').repeat(requests))
      for (let answers = 0; answers < requests; ) {
        const [data] = (await once(socket, 'data')) as [Buffer]
        answers += data.toString().split('HTTP/1.1 200').length - 1
      }
      return [...listeners]
    }
    const [alone] = await paired(1)
    expect(await paired(1)).to.deep.equal([alone])
    expect(await paired(30)).to.include.members([alone, (alone ?? 0) + 1])
    expect(Math.max(...(await paired(30)))).to.equal((alone ?? 0) + 1)
  })

  it('counts upgrades and tunnels as what they were answered with, and has them in flight until then', async () => {
    const metrics = fixture.service()
    const server = createServer((_request, response) => response.end())
    server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
    server.on('connect', (_request, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
    await fixture.started(server)
    for (const start of ['GET /chat', 'CONNECT example.org:443']) {
      const socket = await fixture.socket(server)
      socket.write(`${start} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
      await once(socket.resume(), 'close')
    }
    await ask(server, 'GET', '/')
    expect(await counted(metrics, 3)).to.deep.equal({
      'CONNECT (other) 200': 1,
      'GET / 200': 1,
      'GET /chat 101': 1,
    })
    expect(await inFlightOf(metrics)).to.deep.equal({ CONNECT: 0, GET: 0 })
  })

  it('counts an upgrade that nobody takes, and one that a handler answers itself', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((request, response) => {
      response.writeHead(request.url === '/chat' ? 101 : 200, { connection: 'close' }).end()
    })
    for (const path of ['/chat', '/plain']) {
      const socket = await fixture.socket(server)
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
      await once(socket.resume(), 'close')
    }
    expect(await counted(metrics, 2)).to.deep.equal({ 'GET /chat 101': 1, 'GET /plain 200': 1 })
  })
})
