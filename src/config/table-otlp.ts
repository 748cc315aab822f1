import { delay, namedValues, oneOf, TEXT_ENTRY, text } from './kind'
import type { Options } from './option'
import { COMPRESSIONS, HISTOGRAMS, OTLP_PROTOCOLS, type OtlpOptions, TEMPORALITIES } from './options'

/** A variable for metrics alone, and the one for all signals (OTLP exporter specification, "Configuration Options"). */
const both = (name: string) => [`OTEL_EXPORTER_OTLP_METRICS_${name}`, `OTEL_EXPORTER_OTLP_${name}`]

const PERIODIC = 'meter_provider.readers[].periodic'
const HTTP = `${PERIODIC}.exporter.otlp_http`

const url = text('an http or https URL', /^https?:\/\/[^\s/]+/)

export const OTLP: Options<OtlpOptions> = {
  endpoint: {
    kind: url,
    env: [
      'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
      // The base of what is sent for all signals ("Endpoint URLs for OTLP/HTTP").
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', parse: (given) => url.parse?.(`${given.replace(/\/$/, '')}/v1/metrics`) },
    ],
    file: `${HTTP}.endpoint`,
  },
  protocol: { kind: oneOf(OTLP_PROTOCOLS), env: both('PROTOCOL'), file: `${HTTP}.encoding`, default: 'http/protobuf' },
  headers: {
    kind: namedValues('an object of strings', TEXT_ENTRY),
    env: both('HEADERS'),
    file: `${HTTP}.headers`,
    isSecret: true,
  },
  compression: { kind: oneOf(COMPRESSIONS), env: both('COMPRESSION'), file: `${HTTP}.compression`, default: 'none' },
  timeoutMs: { kind: delay(), env: both('TIMEOUT'), file: `${HTTP}.timeout`, default: 10_000 },
  certificate: { kind: text('the path of a file', /./), env: both('CERTIFICATE'), file: `${HTTP}.tls.ca_file` },
  clientCertificate: {
    kind: text('the path of a file', /./),
    env: both('CLIENT_CERTIFICATE'),
    file: `${HTTP}.tls.cert_file`,
  },
  clientKey: { kind: text('the path of a file', /./), env: both('CLIENT_KEY'), file: `${HTTP}.tls.key_file` },
  temporality: {
    kind: oneOf(TEMPORALITIES),
    env: [
      {
        name: 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
        parse: (given) => oneOf(TEMPORALITIES).parse?.(given.toLowerCase()),
      },
    ],
    file: `${HTTP}.temporality_preference`,
    default: 'cumulative',
  },
  histograms: {
    kind: oneOf(HISTOGRAMS),
    env: [
      {
        name: 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
        parse: (given) => oneOf(HISTOGRAMS).parse?.(given.toLowerCase()),
      },
    ],
    file: `${HTTP}.default_histogram_aggregation`,
    default: 'explicit_bucket_histogram',
  },
  intervalMs: { kind: delay(), env: ['OTEL_METRIC_EXPORT_INTERVAL'], file: `${PERIODIC}.interval`, default: 60_000 },
  exportTimeoutMs: { kind: delay(), env: ['OTEL_METRIC_EXPORT_TIMEOUT'], file: `${PERIODIC}.timeout`, default: 30_000 },
}
