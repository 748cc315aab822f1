import type { IMetricReader, ViewOptions } from '@opentelemetry/sdk-metrics'
import type { AttributeValue } from '../model/attribute-value'
import type { ExemplarFilter } from '../model/exemplar'
import type { HttpOptions } from '../model/http-options'
import type { Logger, LogLevel } from '../model/log'
import type { ResourceDetectorName } from '../model/resource-detectors'
import type { Endpoints } from '../model/selection'
import type { TranslationStrategy } from '../model/translation'

export const EXPORTERS = ['prometheus', 'otlp', 'console'] as const

/** A way out by its name. */
export type ExporterName = (typeof EXPORTERS)[number]

/** The endpoint that Prometheus scrapes. */
export interface PrometheusOptions {
  /** The address to listen on. Default: `localhost`, which other machines cannot reach. */
  readonly host?: string | undefined
  /** The port to listen on, 0 to 65535; 0 takes a free one. Default: 9464. */
  readonly port?: number | undefined
  /** The path of the page; starts with `/`. Default: `/metrics`. */
  readonly path?: string | undefined
  /**
   * Other paths on the server of its own, each with the metrics that it shows, by patterns with `*` and `?`:
   * `{ '/metrics/http': { include: ['http_*'] } }`. An entry for {@link path} selects for that page. Default: none.
   */
  readonly endpoints?: Endpoints | undefined
  /** `false` starts no server of its own and leaves `metrics.handler()`. Default: true. */
  readonly server?: boolean | undefined
  /**
   * How long collecting may take before a scrape is answered with 503, and how long a scraper may take nothing of the
   * page before it is cut off, in milliseconds; above 0, up to 2,147,483,647. A scraper that says by
   * `X-Prometheus-Scrape-Timeout-Seconds` that it waits less has its answer in that time. Default: 10,000.
   */
  readonly timeoutMs?: number | undefined
  /**
   * Whether OpenMetrics pages tell when each counter and histogram began to count (`_created`). Prometheus stores that
   * as series of their own unless it is told otherwise. Default: false.
   */
  readonly created?: boolean | undefined
  /**
   * What becomes of OpenTelemetry's names: `http.server.duration` is `http_server_duration_seconds` for every scraper
   * by default, and `http.server.duration_seconds` for those that take UTF-8 with `'NoUTF8EscapingWithSuffixes'`, which
   * lets the service's own names have any characters too. Default: `'UnderscoreEscapingWithSuffixes'`.
   */
  readonly translationStrategy?: TranslationStrategy | undefined
}

export const OTLP_PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const
export const COMPRESSIONS = ['gzip', 'none'] as const
export const TEMPORALITIES = ['cumulative', 'delta', 'lowmemory'] as const

export const HISTOGRAMS = ['explicit_bucket_histogram', 'base2_exponential_bucket_histogram'] as const

