import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { type Certificates, makeCertificates } from '../optional/certificates'
import { install, run } from './project'

describe('requests of node:https', () => {
  let certificates: Certificates
  before(() => {
    install()
    certificates = makeCertificates()
  })
  after(() => certificates.remove())

  for (const [who, start] of [
    ["the engine 'opentelemetry'", 'start-bare'],
    ['the instrumentations of the application', 'start-sdk'],
  ] as const) {
    it(`are traced once by ${who}, however they are sent, and are sent as they were given`, () => {
      const { authority, server } = certificates
      const texts = [authority, server.certificate, server.key].map((path) => readFileSync(path, 'utf8'))
      const { counts, spans } = run(`
        require('./programs/${start}.cjs')
        const metrics = require('meterkit').initMetrics({ prometheus: { port: 0 }, logger: false })
        const https = require('node:https')
        const { print } = require('./programs/spans.cjs')
        const [ca, cert, key] = ${JSON.stringify(texts)}
        const server = https.createServer({ cert, key }, (request, response) => {
          response.statusCode = request.headers['x-given'] === 'yes' ? 200 : 400
          response.end()
        })
        const ended = (send) => new Promise((resolve, reject) => {
          send((response) => response.resume().on('end', resolve)).on('error', reject).end()
        })
        server.listen(0, '127.0.0.1', async () => {
          const { port } = server.address()
          const headers = { 'X-Given': 'yes' }
          await ended((done) => https.get('https://127.0.0.1:' + port + '/a', { ca, headers, agent: false }, done))
          await ended((done) => https.get({ host: '127.0.0.1', port, path: '/a', ca, headers }, done))
          await ended((done) => https.request(new URL('https://127.0.0.1:' + port + '/a'), { ca, headers }, done))
          await print(metrics, 3)
        })`)
      expect(counts).to.deep.equal(['http_requests_total{method="GET",path="/a",status_code="200"} 3'])
      expect(spans.map(({ kind }) => kind).sort()).to.deep.equal([1, 1, 1, 2, 2, 2])
      expect(new Set(spans.map(({ traceId }) => traceId)).size).to.equal(3)
    })
  }
})
