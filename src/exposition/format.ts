import type { Escaping } from '../model/escaping'

/** A way to write a page. */
export interface Format {
  readonly id: 'text' | 'openmetrics' | 'protobuf'
  readonly contentType: string
  readonly escaping: Escaping
}

/** Prometheus text format 0.0.4. */
export const TEXT: Format = {
  id: 'text',
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  escaping: 'underscores',
}

/** Prometheus text format 1.0.0: 0.0.4, in which names of any characters can stand in quotes. */
export const TEXT_1: Format = { ...TEXT, contentType: 'text/plain; version=1.0.0; charset=utf-8' }

/** OpenMetrics text format 1.0.0, in which names can stand in quotes too, for who asks for it. */
export const OPENMETRICS: Format = {
  id: 'openmetrics',
  contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  escaping: 'underscores',
}

/** Delimited `io.prometheus.client.MetricFamily` messages. */
export const PROTOBUF: Format = {
  id: 'protobuf',
  contentType: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
  escaping: 'underscores',
}
