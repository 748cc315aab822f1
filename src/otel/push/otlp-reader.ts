import type { IMetricReader } from '@opentelemetry/sdk-metrics'
import type { Logger } from '../../model/log'
import type { Registry } from '../../store/registry'
import { type OtlpTarget, otlpExporter } from './otlp-exporter'
import { NO_PUSH_EVENTS } from './push-events'
import { PushMetrics } from './push-metrics'
import { PushReader } from './push-reader'
import type { TemporalityPreference } from './temporality'

type Needed = 'protocol' | 'compression' | 'timeoutMs'

type Optional = { readonly [K in Exclude<keyof OtlpTarget, Needed>]?: OtlpTarget[K] | undefined }

export interface OtlpReaderOptions extends Pick<OtlpTarget, Needed>, Optional {
  readonly temporality: TemporalityPreference
  readonly intervalMs: number
  readonly exportTimeoutMs: number
}

export interface OtlpReaderHost {
  readonly name: string
  readonly log: Logger
  readonly registry: Registry | undefined
  /** The reader that it takes the place of. */
  readonly before?: IMetricReader | undefined
}

/**
 * A reader that sends all metrics by OTLP. With `registry`, it counts its exports there under `name`. Throws where the package
 * for the protocol is not installed.
 */
export function otlpReader(options: OtlpReaderOptions, host: OtlpReaderHost): PushReader {
  const { name, log, registry } = host
  const before = host.before instanceof PushReader ? host.before : undefined
  const { protocol, compression, endpoint, headers = {}, certificate, clientCertificate, clientKey } = options
  const { intervalMs, exportTimeoutMs, temporality } = options
  // Nothing may arrive after the reader has given up on it.
  const timeoutMs = Math.min(options.timeoutMs, exportTimeoutMs)
  const target = { protocol, compression, endpoint, headers, certificate, clientCertificate, clientKey, timeoutMs }
  return new PushReader({
    exporter: otlpExporter(target),
    intervalMs,
    exportTimeoutMs,
    temporality,
    log,
    before,
    events: before?.events ?? (registry === undefined ? NO_PUSH_EVENTS : PushMetrics.of(registry, name)),
  })
}
