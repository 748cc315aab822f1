/** What an application that traces sets up: the SDK with instrumentations, and here an exporter that keeps its spans. */
const { NodeSDK } = require('@opentelemetry/sdk-node')
const { InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace')
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici')
const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express')

const exporter = new InMemorySpanExporter()
globalThis.finishedSpans = () => exporter.getFinishedSpans()

// An instrumentation is at work once it is made.
const allOfThem = () => [new HttpInstrumentation(), new UndiciInstrumentation(), new ExpressInstrumentation()]

exports.startSdk = ({ instrumentations = allOfThem(), ...options } = {}) =>
  new NodeSDK({
    autoDetectResources: false,
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    instrumentations,
    metricReaders: [],
    logRecordProcessors: [],
    ...options,
  }).start()
