import { delay, namedValues, oneOf, text } from './kind'
import type { Options } from './option'
import { COMPRESSIONS, OTLP_PROTOCOLS, type OtlpOptions, TEMPORALITIES } from './options'

/** A variable for metrics alone, and the one for all signals (OTLP exporter specification, "Configuration Options"). */
const both = (name: string) => [`OTEL_EXPORTER_OTLP_METRICS_${name}`, `OTEL_EXPORTER_OTLP_${name}`]

const url = text('an http or https URL', /^https?:\/\/[^\s/]+/)

export const OTLP: Options<OtlpOptions> = {
  endpoint: {
    kind: url,
    env: [
      'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
      // The base of what is sent for all signals ("Endpoint URLs for OTLP/HTTP").
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', parse: (given) => url.parse?.(`${given.replace(/\/$/, '')}/v1/metrics`) },
    ],
  },
  protocol: { kind: oneOf(OTLP_PROTOCOLS), env: both('PROTOCOL'), default: 'http/protobuf' },
  headers: { kind: namedValues('an object of strings', ['string']), env: both('HEADERS'), isSecret: true },
  compression: { kind: oneOf(COMPRESSIONS), env: both('COMPRESSION'), default: 'none' },
  timeoutMs: { kind: delay(), env: both('TIMEOUT'), default: 10_000 },
  certificate: { kind: text('the path of a file', /./), env: both('CERTIFICATE') },
  clientCertificate: { kind: text('the path of a file', /./), env: both('CLIENT_CERTIFICATE') },
  clientKey: { kind: text('the path of a file', /./), env: both('CLIENT_KEY') },
  temporality: {
    kind: oneOf(TEMPORALITIES),
    env: [
      {
        name: 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
        parse: (given) => oneOf(TEMPORALITIES).parse?.(given.toLowerCase()),
      },
    ],
    default: 'cumulative',
  },
  intervalMs: { kind: delay(), env: ['OTEL_METRIC_EXPORT_INTERVAL'], default: 60_000 },
  exportTimeoutMs: { kind: delay(), env: ['OTEL_METRIC_EXPORT_TIMEOUT'], default: 30_000 },
}
