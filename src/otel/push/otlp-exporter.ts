import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { createRequire } from 'node:module'
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { otlpFile, otlpPackage } from '../../model/otlp-needs'
import { jsonRequest, type StockSerializer } from './otlp-json'
import { serializedRequest } from './otlp-serializer'
import { Answers } from './partial-success'
import { ProtobufWriter } from './protobuf-writer'
import { withSize } from './request-size'
import { retrying } from './retrying'
import { inWholeTime } from './whole-time'

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

const DEFAULT_ENDPOINTS = {
  'http/protobuf': 'http://localhost:4318/v1/metrics',
  'http/json': 'http://localhost:4318/v1/metrics',
  grpc: 'http://localhost:4317',
} as const satisfies Record<OtlpTarget['protocol'], string>

/**
 * An exporter for a target, put together of OpenTelemetry's transport and a serializer of our own; the package that has the
 * transport is loaded now. Throws where it is not installed, or a file of certificates cannot be read.
 */
export function otlpExporter(target: OtlpTarget): PushMetricExporter {
  const name = otlpPackage(target.protocol)
  // What it is made of comes with it, and it alone must find that.
  const load = createRequire(require.resolve(name))
  const answers = new Answers()
  const { protocol } = target
  return answers.toldBy(
    protocol === 'grpc' ? grpcExporter(target, load, answers) : httpExporter(target, protocol, load, answers),
  )
}

/** What is used of the packages that OpenTelemetry's exporters are made of. */
interface HttpTransport {
  convertLegacyHttpOptions(config: object, signal: string, path: string, headers: Record<string, string>): object
  /** The delegate is all that an exporter is: OpenTelemetry's own hand on to it what they are asked. */
  createOtlpHttpExportDelegate(options: object, serializer: object, type: string, helper: unknown): PushMetricExporter
}
interface GrpcTransport {
  convertLegacyOtlpGrpcOptions(config: object, signal: string): object
  createOtlpGrpcExportDelegate(
    options: object,
    serializer: object,
    type: string,
    helper: unknown,
    meterProvider: undefined,
    name: string,
    path: string,
  ): PushMetricExporter
  createEmptyMetadata(): { set(name: string, value: string): void }
  createInsecureCredentials(): unknown
  createSslCredentials(ca?: Buffer, key?: Buffer, certificate?: Buffer): unknown
}
interface Transformer {
  readonly JsonMetricsSerializer: Serializer
  readonly ProtobufMetricsSerializer: Serializer
  readonly MetricsExporterMetricsHelper: unknown
}
interface Serializer extends StockSerializer {
  deserializeResponse(bytes: Uint8Array): unknown
}

const CONTENT_TYPES = { 'http/protobuf': 'application/x-protobuf', 'http/json': 'application/json' }

function httpExporter(
  target: OtlpTarget,
  protocol: keyof typeof CONTENT_TYPES,
  load: NodeJS.Require,
  answers: Answers,
): PushMetricExporter {
  const { endpoint: url = DEFAULT_ENDPOINTS[protocol], timeoutMs: timeoutMillis, compression, headers } = target
  const transport = load('@opentelemetry/otlp-exporter-base/node-http') as HttpTransport
  const transformer = load('@opentelemetry/otlp-transformer') as Transformer
  const tls = {
    ca: otlpFile('certificate', target.certificate),
    cert: otlpFile('clientCertificate', target.clientCertificate),
    key: otlpFile('clientKey', target.clientKey),
  }
  let agent: HttpAgent | undefined
  const httpAgentOptions = (scheme: string) => {
    agent = scheme === 'http:' ? new HttpAgent({ keepAlive: true }) : new HttpsAgent({ keepAlive: true, ...tls })
    return agent
  }
  const config = { url, timeoutMillis, compression, headers, httpAgentOptions }
  const exporter = transport.createOtlpHttpExportDelegate(
    transport.convertLegacyHttpOptions(config, 'METRICS', 'v1/metrics', { 'Content-Type': CONTENT_TYPES[protocol] }),
    protocol === 'http/json' ? jsonSerializer(transformer, answers) : protobufSerializer(transformer, answers),
    'otlp_http_metric_exporter',
    transformer.MetricsExporterMetricsHelper,
  )
  // A reader sends one request at a time: the agent's connections are that one's, or idle.
  return inWholeTime(exporter, timeoutMillis, () => agent?.destroy())
}

function grpcExporter(target: OtlpTarget, load: NodeJS.Require, answers: Answers): PushMetricExporter {
  const { endpoint = DEFAULT_ENDPOINTS.grpc, timeoutMs: timeoutMillis, compression, headers } = target
  const transport = load('@opentelemetry/otlp-grpc-exporter-base') as GrpcTransport
  const transformer = load('@opentelemetry/otlp-transformer') as Transformer
  const metadata = transport.createEmptyMetadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  const files = [
    otlpFile('certificate', target.certificate),
    otlpFile('clientKey', target.clientKey),
    otlpFile('clientCertificate', target.clientCertificate),
  ] as const
  const credentials = endpoint.startsWith('https:')
    ? transport.createSslCredentials(...files)
    : transport.createInsecureCredentials()
  // The service and its method are its path.
  const config = { url: new URL(endpoint).origin, timeoutMillis, compression, metadata, credentials }
  const exporter = transport.createOtlpGrpcExportDelegate(
    transport.convertLegacyOtlpGrpcOptions(config, 'METRICS'),
    protobufSerializer(transformer, answers),
    'otlp_grpc_metric_exporter',
    transformer.MetricsExporterMetricsHelper,
    undefined,
    'MetricsExportService',
    '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  )
  return retrying(exporter, timeoutMillis)
}

function protobufSerializer({ ProtobufMetricsSerializer: stock }: Transformer, answers: Answers): Serializer {
  const writer = new ProtobufWriter()
  return {
    serializeRequest: (metrics) => withSize(metrics, serializedRequest(writer, metrics)),
    deserializeResponse: (bytes) => answers.note(stock.deserializeResponse(bytes)),
  }
}

function jsonSerializer({ JsonMetricsSerializer: stock }: Transformer, answers: Answers): Serializer {
  return {
    serializeRequest: (metrics) => withSize(metrics, jsonRequest(stock, metrics)),
    deserializeResponse: (bytes) => answers.note(stock.deserializeResponse(bytes)),
  }
}
