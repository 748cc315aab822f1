/** What an application that traces sets up: the SDK with instrumentations, and here an exporter that keeps its spans. */
const { NodeSDK } = require('@opentelemetry/sdk-node')
const { InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace')
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici')
const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express')

const exporter = new InMemorySpanExporter()
globalThis.finishedSpans = () => exporter.getFinishedSpans()

exports.startSdk = (options = {}) =>
  new NodeSDK({
    autoDetectResources: false,
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation(), new ExpressInstrumentation()],
    metricReaders: [],
    logRecordProcessors: [],
    ...options,
  }).start()