/** Where the exporter `'otlp'` sends metrics, and how. */
export interface OtlpOptions {
  /**
   * The URL that takes metrics, as it is; over gRPC also `host:port`. Default: `http://localhost:4318/v1/metrics`, of a
   * collector on this machine; `http://localhost:4317` over gRPC.
   */
  readonly endpoint?: string | undefined
  /** Whether an endpoint written as `host:port` is reached without TLS. Default: false. */
  readonly insecure?: boolean | undefined
  /**
   * How metrics are written: each by a package of OpenTelemetry's that must be installed,
   * `@opentelemetry/exporter-metrics-otlp-proto`, `-http` or `-grpc`. Default: `'http/protobuf'`.
   */
  readonly protocol?: (typeof OTLP_PROTOCOLS)[number] | undefined
  /** Sent with each request; what a backend asks for to let somebody in. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Whether requests are compressed. Default: `'none'`. */
  readonly compression?: (typeof COMPRESSIONS)[number] | undefined
  /** How long one request may take, in milliseconds, up to 2,147,483,647; 0 is no limit. Default: 10,000. */
  readonly timeoutMs?: number | undefined
  /** The file with the certificates that the receiver's is checked against, in PEM. Default: those of Node.js. */
  readonly certificate?: string | undefined
  /** The file with the client's own certificate, in PEM, where the receiver asks for one. Default: none. */
  readonly clientCertificate?: string | undefined
  /** The file with the key of {@link clientCertificate}, in PEM. Default: none. */
  readonly clientKey?: string | undefined
  /**
   * Whether sums and histograms are told from their beginning on (`'cumulative'`), or what came since the last export
   * that arrived: of all that only rises (`'delta'`), or of what is counted as it happens (`'lowmemory'`). Default:
   * `'cumulative'`.
   */
  readonly temporality?: (typeof TEMPORALITIES)[number] | undefined
  /**
   * What histograms are that were created without buckets of their own, where no view says so either. They are kept once for
   * all receivers and for Prometheus, so all of them are exponential if one receiver asks for that. Default:
   * `'explicit_bucket_histogram'`.
   */
  readonly histograms?: (typeof HISTOGRAMS)[number] | undefined
  /** Milliseconds between two exports; above 0, up to 2,147,483,647. Default: 60,000. */
  readonly intervalMs?: number | undefined
  /**
   * How long an export may take, with all its requests, in milliseconds, up to 2,147,483,647; 0 is no limit. Default:
   * 30,000.
   */
  readonly exportTimeoutMs?: number | undefined
}

/** How often the exporter `'console'` prints metrics. */
export interface ConsoleOptions {
  /** Milliseconds between two printings; above 0, up to 2,147,483,647. Default: 60,000. */
  readonly intervalMs?: number | undefined
  /**
   * How long collecting and printing may take, in milliseconds, and no longer than the interval, which 0 stands for.
   * Default: 30,000.
   */
  readonly exportTimeoutMs?: number | undefined
}

export const PUSH_RECEIVERS = ['pushgateway', 'remote-write'] as const
export const PUSH_ACTIONS = ['merge', 'replace', 'delete'] as const

/** Where `metrics.push()` and `runJob` send metrics, and how. */
export interface PushOptions {
  /**
   * A Prometheus Pushgateway, or whatever takes remote write: Prometheus itself, VictoriaMetrics, Mimir. Default:
   * `'pushgateway'`.
   */
  readonly to?: (typeof PUSH_RECEIVERS)[number] | undefined
  /**
   * The base of the Pushgateway, or the URL that takes remote write, as it is. Default: `http://localhost:9091`;
   * `http://localhost:9090/api/v1/write` for remote write.
   */
  readonly url?: string | undefined
  /** The label `job` of what is pushed. Default: `service.name`. */
  readonly job?: string | undefined
  /**
   * Further labels that tell what is pushed from what others push: a group of the Pushgateway has them in its path, and
   * series that are written have them beside their own. Default: none.
   */
  readonly groupingKey?: Readonly<Record<string, string | number | boolean>> | undefined
  /**
   * What becomes of what was pushed before: `'merge'` leaves metrics that are not pushed now, `'replace'` removes them, and
   * `'delete'` pushes nothing and removes the group. Written series stay what they are, and `'delete'` marks their end.
   * Default: `'merge'`.
   */
  readonly action?: (typeof PUSH_ACTIONS)[number] | undefined
  /**
   * Whether remote write sends histograms with exponential buckets as native histograms, which the receiver must take:
   * Prometheus with `--enable-feature=native-histograms`, Mimir. Default: `false`, explicit buckets as on text pages.
   */
  readonly nativeHistograms?: boolean | undefined
  /** Sent with each request; what a receiver asks for to let somebody in. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** How long a push may take, with all attempts, in milliseconds; above 0, up to 2,147,483,647. Default: 10,000. */
  readonly timeoutMs?: number | undefined
}

