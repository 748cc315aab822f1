import { once } from 'node:events'
import type { ClientHttp2Session, Http2Server } from 'node:http2'
import { connect, constants, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import fastify from 'fastify'
import { counted, Fixture, inFlight, inFlightOf } from './support'

describe('HTTP: HTTP/2', () => {
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

  async function session(server: Http2Server): Promise<ClientHttp2Session> {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    client.on('error', () => {})
    fixture.atEnd(() => {
      client.destroy()
      server.close()
    })
    return client
  }

  async function ask(client: ClientHttp2Session, path: string, method = 'GET'): Promise<number> {
    const stream = client.request({ ':path': path, ':method': method })
    const [headers] = await once(stream, 'response')
    stream.resume()
    await once(stream, 'close')
    return headers[':status']
  }

  it('counts handlers of requests', async () => {
    const client = await session(
      createServer((request, response) => response.writeHead(request.url === '/none' ? 404 : 200).end('ok')),
    )
    expect([await ask(client, '/users/7'), await ask(client, '/none'), await ask(client, '/users/8', 'HEAD')]) //
      .to.deep.equal([200, 404, 200])
    expect(await counted(metrics, 3)).to.deep.equal({
      'GET /users/:id 200': 1,
      'GET (unmatched) 404': 1,
      'HEAD /users/:id 200': 1,
    })
  })

  it('counts handlers of streams, and makes no requests of them', async () => {
    const server = createServer()
    server.on('stream', (stream, headers) => {
      stream.respond(
        { ':status': headers[':path'] === '/empty' ? 204 : 201 },
        { endStream: headers[':path'] === '/empty' },
      )
      if (headers[':path'] !== '/empty') stream.end('made')
    })
    const client = await session(server)
    expect([await ask(client, '/things', 'POST'), await ask(client, '/empty')]).to.deep.equal([201, 204])
    expect(await counted(metrics, 2)).to.deep.equal({ 'POST /things 201': 1, 'GET /empty 204': 1 })
    expect([server.listenerCount('request'), server.listenerCount('stream')]).to.deep.equal([0, 1])
  })

  it('counts streams of one connection that are open at the same time', async () => {
    const held: (() => void)[] = []
    const client = await session(createServer((_request, response) => held.push(() => response.end('late'))))
    const answers = [ask(client, '/a'), ask(client, '/b'), ask(client, '/c')]
    await inFlight(metrics, 3)
    for (const end of held.reverse()) end()
    await Promise.all(answers)
    expect(await counted(metrics, 3)).to.deep.equal({ 'GET /a 200': 1, 'GET /b 200': 1, 'GET /c 200': 1 })
  })

  it('counts a stream that the client has reset, before an answer and within one, as 499', async () => {
    const client = await session(
      createServer((request, response) => {
        if (request.url === '/stream') response.write('some of it')
      }),
    )
    const silent = client.request({ ':path': '/silent' }).on('error', () => {})
    await inFlight(metrics, 1)
    silent.close(constants.NGHTTP2_CANCEL)
    const stream = client.request({ ':path': '/stream' }).on('error', () => {})
    await once(stream, 'data')
    stream.close(constants.NGHTTP2_CANCEL)
    expect(await counted(metrics, 2)).to.deep.equal({ 'GET /silent 499': 1, 'GET /stream 499': 1 })
  })

  it('counts what was answered when the request was read, and what was reset within that answer', async () => {
    const server = createServer()
    server.on('stream', (stream, { ':path': path }) => {
      stream.on('error', () => {}).resume()
      stream.on('end', () => {
        stream.respond({ ':status': 201 })
        stream.end(path === '/large' ? Buffer.alloc(5_000_000) : 'made')
      })
    })
    const client = await session(server)
    const sent = client.request({ ':path': '/things', ':method': 'POST' }).resume()
    sent.end('body')
    await once(sent, 'close')
    expect(await ask(client, '/things')).to.equal(201)
    const large = client.request({ ':path': '/large', ':method': 'POST' }).on('error', () => {})
    large.end('body')
    await once(large, 'data')
    large.close(constants.NGHTTP2_CANCEL)
    expect(await counted(metrics, 3)).to.deep.equal({
      'POST /things 201': 1,
      'GET /things 201': 1,
      'POST /large 499': 1,
    })
  })

  it('counts what is open when the connection is lost as 499', async () => {
    const client = await session(createServer(() => {}))
    const streams = [client.request({ ':path': '/a' }), client.request({ ':path': '/b' })]
    for (const stream of streams) stream.on('error', () => {})
    await inFlight(metrics, 2)
    client.destroy()
    expect(await counted(metrics, 2)).to.deep.equal({ 'GET /a 499': 1, 'GET /b 499': 1 })
  })

  it('finds the route of a framework', async () => {
    const app = fastify({ http2: true })
    app.get('/users/:user', async () => 'ok')
    await app.ready()
    const client = await session(app.server as unknown as Http2Server)
    expect([await ask(client, '/users/ann'), await ask(client, '/none')]).to.deep.equal([200, 404])
    expect(await counted(metrics, 2)).to.deep.equal({ 'GET /users/:user 200': 1, 'GET (unmatched) 404': 1 })
  })

  it('lets services measure beside each other, and lets go', async () => {
    const other = fixture.service()
    const server = createServer((_request, response) => response.end())
    const client = await session(server)
    await ask(client, '/both')
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /both 200': 1 })
    expect(await counted(other, 1)).to.deep.equal({ 'GET /both 200': 1 })
    other.http.stop()
    await ask(client, '/both')
    expect(await counted(metrics, 2)).to.deep.equal({ 'GET /both 200': 2 })
    metrics.http.stop()
    expect(Object.hasOwn(server, 'emit')).to.equal(false)
  })
})
