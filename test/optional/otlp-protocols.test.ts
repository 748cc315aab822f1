import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { context, ROOT_CONTEXT, TraceFlags, trace, ValueType } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { expect } from 'chai'
import { loadSync } from 'protobufjs'
import { COMPRESSIONS, OTLP_PROTOCOLS, type OtlpOptions } from '../../src/config/options'
import { createMetrics } from '../../src/init'
import { startGrpcReceiver } from './grpc-receiver'

const Request = loadSync(join(__dirname, 'otlp-metrics.proto')).lookupType('ExportMetricsServiceRequest')
const SPAN = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.SAMPLED }

/** What a request says, whatever it is written in: texts for long numbers and for ids, and no default values. */
function decoded(protocol: OtlpOptions['protocol'], bytes: Buffer): unknown {
  if (protocol === 'http/json') {
    // Ids are hexadecimal in JSON, where other bytes are base64.
    const text = bytes.toString().replace(/"(traceId|spanId)":"(\w+)"/g, (_, name, hex) => `"${name}":"${base64(hex)}"`)
    return plain(Request.fromObject(JSON.parse(text)))
  }
  return plain(Request.decode(bytes))
}

const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')
const plain = (message: object) => Request.toObject(message as never, { longs: String, bytes: String })

/** All objects of that name, wherever they stand. */
function found(request: unknown, name: string): Record<string, unknown>[] {
  const all: Record<string, unknown>[] = []
  JSON.parse(JSON.stringify(request), (key, value) => {
    if (key === name) all.push(...value)
    return value
  })
  return all
}

describe('OTLP by each protocol', () => {
  before(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager())
    trace.setGlobalTracerProvider({ getTracer: () => trace.getTracer('none') })
  })
  after(() => {
    context.disable()
    trace.disable()
  })

  /** Pushes once, and gives what arrived, uncompressed, and the page that the service has then. */
  async function pushed(protocol: NonNullable<OtlpOptions['protocol']>, compression: OtlpOptions['compression']) {
    const requests: Buffer[] = []
    const server = createServer(async (request, response) => {
      const body = await buffer(request)
      requests.push(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const grpc = await startGrpcReceiver(async (request) => void requests.push(request))
    const port = protocol === 'grpc' ? grpc.port : (server.address() as AddressInfo).port
    const metrics = createMetrics({
      exporters: ['otlp'],
      otlp: { protocol, compression, endpoint: `http://127.0.0.1:${port}`, intervalMs: 2 ** 31 - 1 },
      exemplars: 'always_on',
      http: false,
      runtime: false,
      logger: false,
    })
    try {
      const span = trace.setSpanContext(ROOT_CONTEXT, SPAN)
      context.with(span, () => {
        metrics.counter({ name: 'orders_total' }).add(2, {}, { exemplar: { order: 'o1' } })
        metrics.meterProvider.getMeter('m').createCounter('whole', { valueType: ValueType.INT }).add(3)
      })
      metrics.gauge({ name: 'depth' }).set(1)
      metrics.histogram({ name: 'explicit', buckets: [1] }).record(5)
      metrics.histogram({ name: 'native', native: true }).record(7)
      await metrics.flush()
      return { requests: requests.splice(0), page: (await metrics.render()).body }
    } finally {
      await metrics.shutdown()
      grpc.stop()
      server.close().closeAllConnections()
    }
  }

  for (const protocol of OTLP_PROTOCOLS) {
    for (const compression of COMPRESSIONS) {
      it(`has exemplars, and counts the bytes that arrived: ${protocol}, ${compression}`, async () => {
        const { requests, page } = await pushed(protocol, compression)
        expect(requests).to.have.length(1)
        const [bytes = Buffer.alloc(0)] = requests
        expect(page).to.match(new RegExp(`^meterkit_push_bytes_total\\{exporter="otlp"\\} ${bytes.length}$`, 'm'))
        const ids = { traceId: base64(SPAN.traceId), spanId: base64(SPAN.spanId) }
        const own = found(decoded(protocol, bytes), 'metrics').filter(({ name }) => !`${name}`.startsWith('meterkit_'))
        const exemplars = found(own, 'exemplars').map(({ timeUnixNano, ...exemplar }) => {
          expect(Number(timeUnixNano) / 1e6).to.be.closeTo(Date.now(), 60_000)
          return exemplar
        })
        expect(exemplars).to.have.deep.members([
          { asDouble: 2, ...ids, filteredAttributes: [{ key: 'order', value: { stringValue: 'o1' } }] },
          { asInt: '3', ...ids },
          { asDouble: 5 },
          { asDouble: 7 },
        ])
      })
    }
  }
})
