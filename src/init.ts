import { isMainThread } from 'node:worker_threads'
import { metrics as globalMetrics } from '@opentelemetry/api'
import { CONFIG_FILE } from './config/environment'
import type { MetricsOptions } from './config/options'
import { optionsOfProcess } from './config/sources'
import { type MeasuredDecorator, measuredBy } from './instrument/functions/measured'
import { MetricsService, PROCESS_SERVICE, slots } from './metrics-service'
import { DefinitionError } from './model/errors'
import { runJobWith } from './push/run-job'

export { MetricsService }

/**
 * Starts the metrics of the process, and registers them as OpenTelemetry's global `MeterProvider`. Call it once, at
 * start-up; calling it again returns the same service. Throws where an option cannot be.
 */
export function initMetrics(options?: MetricsOptions): MetricsService {
  const running = slots[PROCESS_SERVICE]
  if (running !== undefined) {
    if (options !== undefined) running.log.warn('initMetrics was called again: its options are not used.')
    return running
  }
  return startMetrics(() => optionsOfProcess(options ?? {}, process.env).options)
}

/** The services whose options have `push`, if only for its defaults. */
const pushed = new WeakSet<MetricsService>()

/**
 * Starts the metrics of the process with options that are complete, and may be asked for again when the process is told to load
 * them: `given` are those of now, if they are known.
 */
export function startMetrics(source: () => MetricsOptions, given: MetricsOptions = source()): MetricsService {
  const options = given
  const bySignal = (process.env[CONFIG_FILE] ?? '') !== '' && isMainThread
  const service = new MetricsService(options, { options: source, bySignal })
  slots[PROCESS_SERVICE] = service
  if (options.push !== undefined) pushed.add(service)
  if (options.disabled === true) return service
  if (!globalMetrics.setGlobalMeterProvider(service.meterProvider)) {
    service.log.warn(
      "another global MeterProvider is registered: libraries' own metrics go there. Call initMetrics before it is.",
    )
  }
  return service
}

/**
 * Runs a batch job or a function that lives shortly, and pushes its metrics once when it ends, also where it throws: what it
 * gives or throws is what `fn` did. `fn` has the service of the process, which is started with `options` where none runs,
 * without an endpoint unless `exporters` says otherwise, and shut down again at the end. The run is measured as a job
 * (`job_duration_seconds`, …) that is called as `push.job`, or the service. A service that runs already and has no option `push`
 * is not pushed, as it has its own way out. A push that fails is told of in the log.
 */
export async function runJob<T>(
  fn: (metrics: MetricsService) => T | Promise<T>,
  options: MetricsOptions = {},
): Promise<T> {
  const read = () => optionsOfProcess(options, process.env).options
  const given = read()
  const running = slots[PROCESS_SERVICE]
  const service = running ?? startMetrics(() => jobOptions(read()), jobOptions(given))
  const name = given.push?.job ?? given.serviceName ?? 'job'
  return runJobWith({ service, started: running === undefined, name }, fn, async () => {
    // One that was started here has the options itself, or those that were loaded since.
    if (given.push !== undefined || pushed.has(service)) await service.push(running && given.push)
  })
}

/** Who sends metrics by OTLP need not have a Pushgateway, too. */
function jobOptions({ exporters = [], push, ...given }: MetricsOptions): MetricsOptions {
  return { ...given, exporters, push: push ?? (exporters.includes('otlp') ? undefined : {}) }
}

/** Makes a service of its own, apart from the process's and not global: for tests and libraries. Throws where an option cannot be. */
export function createMetrics(options: MetricsOptions = {}): MetricsService {
  return new MetricsService(options)
}

/** The service that {@link initMetrics} started. Throws where there is none. */
export function getMetrics(): MetricsService {
  const running = slots[PROCESS_SERVICE]
  if (running === undefined) {
    throw new DefinitionError(
      'Cannot get "metrics": the service must be started, got none. Call initMetrics() at start-up, before the modules that use it.',
    )
  }
  return running
}

/**
 * Decorates a method so that its calls are measured by the service that {@link initMetrics} started, once there is one:
 * `@measured()` or `@measured('orders.place')`. Default name: class and method, `Orders.place`. For standard decorators and
 * for TypeScript's `experimentalDecorators`.
 */
export function measured(name?: string): MeasuredDecorator {
  return measuredBy(() => slots[PROCESS_SERVICE], name)
}