/** What `initMetrics` and `createMetrics` take; everything has a default. */
export interface MetricsOptions {
  /**
   * `true` leaves nothing but the calls: no endpoint, no export, nothing measured by itself, no global `MeterProvider`.
   * Default: false.
   */
  readonly disabled?: boolean | undefined
  /** `service.name` of the resource. Default: `OTEL_SERVICE_NAME`, else OpenTelemetry's `unknown_service:…`. */
  readonly serviceName?: string | undefined
  /** Attributes of the resource, over those of `OTEL_RESOURCE_ATTRIBUTES`. They are shown as `target_info`, arrays as JSON. */
  readonly resource?: Readonly<Record<string, AttributeValue>> | undefined
  /**
   * What finds attributes of the resource by itself: `'env'` of `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`, `'host'`,
   * `'os'`, `'process'`, `'serviceinstance'` (a random `service.instance.id`), and, each by a package
   * `@opentelemetry/resource-detector-…` that must be installed, `'container'`, `'aws'`, `'gcp'` and `'azure'`. `'all'` is all
   * of those that are there. Nothing waits for them but the first page and the first export, two seconds at most. Default:
   * `['env']`.
   */
  readonly resourceDetectors?: readonly (ResourceDetectorName | 'all')[] | undefined
  /**
   * Attributes of the resource that are labels of every series on Prometheus's pages, too, such as `service.namespace`; 20 at
   * most. Those that the resource has not when the first page is written are left out. Default: none.
   */
  readonly resourceLabels?: readonly string[] | undefined
  /** Where metrics go: `'prometheus'`, `'otlp'`, `'console'`, or any `MetricReader` of sdk-metrics. Default: `['prometheus']`. */
  readonly exporters?: readonly (ExporterName | IMetricReader)[] | undefined
  /** The Prometheus endpoint. */
  readonly prometheus?: PrometheusOptions | undefined
  /** Where the exporter `'otlp'` sends metrics; a list for several receivers. */
  readonly otlp?: OtlpOptions | readonly OtlpOptions[] | undefined
  /** How often the exporter `'console'` prints metrics to standard output. */
  readonly console?: ConsoleOptions | undefined
  /** Where `metrics.push()` and `runJob` send metrics. */
  readonly push?: PushOptions | undefined
  /** How HTTP servers and clients are measured; `false` leaves them alone. Default: all are measured. */
  readonly http?: HttpOptions | false | undefined
  /** Whether the Node.js runtime and the process are measured. Default: true. */
  readonly runtime?: boolean | undefined
  /**
   * Whether meterkit measures its own collections and scrapes and counts series (`meterkit_*`). Measurements that were
   * rejected or overflowed and callbacks that failed are counted in any case. Default: true.
   */
  readonly selfMetrics?: boolean | undefined
  /**
   * OpenTelemetry views over every instrument. `recordMinMax` has no effect: histograms are cumulative, and a minimum since
   * the start tells nothing of a window. Default: none.
   */
  readonly views?: readonly ViewOptions[] | undefined
  /** Series a metric may have before one overflow series takes the rest; 1 or more. Default: 2,000. */
  readonly cardinalityLimit?: number | undefined
  /**
   * Which measurements of counters and histograms leave an exemplar, with the ids of their trace and span: those made in
   * a sampled span, all, or none. Default: `'trace_based'`.
   */
  readonly exemplars?: ExemplarFilter | undefined
  /**
   * Whether what is instrumented is also measured under the names and with the attributes of OpenTelemetry's semantic
   * conventions (`http.server.request.duration`, `messaging.process.duration`, …). Default: false.
   */
  readonly semconv?: boolean | undefined
  /** Labels of every series. Default: none. */
  readonly constantLabels?: Readonly<Record<string, string | number | boolean>> | undefined
  /** From which weight on meterkit says something: `'info'`, `'warn'`, `'error'` or `'none'`. Default: `'info'`. */
  readonly logLevel?: LogLevel | undefined
  /** Where meterkit says what a person should know; `false` says nothing. Default: one line a message on standard error. */
  readonly logger?: Logger | false | undefined
}
