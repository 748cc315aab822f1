import type { MetricsOptions } from './config/options'
import { consoleSettings, filesOf, otlpSettings } from './config/otlp-settings'
import type { Logger } from './model/log'
import { consoleReader } from './otel/console-reader'
import { otlpReader } from './otel/push/otlp-reader'
import type { WayOut } from './otel/push/ways-out'
import type { Registry } from './store/registry'

/** The readers that options want to send metrics somewhere. */
export function waysOut(options: MetricsOptions, registry: Registry, log: Logger): WayOut[] {
  const { exporters = [], otlp, selfMetrics } = options
  const measured = selfMetrics === false ? undefined : registry
  return exporters.flatMap((exporter, at): WayOut[] => {
    switch (exporter) {
      case 'prometheus':
        return []
      case 'console': {
        const settings = consoleSettings(options.console)
        return [{ name: 'console', settings, make: () => consoleReader(settings) }]
      }
      case 'otlp':
        return otlpSettings(otlp).map((settings, index) => {
          const name = index === 0 ? 'otlp' : `otlp-${index + 1}`
          const receiver = `${settings.protocol} ${settings.endpoint}`
          const make: WayOut['make'] = (as, before) =>
            otlpReader(settings, { name: as, log, registry: measured, before })
          return { name, receiver, settings: { ...settings, files: filesOf(settings) }, make }
        })
      default:
        // The application's own: it has the same one for good.
        return [{ name: `reader ${at}`, settings: undefined, make: () => exporter }]
    }
  })
}
