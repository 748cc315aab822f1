import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { OTLP_PROTOCOLS } from '../../src/config/options'
import { createMetrics, type MetricsService } from '../../src/init'
import { RecordingLogger } from '../support/recording-logger'
import { type GrpcReceiver, startGrpcReceiver } from './grpc-receiver'

/** `ExportMetricsServiceResponse` with a partial success: three points rejected, and why. */
const PROTOBUF = Buffer.from([0x0a, 0x0d, 0x08, 3, 0x12, 0x09, ...Buffer.from('no deltas')])
const JSON_TEXT = '{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"no deltas"}}'

describe('A receiver that rejects some points of a request that it takes', () => {
  let server: Server
  let grpc: GrpcReceiver
  let requests: number
  let metrics: MetricsService | undefined
  beforeEach(async () => {
    requests = 0
    server = createServer((request, response) => {
      requests++
      const isJson = request.headers['content-type'] === 'application/json'
      request.resume().on('end', () => response.end(isJson ? JSON_TEXT : PROTOBUF))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    grpc = await startGrpcReceiver(async () => {
      requests++
      return PROTOBUF
    })
  })
  afterEach(async () => {
    await metrics?.shutdown()
    grpc.stop()
    server.close().closeAllConnections()
  })

  for (const protocol of OTLP_PROTOCOLS) {
    it(`is told of, and not sent them again: ${protocol}`, async () => {
      const port = protocol === 'grpc' ? grpc.port : (server.address() as AddressInfo).port
      const log = new RecordingLogger()
      metrics = createMetrics({
        exporters: ['otlp'],
        otlp: { protocol, endpoint: `http://127.0.0.1:${port}`, intervalMs: 2 ** 31 - 1 },
        http: false,
        runtime: false,
        logger: log,
      })
      metrics.counter({ name: 'orders_total' }).add(1)
      await metrics.flush()
      expect(requests).to.equal(1)
      expect(log.lines.join()).to.include('3 points were rejected for good: no deltas')
      expect((await metrics.render()).body).to.match(
        /^meterkit_push_failures_total\{exporter="otlp",reason="refused"\} 1$/m,
      )
    })
  }
})
