import type { Scenario, Variant } from './scenarios'
import { startServer } from './scenarios'

/** Microseconds of CPU time, user and system, of this process between two commands of the parent. */
export interface CpuAnswer {
  readonly cpuUs: number
}

/** Puts the instrumentation in place, before `http` or a framework is loaded, as each of them asks for. */
function instrument(variant: Variant, library: string): void {
  if (variant === 'meterkit') {
    // The compiled library, as an application has it.
    const { initMetrics } = require(library) as typeof import('../../dist/index')
    initMetrics({ serviceName: 'bench', prometheus: { server: false }, runtime: false })
  } else if (variant === 'instrumentation-http') {
    const { metrics } = require('@opentelemetry/api') as {
      metrics: { setGlobalMeterProvider(provider: unknown): void }
    }
    const { MeterProvider } = require('@opentelemetry/sdk-metrics') as {
      MeterProvider: new (options: object) => object
    }
    const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus') as {
      PrometheusExporter: new (options: object) => object
    }
    const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http') as {
      HttpInstrumentation: new () => object
    }
    const { registerInstrumentations } = require('@opentelemetry/instrumentation') as {
      registerInstrumentations(options: object): void
    }
    metrics.setGlobalMeterProvider(
      new MeterProvider({ readers: [new PrometheusExporter({ preventServerStart: true })] }),
    )
    registerInstrumentations({ instrumentations: [new HttpInstrumentation()] })
  }
}

const [scenario, variant, library] = process.argv.slice(2) as [Scenario, Variant, string]
instrument(variant, library)
void startServer(scenario, variant).then((port) => {
  let before = process.cpuUsage()
  process.on('message', (command) => {
    if (command === 'mark') before = process.cpuUsage()
    const used = process.cpuUsage(before)
    process.send?.({ cpuUs: used.user + used.system } satisfies CpuAnswer)
  })
  process.send?.({ port })
})
process.on('disconnect', () => process.exit())
