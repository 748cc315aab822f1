import { expect } from 'chai'
import type { OtlpOptions } from '../../src/config/options'
import { createMetrics, type MetricsService } from '../../src/init'
import { RecordingLogger } from '../support/recording-logger'
import { type GrpcReceiver, startGrpcReceiver } from './grpc-receiver'

describe('A receiver of OTLP by gRPC that cannot take a request', function () {
  this.timeout(20_000)

  let receiver: GrpcReceiver
  let metrics: MetricsService
  let log: RecordingLogger
  let take: (request: Buffer) => Promise<void>
  beforeEach(async () => {
    take = async () => {}
    receiver = await startGrpcReceiver((request) => take(request))
    log = new RecordingLogger()
  })
  afterEach(async () => {
    await metrics.shutdown()
    receiver.stop()
  })

  function start(otlp: OtlpOptions = {}): MetricsService {
    metrics = createMetrics({
      exporters: ['otlp'],
      otlp: {
        protocol: 'grpc',
        endpoint: `http://127.0.0.1:${receiver.port}`,
        temporality: 'delta',
        intervalMs: 2 ** 31 - 1,
        ...otlp,
      },
      http: false,
      runtime: false,
      selfMetrics: false,
      logger: log,
    })
    return metrics
  }
  const failing = (code: number) => async () => {
    throw Object.assign(new Error('not now'), { code })
  }

  for (const code of [4, 8, 14]) {
    it(`is asked again in the same export where it answers ${code}`, async () => {
      const service = start()
      service.counter({ name: 'orders_total' }).add(1)
      take = async () => {
        take = async () => {}
        await failing(code)()
      }
      await service.flush()
      expect(receiver.calls).to.have.length(2)
      expect(receiver.calls[0]?.request).to.deep.equal(receiver.calls[1]?.request)
      expect(log.lines.filter((line) => line.startsWith('warn'))).to.deep.equal([])
    })
  }

  it('is not asked again where it refuses, or there is no time left', async () => {
    for (const [code, timeoutMs] of [
      [3, 10_000],
      [14, 500],
    ] as const) {
      const service = start({ timeoutMs })
      service.counter({ name: 'orders_total' }).add(1)
      take = failing(code)
      const before = receiver.calls.length
      await service.flush()
      expect(receiver.calls.length - before).to.equal(1)
      take = async () => {}
      await service.shutdown()
    }
  })
})
