import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type Context, context, createContextKey, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { expect } from 'chai'
import { ask, counted, Fixture } from './support'

const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA')

describe('HTTP: the route that whoever traces has found', () => {
  let fixture: Fixture
  beforeEach(() => {
    fixture = new Fixture()
    context.setGlobalContextManager(new AsyncLocalStorageContextManager())
    trace.setGlobalTracerProvider(new TracerProvider())
  })
  afterEach(async () => {
    await fixture.end()
    context.disable()
    trace.disable()
  })

  /** Does what OpenTelemetry's instrumentations of HTTP and of a framework do. */
  function routed(metadata: (request: IncomingMessage) => unknown, handler: RequestListener): RequestListener {
    return (request, response) => {
      const active = ROOT_CONTEXT.setValue(RPC_METADATA, metadata(request))
      context.with(active, () => {
        context.bind(active, response)
        handler(request, response)
      })
    }
  }

  it('is the path of a server without a known framework, be it known only when the request ends', async () => {
    const metrics = fixture.service({ route: ({ url }) => (url === '/named' ? '/by/option' : undefined) })
    const found: { type: string; route?: string } = { type: 'http' }
    const server = await fixture.listen(
      routed(
        () => found,
        (request, response) => {
          found.route = '/users/{id}'
          response.statusCode = request.url === '/missing' ? 404 : 200
          response.end()
        },
      ),
    )
    for (const path of ['/users/7', '/missing', '/named']) await ask(server, 'GET', path)
    expect(await counted(metrics, 3)).to.deep.equal({
      'GET /users/{id} 200': 1,
      // As of any route: whoever is asked for a user that is not there answers so.
      'GET /users/{id} 404': 1,
      'GET /by/option 200': 1,
    })
  })

  it('is none where nothing says so: what was measured without tracing stays as it is', async () => {
    const metrics = fixture.service()
    const values = [undefined, null, 'text', {}, { route: '' }, { route: 7 }]
    const server = await fixture.listen(
      routed(
        ({ url }) => values[Number(url?.slice(-1))],
        (request, response) => {
          response.statusCode = request.url?.startsWith('/missing') ? 404 : 200
          response.end()
        },
      ),
    )
    for (const at of values.keys()) await ask(server, 'GET', `/a/${at}`)
    await ask(server, 'GET', '/missing/0')
    expect(await counted(metrics, 7)).to.deep.equal({ 'GET /a/:id 200': 6, 'GET (unmatched) 404': 1 })
  })

  it('for every path has no path where it answers 404', async () => {
    const metrics = fixture.service()
    const handler = (_request: IncomingMessage, response: ServerResponse) => response.writeHead(404).end()
    await ask(await fixture.listen(routed(() => ({ route: '/*' }), handler)), 'GET', '/nowhere')
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET (unmatched) 404': 1 })
  })

  it('is not asked for where no tracer provider is registered', async () => {
    trace.disable()
    const metrics = fixture.service()
    const server = await fixture.listen(
      routed(
        () => ({ route: '/users/{id}' }),
        (_request, response) => response.end(),
      ),
    )
    await ask(server, 'GET', '/users/7')
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /users/:id 200': 1 })
  })

  it('costs no request its count where a context is none', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((_request, response) => {
      context.bind({} as Context, response)
      response.end()
    })
    await ask(server, 'GET', '/a')
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /a 200': 1 })
    expect(fixture.errors).to.deep.equal([])
  })
})
