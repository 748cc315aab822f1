import { expect } from 'chai'
import { install, run } from './project'

const setUp = `
  const http = require('node:http')
  const { initMetrics } = require('meterkit')
  const { listening, get, print } = require('./programs/spans.cjs')
  const metrics = initMetrics({ prometheus: { port: 0 }, logger: false })`

const count = (path: string, status: number) =>
  `http_requests_total{method="GET",path="${path}",status_code="${status}"} 1`

describe('the routes that tracing finds', () => {
  before(() => install())

  const connect = `
    ${setUp}
    const app = require('connect')()
    app.use((_request, _response, next) => next())
    app.use('/users', (_request, response) => response.end('user'))
    async function main() {
      const url = await listening(http.createServer(app))
      for (const path of ['/users/7', '/users/8/orders', '/nowhere/7']) await get(url + path)
      await print(metrics, 3)
    }
    main()`

  it("are paths of a server without a known framework: by an instrumentation of connect's, with either engine", () => {
    for (const instrumentations of [
      '[new ConnectInstrumentation()]',
      '[new HttpInstrumentation(), new ConnectInstrumentation()]',
    ]) {
      const { counts, exemplars, spans } = run(`
        const { ConnectInstrumentation } = require('@opentelemetry/instrumentation-connect')
        const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
        require('./programs/sdk.cjs').startSdk({ instrumentations: ${instrumentations} })
        ${connect}`)
      expect([...counts].sort()).to.deep.equal([
        count('(unmatched)', 404),
        'http_requests_total{method="GET",path="/users",status_code="200"} 2',
      ])
      const servers = spans.filter(({ kind }) => kind === 1)
      expect(servers).to.have.lengthOf(3)
      for (const line of exemplars) {
        const [, traceId, spanId] = /trace_id="(.*)",span_id="(.*)"/.exec(line) ?? []
        expect(
          servers.some((span) => span.traceId === traceId && span.spanId === spanId),
          line,
        ).to.equal(true)
      }
      expect(exemplars).not.to.be.empty
    }
  })

  it('are what the application says by setRPCMetadata, whoever makes the spans', () => {
    for (const start of ['start-bare', 'start-sdk']) {
      const { counts } = run(`
        require('./programs/${start}.cjs')
        ${setUp}
        const { context } = require('@opentelemetry/api')
        const { getRPCMetadata } = require('@opentelemetry/core')
        async function main() {
          const url = await listening(http.createServer((request, response) => {
            if (request.url.startsWith('/orders/')) getRPCMetadata(context.active()).route = '/orders/{order}'
            response.end()
          }))
          for (const path of ['/orders/a', '/plain/7']) await get(url + path)
          await print(metrics, 2)
        }
        main()`)
      expect([...counts].sort()).to.deep.equal([count('/orders/{order}', 200), count('/plain/:id', 200)])
    }
  })

  it('are not looked for where the application does not trace', () => {
    expect([...run(`globalThis.finishedSpans = () => []\n${connect}`).counts].sort()).to.deep.equal([
      count('(unmatched)', 404),
      count('/users/:id', 200),
      count('/users/:id/orders', 200),
    ])
  })
})
