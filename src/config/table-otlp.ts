import { delay, flag, oneOf, text, timeout } from './kind'
import { endpoint, headers, isHttpUrl } from './kind-request'
import type { Options } from './option'
import {
  COMPRESSIONS,
  type ConsoleOptions,
  HISTOGRAMS,
  OTLP_PROTOCOLS,
  type OtlpOptions,
  TEMPORALITIES,
} from './options'

/** A variable for metrics alone, and the one for all signals (OTLP exporter specification, "Configuration Options"). */
const both = (name: string) => [`OTEL_EXPORTER_OTLP_METRICS_${name}`, `OTEL_EXPORTER_OTLP_${name}`]

const PERIODIC = 'meter_provider.readers[].periodic'
const HTTP = `${PERIODIC}.exporter.otlp_http`

/** Of the base of what is sent for all signals, the URL for metrics; gRPC has it as it is ("Endpoint URLs for OTLP/HTTP"). */
function ofBase(given: string): string | undefined {
  if (!isHttpUrl(given)) return endpoint().parse?.(given)
  const url = new URL(given)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/metrics`
  return url.href
}

/** What all readers have that push by themselves; the variables are for all of them. */
export const CONSOLE: Options<ConsoleOptions> = {
  intervalMs: { kind: delay(), env: ['OTEL_METRIC_EXPORT_INTERVAL'], file: `${PERIODIC}.interval`, default: 60_000 },
  exportTimeoutMs: {
    kind: timeout(),
    env: ['OTEL_METRIC_EXPORT_TIMEOUT'],
    file: `${PERIODIC}.timeout`,
    default: 30_000,
  },
}

export const OTLP: Options<OtlpOptions> = {
  endpoint: {
    kind: endpoint(),
    env: ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', parse: ofBase }],
    file: `${HTTP}.endpoint`,
  },
  insecure: {
    kind: flag(),
    env: both('INSECURE'),
    file: `${PERIODIC}.exporter.otlp_grpc.tls.insecure`,
    default: false,
  },
  protocol: { kind: oneOf(OTLP_PROTOCOLS), env: both('PROTOCOL'), file: `${HTTP}.encoding`, default: 'http/protobuf' },
  headers: {
    kind: headers(),
    env: both('HEADERS'),
    file: `${HTTP}.headers`,
    isSecret: true,
  },
  compression: { kind: oneOf(COMPRESSIONS), env: both('COMPRESSION'), file: `${HTTP}.compression`, default: 'none' },
  timeoutMs: { kind: timeout(), env: both('TIMEOUT'), file: `${HTTP}.timeout`, default: 10_000 },
  certificate: { kind: text('the path of a file', /./), env: both('CERTIFICATE'), file: `${HTTP}.tls.ca_file` },
  clientCertificate: {
    kind: text('the path of a file', /./),
    env: both('CLIENT_CERTIFICATE'),
    file: `${HTTP}.tls.cert_file`,
  },
  clientKey: { kind: text('the path of a file', /./), env: both('CLIENT_KEY'), file: `${HTTP}.tls.key_file` },
  temporality: {
    kind: oneOf(TEMPORALITIES),
    env: ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'],
    file: `${HTTP}.temporality_preference`,
    default: 'cumulative',
  },
  histograms: {
    kind: oneOf(HISTOGRAMS),
    env: ['OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION'],
    file: `${HTTP}.default_histogram_aggregation`,
    default: 'explicit_bucket_histogram',
  },
  ...CONSOLE,
}
