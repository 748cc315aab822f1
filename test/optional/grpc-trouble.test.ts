import { expect } from 'chai'
import type { OtlpOptions } from '../../src/config/options'
import { createMetrics, type MetricsService } from '../../src/init'
import { RecordingLogger } from '../support/recording-logger'
import { triesAgainAtOnce, withWaits } from '../support/waits'
import { type GrpcReceiver, startGrpcReceiver } from './grpc-receiver'

describe('A receiver of OTLP by gRPC that cannot take a request', function () {
  this.timeout(60_000)

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
      await withWaits(triesAgainAtOnce, () => service.flush())
      expect(receiver.calls).to.have.length(2)
      expect(receiver.calls[0]?.request).to.deep.equal(receiver.calls[1]?.request)
      expect(log.lines.filter((line) => line.startsWith('warn'))).to.deep.equal([])
    })
  }

  it('has all, once, where it takes no requests of that length', async () => {
    const service = start()
    const histogram = service.histogram({ name: 'charge_seconds', labelNames: ['l', 'm'], cardinalityLimit: 5_000 })
    const counter = service.counter({ name: 'orders_total' })
    // Four megabytes are the most that the other side takes; these are six.
    const long = 'x'.repeat(1_000)
    for (let l = 0; l < 4_000; l++) histogram.record(1, { l: `${long}${l}`, m: l })
    counter.add(1)
    await service.flush()
    expect(receiver.calls.length).to.be.above(1)
    expect(log.lines.filter((line) => line.startsWith('warn'))).to.deep.equal([])
    const before = receiver.calls.length
    await service.flush()
    expect(receiver.calls, 'nothing is left').to.have.length(before)
  })

  it('is not asked again where it refuses, or there is no time left', async () => {
    const { now } = performance
    for (const [code, tookMs] of [
      [3, 0],
      [14, 9_500],
    ] as const) {
      const service = start({ timeoutMs: 10_000 })
      service.counter({ name: 'orders_total' }).add(1)
      take = () => {
        performance.now = () => now.call(performance) + tookMs
        return failing(code)()
      }
      const before = receiver.calls.length
      try {
        await service.flush()
      } finally {
        performance.now = now
      }
      expect(receiver.calls.length - before).to.equal(1)
      take = async () => {}
      await service.shutdown()
    }
  })
})
