import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { DefinitionError, errorText } from '../../model/errors'
import { optionalPackage } from '../../model/optional-package'
import { serializedRequest } from './otlp-serializer'
import { ProtobufWriter } from './protobuf-writer'

/** Where an exporter sends metrics, and how. All of it is decided: nothing is left to the environment. */
export interface OtlpTarget {
  readonly endpoint: string | undefined
  readonly protocol: 'http/protobuf' | 'http/json' | 'grpc'
  readonly headers: Readonly<Record<string, string>>
  readonly compression: 'gzip' | 'none'
  readonly timeoutMs: number
  readonly certificate: string | undefined
  readonly clientCertificate: string | undefined
  readonly clientKey: string | undefined
}

const PACKAGES = {
  'http/protobuf': '@opentelemetry/exporter-metrics-otlp-proto',
  'http/json': '@opentelemetry/exporter-metrics-otlp-http',
  grpc: '@opentelemetry/exporter-metrics-otlp-grpc',
} as const satisfies Record<OtlpTarget['protocol'], string>

const DEFAULT_ENDPOINTS = {
  'http/protobuf': 'http://localhost:4318/v1/metrics',
  'http/json': 'http://localhost:4318/v1/metrics',
  grpc: 'http://localhost:4317',
} as const satisfies Record<OtlpTarget['protocol'], string>

const CANNOT = 'Cannot start "otlp":'

/** What is used of the packages, which only those have installed who push. */
interface Library {
  readonly OTLPMetricExporter: new (config: object) => PushMetricExporter
}

/**
 * OpenTelemetry's exporter for a target, whose package is loaded now. Throws where it is not installed, or a file of
 * certificates cannot be read.
 */
export function otlpExporter(target: OtlpTarget): PushMetricExporter {
  const { protocol, timeoutMs, compression, endpoint = DEFAULT_ENDPOINTS[protocol] } = target
  const { OTLPMetricExporter } = optionalPackage<Library>(CANNOT, PACKAGES[protocol])
  const common = { timeoutMillis: timeoutMs, compression }
  if (protocol !== 'grpc') {
    const tls = {
      ca: fileOf(target, 'certificate'),
      cert: fileOf(target, 'clientCertificate'),
      key: fileOf(target, 'clientKey'),
    }
    const config = {
      ...common,
      url: endpoint,
      headers: target.headers,
      httpAgentOptions: { keepAlive: true, ...tls },
    }
    return protocol === 'http/protobuf' ? protobufExporter(config) : new OTLPMetricExporter(config)
  }
  return new OTLPMetricExporter({
    ...common,
    // The service and its method are its path.
    url: new URL(endpoint).origin,
    ...grpcCredentials(target, endpoint),
  })
}

/** What is used of the packages that OpenTelemetry's exporter is made of. */
interface Base {
  readonly OTLPExporterBase: new (delegate: unknown) => PushMetricExporter
}
interface Transport {
  convertLegacyHttpOptions(config: object, signal: string, path: string, headers: Record<string, string>): object
  createOtlpHttpExportDelegate(options: object, serializer: object, type: string, helper: unknown): unknown
}
interface Transformer {
  readonly ProtobufMetricsSerializer: { deserializeResponse(bytes: Uint8Array): unknown }
  readonly MetricsExporterMetricsHelper: unknown
}

/** OpenTelemetry's exporter of protobuf over HTTP, put together with a serializer of our own. */
function protobufExporter(config: object): PushMetricExporter {
  // They come with the package, which alone must find them.
  const load = createRequire(require.resolve(PACKAGES['http/protobuf']))
  const { OTLPExporterBase } = load('@opentelemetry/otlp-exporter-base') as Base
  const transport = load('@opentelemetry/otlp-exporter-base/node-http') as Transport
  const transformer = load('@opentelemetry/otlp-transformer') as Transformer
  const { ProtobufMetricsSerializer, MetricsExporterMetricsHelper } = transformer
  const writer = new ProtobufWriter()
  const delegate = transport.createOtlpHttpExportDelegate(
    transport.convertLegacyHttpOptions(config, 'METRICS', 'v1/metrics', { 'Content-Type': 'application/x-protobuf' }),
    {
      serializeRequest: (metrics: ResourceMetrics) => serializedRequest(writer, metrics),
      deserializeResponse: (bytes: Uint8Array) => ProtobufMetricsSerializer.deserializeResponse(bytes),
    },
    'otlp_http_metric_exporter',
    MetricsExporterMetricsHelper,
  )
  return new OTLPExporterBase(delegate)
}

/** What is used of `@grpc/grpc-js`, which comes with the exporter. */
interface Grpc {
  readonly Metadata: new () => { set(name: string, value: string): void }
  readonly credentials: {
    createInsecure(): unknown
    createSsl(ca?: Buffer, key?: Buffer, certificate?: Buffer): unknown
  }
}

function grpcCredentials(target: OtlpTarget, endpoint: string): object {
  const { Metadata, credentials } = optionalPackage<Grpc>(CANNOT, '@grpc/grpc-js')
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(target.headers)) metadata.set(name, value)
  const isSecure = endpoint.startsWith('https:')
  const files = [
    fileOf(target, 'certificate'),
    fileOf(target, 'clientKey'),
    fileOf(target, 'clientCertificate'),
  ] as const
  return { metadata, credentials: isSecure ? credentials.createSsl(...files) : credentials.createInsecure() }
}

function fileOf(target: OtlpTarget, key: 'certificate' | 'clientCertificate' | 'clientKey'): Buffer | undefined {
  const path = target[key]
  if (path === undefined) return undefined
  try {
    return readFileSync(path)
  } catch (error) {
    throw new DefinitionError(
      `${CANNOT} otlp.${key} must be a file that can be read, got ${JSON.stringify(path)} (${errorText(error)}). Correct the path.`,
    )
  }
}
