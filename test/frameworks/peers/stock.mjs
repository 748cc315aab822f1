import FastifyOtelInstrumentation from '@fastify/otel'
import { context, metrics } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express'
import { HapiInstrumentation } from '@opentelemetry/instrumentation-hapi'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { KoaInstrumentation } from '@opentelemetry/instrumentation-koa'
import { NestInstrumentation } from '@opentelemetry/instrumentation-nestjs-core'
import { RestifyInstrumentation } from '@opentelemetry/instrumentation-restify'
import { MeterProvider } from '@opentelemetry/sdk-metrics'

// The stable names, as its documentation advises for new applications.
process.env.OTEL_SEMCONV_STABILITY_OPT_IN = 'http'
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const exporter = new PrometheusExporter({ preventServerStart: true })
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [exporter] }))
registerInstrumentations({
  instrumentations: [
    new HttpInstrumentation(),
    new ExpressInstrumentation(),
    new KoaInstrumentation(),
    new HapiInstrumentation(),
    new NestInstrumentation(),
    new RestifyInstrumentation(),
    new FastifyOtelInstrumentation({ registerOnInitialization: true }),
  ],
})

globalThis.stockPage = async () => new PrometheusSerializer().serialize((await exporter.collect()).resourceMetrics)
