import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { expect } from 'chai'
import type { OtlpOptions } from '../../src/config/options'
import { createMetrics, type MetricsService } from '../../src/init'
import { newerProgram } from '../e2e/newer-debian'
import { until } from '../support/until'
import { LIMIT_MS, triesAgainAtOnce, withWaits } from '../support/waits'
import { type Certificates, makeCertificates } from './certificates'
import { type GrpcReceiver, ServerCredentials, startGrpcReceiver } from './grpc-receiver'
import { startVictoriaMetrics, type VictoriaMetrics } from './victoria-metrics'

describe('OTLP by gRPC and with certificates', () => {
  const { command, mend } = newerProgram('victoria-metrics', '1.132')
  let storage: VictoriaMetrics
  let certificates: Certificates
  let metrics: MetricsService | undefined
  const ends: (() => void)[] = []
  const failures: string[] = []
  before(async () => {
    if (command === undefined) throw new Error(`VictoriaMetrics is missing: ${mend}`)
    certificates = makeCertificates()
    storage = await startVictoriaMetrics(command)
  })
  after(async () => {
    await storage?.stop()
    certificates?.remove()
  })
  afterEach(async () => {
    await metrics?.shutdown()
    for (const end of ends.splice(0)) end()
    failures.length = 0
  })

  /** Over HTTP the message is the same. */
  const store = async (body: Buffer) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: new Uint8Array(body) }
    const { status } = await fetch(`${storage.url}/opentelemetry/v1/metrics`, init)
    if (status >= 300) failures.push(`VictoriaMetrics answered ${status}`)
  }

  async function startGrpc(credentials: unknown): Promise<GrpcReceiver> {
    const receiver = await startGrpcReceiver(store, credentials)
    ends.push(() => receiver.stop())
    return receiver
  }

  /** Records and pushes twice, and checks what is stored. */
  async function pushed(run: string, otlp: OtlpOptions): Promise<void> {
    const log = (message: string) => void failures.push(message)
    metrics = createMetrics({
      exporters: ['otlp'],
      otlp: { ...otlp, headers: { 'api-key': 'k1' }, temporality: 'delta', intervalMs: 2 ** 31 - 1 },
      constantLabels: { run },
      http: false,
      runtime: false,
      logger: { info() {}, warn: log, error: log },
    })
    const counter = metrics.counter({ name: 'orders_total' })
    const histogram = metrics.histogram({ name: 'charge_seconds', buckets: [1] })
    for (const value of [3, 0.5]) {
      counter.add(value)
      histogram.record(value)
      await metrics.flush()
    }
    expect(failures).to.deep.equal([])
    const total = async (name: string) => (await storage.query(`sum_over_time(${name}{run="${run}"}[1h])`))[0]?.value
    const totals = async () => [await total('orders_total'), await total('charge_seconds_sum')]
    const found = await until('the pushed totals', async () => {
      const all = await totals()
      return all.every((value) => value === 3.5) ? all : undefined
    }).catch(totals)
    expect(found).to.deep.equal([3.5, 3.5])
  }

  const pair = ({ certificate, key }: Certificates['server']) => ({
    cert_chain: readFileSync(certificate),
    private_key: readFileSync(key),
  })
  const mutual = (): OtlpOptions => ({
    certificate: certificates.authority,
    clientCertificate: certificates.client.certificate,
    clientKey: certificates.client.key,
  })

  for (const compression of ['none', 'gzip'] as const) {
    it(`arrives by gRPC, with headers: ${compression}`, async () => {
      const { port, calls } = await startGrpc(ServerCredentials.createInsecure())
      await pushed(`grpc ${compression}`, { protocol: 'grpc', endpoint: `http://127.0.0.1:${port}`, compression })
      expect(calls.length).to.be.at.least(2)
      for (const { metadata } of calls) expect(metadata.get('api-key')).to.deep.equal(['k1'])
    })
  }

  it('arrives by gRPC where each shows the other a certificate', async () => {
    const authority = readFileSync(certificates.authority)
    const { port } = await startGrpc(ServerCredentials.createSsl(authority, [pair(certificates.server)], true))
    await pushed('grpc tls', { protocol: 'grpc', endpoint: `https://localhost:${port}`, ...mutual() })
  })

  it('arrives by HTTPS where each shows the other a certificate', async () => {
    const clients = new Set<string>()
    const server = createServer(
      {
        ca: readFileSync(certificates.authority),
        cert: readFileSync(certificates.server.certificate),
        key: readFileSync(certificates.server.key),
        requestCert: true,
        rejectUnauthorized: true,
      },
      async (request: IncomingMessage, response) => {
        clients.add(String((request.socket as TLSSocket).getPeerCertificate().subject.CN))
        await store(await buffer(request))
        response.end()
      },
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    ends.push(() => server.close().closeAllConnections())
    const endpoint = `https://localhost:${(server.address() as AddressInfo).port}/v1/metrics`
    await pushed('https', { endpoint, ...mutual() })
    expect([...clients]).to.deep.equal(['client'])

    const refused = createMetrics({
      exporters: ['otlp'],
      otlp: { endpoint, certificate: certificates.authority, timeoutMs: LIMIT_MS, intervalMs: 2 ** 31 - 1 },
      http: false,
      runtime: false,
      logger: false,
    })
    await withWaits(triesAgainAtOnce, () => refused.flush())
    const { body } = await refused.render()
    await refused.shutdown()
    expect(body, 'who shows none is not let in').to.match(
      /^meterkit_push_failures_total\{.*reason="connection"\} [1-9]/m,
    )
  })
})
