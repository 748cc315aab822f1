import { expect } from 'chai'
import { install, run } from './project'

const setUp = `
  const http = require('node:http')
  const express = require('express')
  const { initMetrics } = require('meterkit')
  const { listening, get, print } = require('./programs/spans.cjs')`

describe("the engine 'opentelemetry' and what is no request of the application", () => {
  before(() => install())

  it('makes no spans of scrapes: of the own server, of a handler of any framework, under whatever path', () => {
    const { counts, spans } = run(`
      require('./programs/start-bare.cjs')
      ${setUp}
      const metrics = initMetrics({ prometheus: { port: 0 } })
      async function main() {
        const { url } = await metrics.ready()
        const app = express()
        app.use('/internal', express.Router().get('/metrics', metrics.handler()))
        app.get('/', (_request, response) => response.send('home'))
        const front = await listening(http.createServer(app))
        const alone = await listening(http.createServer(metrics.handler()))
        for (const scraped of [url, front + '/internal/metrics', front + '/internal/metrics', alone]) {
          const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
          await (await fetch(scraped, { headers: { traceparent } })).text()
        }
        await get(front + '/')
        await print(metrics, 1)
      }
      main()`)
    expect(counts).to.deep.equal(['http_requests_total{method="GET",path="/",status_code="200"} 1'])
    // The scrapes carry a trace already, so that there are no spans of having sent them either.
    expect(spans.map(({ kind, path }) => [kind, new URL(path, 'http://front').pathname]).sort()).to.deep.equal([
      [1, '/'],
      [2, '/'],
    ])
  })

  it('makes no spans of pushes: by OTLP, to a Pushgateway, by remote write', () => {
    const { counts, spans } = run(`
      require('./programs/start-bare.cjs')
      ${setUp}
      const receiver = http.createServer((request, response) => {
        request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
      })
      async function main() {
        const url = await listening(receiver)
        const metrics = initMetrics({
          serviceName: 'orders',
          exporters: ['otlp'],
          otlp: { endpoint: url + '/v1/metrics', protocol: 'http/json' },
          http: { ignore: () => true },
        })
        await new Promise((resolve) => setImmediate(resolve))
        await metrics.flush()
        await metrics.push({ url })
        await metrics.push({ to: 'remote-write', url: url + '/api/v1/write' })
        await print(metrics, 0)
      }
      main()`)
    expect(counts).to.deep.equal([])
    // Of the server, which stands for another process.
    expect(spans.map(({ kind, path }) => `${kind} ${path}`).sort()).to.deep.equal([
      '1 /api/v1/write',
      '1 /metrics/job/orders',
      '1 /v1/metrics',
    ])
  })
})
