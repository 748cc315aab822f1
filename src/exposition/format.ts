/** A way to write a page. */
export interface Format {
  readonly id: 'text' | 'openmetrics'
  readonly contentType: string
}

/** Prometheus text format 0.0.4. */
export const TEXT: Format = { id: 'text', contentType: 'text/plain; version=0.0.4; charset=utf-8' }

/** Prometheus text format 1.0.0: 0.0.4, in which names could also be quoted; ours never need to be. */
export const TEXT_1: Format = { id: 'text', contentType: 'text/plain; version=1.0.0; charset=utf-8' }

/** OpenMetrics text format 1.0.0. */
export const OPENMETRICS: Format = {
  id: 'openmetrics',
  contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}
