import type { Scenario, Variant } from './scenarios'

type Made = new (options?: object) => object

/** OpenTelemetry's instrumentations of frameworks, as they are to be set up. */
const INSTRUMENTATIONS: Readonly<Partial<Record<Scenario, () => object>>> = {
  express: expressInstrumentation,
  'express-nested': expressInstrumentation,
  fastify: fastifyInstrumentation,
  koa: () => made('@opentelemetry/instrumentation-koa', 'KoaInstrumentation'),
  hapi: () => made('@opentelemetry/instrumentation-hapi', 'HapiInstrumentation'),
  // That of NestJS itself ends before NestJS 12; the adapter's tells the route in any case.
  'nest-express': expressInstrumentation,
  'nest-fastify': fastifyInstrumentation,
  restify: () => made('@opentelemetry/instrumentation-restify', 'RestifyInstrumentation'),
}

/** Puts the instrumentation in place, before `http` or a framework is loaded, as each of them asks for. */
export function instrument(scenario: Scenario, variant: Variant, library: string): void {
  if (variant === 'meterkit') {
    // The compiled library, as an application has it.
    const { initMetrics } = require(library) as typeof import('../../dist/index')
    initMetrics({ serviceName: 'bench', prometheus: { server: false }, runtime: false })
  } else if (variant === 'opentelemetry') instrumentStock(scenario)
}

function instrumentStock(scenario: Scenario): void {
  const { context, metrics } = require('@opentelemetry/api') as {
    context: { setGlobalContextManager(manager: unknown): void }
    metrics: { setGlobalMeterProvider(provider: unknown): void }
  }
  const { registerInstrumentations } = require('@opentelemetry/instrumentation') as {
    registerInstrumentations(options: object): void
  }
  const framework = INSTRUMENTATIONS[scenario]
  if (framework !== undefined) {
    const manager = made('@opentelemetry/context-async-hooks', 'AsyncLocalStorageContextManager')
    context.setGlobalContextManager((manager as { enable(): unknown }).enable())
  }
  const exporter = made('@opentelemetry/exporter-prometheus', 'PrometheusExporter', { preventServerStart: true })
  metrics.setGlobalMeterProvider(made('@opentelemetry/sdk-metrics', 'MeterProvider', { readers: [exporter] }))
  const http = made('@opentelemetry/instrumentation-http', 'HttpInstrumentation')
  registerInstrumentations({ instrumentations: framework === undefined ? [http] : [http, framework()] })
}

function expressInstrumentation(): object {
  return made('@opentelemetry/instrumentation-express', 'ExpressInstrumentation')
}

function fastifyInstrumentation(): object {
  return new (require('@fastify/otel') as Made)({ registerOnInitialization: true })
}

function made(packageName: string, className: string, options?: object): object {
  const Class = (require(packageName) as Readonly<Record<string, Made | undefined>>)[className]
  if (Class === undefined) throw new Error(`${packageName} has no ${className}`)
  return new Class(options)
}
