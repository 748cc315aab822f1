import type { IMetricReader, ViewOptions } from '@opentelemetry/sdk-metrics'
import type { ExemplarFilter } from '../model/exemplar'
import type { HttpOptions } from '../model/http-options'
import type { Logger } from '../model/log'
import type { Endpoints } from '../model/selection'
import type { TranslationStrategy } from '../model/translation'

/** The endpoint that Prometheus scrapes. */
export interface PrometheusOptions {
  /** The address to listen on. Default: `localhost`, which other machines cannot reach. */
  readonly host?: string
  /** The port to listen on, 0 to 65535; 0 takes a free one. Default: 9464. */
  readonly port?: number
  /** The path of the page; starts with `/`. Default: `/metrics`. */
  readonly path?: string
  /**
   * Other paths on the server of its own, each with the metrics that it shows, by patterns with `*` and `?`:
   * `{ '/metrics/http': { include: ['http_*'] } }`. An entry for {@link path} selects for that page. Default: none.
   */
  readonly endpoints?: Endpoints
  /** `false` starts no server of its own and leaves `metrics.handler()`. Default: true. */
  readonly server?: boolean
  /**
   * How long collecting may take before a scrape is answered with 503, and how long a scraper may take nothing of the
   * page before it is cut off, in milliseconds; above 0, up to 2,147,483,647. A scraper that says by
   * `X-Prometheus-Scrape-Timeout-Seconds` that it waits less has its answer in that time. Default: 10,000.
   */
  readonly timeoutMs?: number
  /**
   * Whether OpenMetrics pages tell when each counter and histogram began to count (`_created`). Prometheus stores that
   * as series of their own unless it is told otherwise. Default: false.
   */
  readonly created?: boolean
  /**
   * What becomes of OpenTelemetry's names: `http.server.duration` is `http_server_duration_seconds` for every scraper
   * by default, and `http.server.duration_seconds` for those that take UTF-8 with `'NoUTF8EscapingWithSuffixes'`, which
   * lets the service's own names have any characters too. Default: `'UnderscoreEscapingWithSuffixes'`.
   */
  readonly translationStrategy?: TranslationStrategy
}

/** What `initMetrics` and `createMetrics` take; everything has a default. */
export interface MetricsOptions {
  /** `service.name` of the resource. Default: `OTEL_SERVICE_NAME`, else OpenTelemetry's `unknown_service:…`. */
  readonly serviceName?: string
  /** Attributes of the resource, over those of `OTEL_RESOURCE_ATTRIBUTES`. They are shown as `target_info`. */
  readonly resource?: Readonly<Record<string, string | number | boolean>>
  /** Where metrics go: `'prometheus'`, `'console'`, or any `MetricReader` of sdk-metrics. Default: `['prometheus']`. */
  readonly exporters?: readonly ('prometheus' | 'console' | IMetricReader)[]
  /** The Prometheus endpoint. */
  readonly prometheus?: PrometheusOptions
  /** How HTTP servers and clients are measured; `false` leaves them alone. Default: all are measured. */
  readonly http?: HttpOptions | false
  /** Whether the Node.js runtime and the process are measured. Default: true. */
  readonly runtime?: boolean
  /**
   * Whether meterkit measures its own collections and scrapes and counts series (`meterkit_*`). Measurements that were
   * rejected or overflowed and callbacks that failed are counted in any case. Default: true.
   */
  readonly selfMetrics?: boolean
  /** OpenTelemetry views over every instrument. Default: none. */
  readonly views?: readonly ViewOptions[]
  /** Series a metric may have before one overflow series takes the rest; 1 or more. Default: 2,000. */
  readonly cardinalityLimit?: number
  /**
   * Which measurements of counters and histograms leave an exemplar, with the ids of their trace and span: those made in
   * a sampled span, all, or none. Default: `'trace_based'`.
   */
  readonly exemplars?: ExemplarFilter
  /**
   * Whether what is instrumented is also measured under the names and with the attributes of OpenTelemetry's semantic
   * conventions (`http.server.request.duration`, `messaging.process.duration`, …). Default: false.
   */
  readonly semconv?: boolean
  /** Labels of every series. Default: none. */
  readonly constantLabels?: Readonly<Record<string, string | number | boolean>>
  /** Where meterkit says what a person should know; `false` says nothing. Default: one line a message on standard error. */
  readonly logger?: Logger | false
}
