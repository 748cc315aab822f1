import { received } from '../model/errors'
import type { TranslationStrategy } from '../model/translation'
import type { Part } from './file-part'
import type { ConsoleOptions, ExporterName, MetricsOptions, OtlpOptions, PrometheusOptions } from './options'
import { TABLE } from './table'

type FromReaders = Pick<
  MetricsOptions,
  'exporters' | 'prometheus' | 'resourceLabels' | 'otlp' | 'console' | 'cardinalityLimit'
>

/** What the readers of a file say: the ways out, and how each goes. */
export function readersOf(meters: Part): FromReaders {
  const exporters = new Set<ExporterName>()
  const otlp: OtlpOptions[] = []
  const limits = new Set<number>()
  let prometheus: PrometheusOptions | undefined
  let console: ConsoleOptions | undefined
  let resourceLabels: readonly string[] | undefined
  for (const reader of meters.list('readers')) {
    const pull = reader.object('pull')
    if (pull !== undefined) {
      pull.knows('exporter', 'cardinality_limits')
      const exporter = pull.object('exporter')
      exporter?.knows('prometheus/development')
      if (exporters.has('prometheus'))
        throw reader.fault('pull', 'there once', 'another one', 'Use prometheus.endpoints of distribution.meterkit.')
      exporters.add('prometheus')
      const page = exporter?.object('prometheus/development')
      prometheus = prometheusOf(page)
      resourceLabels = resourceLabelsOf(page?.object('resource_constant_labels'))
      noteLimit(pull, limits)
    }
    const periodic = reader.object('periodic')
    if (periodic !== undefined) {
      periodic.knows('interval', 'timeout', 'exporter', 'cardinality_limits')
      const exporter = periodic.object('exporter')
      exporter?.knows('otlp_http', 'otlp_grpc', 'console')
      const times = timesOf(periodic)
      const http = exporter?.object('otlp_http')
      const grpc = exporter?.object('otlp_grpc')
      if (http !== undefined) otlp.push({ ...otlpHttpOf(http), ...times })
      if (grpc !== undefined) otlp.push({ ...otlpGrpcOf(grpc), ...times })
      if (http !== undefined || grpc !== undefined) exporters.add('otlp')
      else {
        exporter?.object('console')?.knows()
        if (exporters.has('console')) throw reader.fault('periodic', 'of the console once', 'another one')
        exporters.add('console')
        console = times
      }
      noteLimit(periodic, limits)
    }
  }
  if (limits.size > 1) {
    throw meters.fault(
      'readers',
      'of one cardinality limit, as all of them read the same series',
      [...limits].join(' and '),
    )
  }
  const [cardinalityLimit] = limits
  return {
    ...(exporters.size > 0 && { exporters: [...exporters] }),
    ...(prometheus !== undefined && { prometheus }),
    ...(resourceLabels !== undefined && { resourceLabels }),
    ...(otlp.length > 0 && { otlp: otlp.length === 1 ? (otlp[0] as OtlpOptions) : otlp }),
    ...(console !== undefined && Object.keys(console).length > 0 && { console }),
    ...(cardinalityLimit !== undefined && { cardinalityLimit }),
  }
}

const STRATEGIES: Readonly<Record<string, TranslationStrategy>> = {
  underscore_escaping_with_suffixes: 'UnderscoreEscapingWithSuffixes',
  'underscore_escaping_without_suffixes/development': 'UnderscoreEscapingWithoutSuffixes',
  'no_utf8_escaping_with_suffixes/development': 'NoUTF8EscapingWithSuffixes',
  'no_translation/development': 'NoTranslation',
}

function prometheusOf(part: Part | undefined): PrometheusOptions {
  part?.knows('host', 'port', 'translation_strategy', 'resource_constant_labels')
  const host = part?.get<string>('host')
  const port = part?.get<number>('port')
  const strategy = STRATEGIES[part?.get<string>('translation_strategy') ?? '']
  return {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(strategy !== undefined && { translationStrategy: strategy }),
  }
}

/** Names alone: the label names of the service are known when it starts, so that none of its own takes one. */
function resourceLabelsOf(part: Part | undefined): readonly string[] | undefined {
  part?.knows('included')
  const names = part?.get<readonly string[]>('included')
  const pattern = names?.find((name) => /[*?]/.test(name))
  if (pattern !== undefined) throw part?.fault('included', 'a list of names without * and ?', received(pattern))
  return names
}

function otlpHttpOf(part: Part): OtlpOptions {
  const encoding = part.get<string>('encoding')
  return { ...otlpOf(part), protocol: encoding === 'json' ? 'http/json' : 'http/protobuf' }
}

function otlpGrpcOf(part: Part): OtlpOptions {
  const insecure = part.object('tls')?.get<boolean>('insecure')
  return { ...otlpOf(part), protocol: 'grpc', ...(insecure !== undefined && { insecure }) }
}

function otlpOf(part: Part): OtlpOptions {
  part.knows(
    'endpoint',
    'tls',
    'headers',
    'headers_list',
    'compression',
    'timeout',
    'encoding',
    'temporality_preference',
    'default_histogram_aggregation',
  )
  const tls = part.object('tls')
  // The schema has the last for gRPC alone.
  tls?.knows('ca_file', 'key_file', 'cert_file', 'insecure')
  const temporality = part.get<string>('temporality_preference')?.replace('_', '')
  const values: { readonly [K in keyof OtlpOptions]: unknown } = {
    endpoint: part.get('endpoint'),
    headers: headersOf(part),
    compression: part.get('compression'),
    timeoutMs: part.get<number>('timeout'),
    certificate: tls?.get('ca_file'),
    clientKey: tls?.get('key_file'),
    clientCertificate: tls?.get('cert_file'),
    temporality,
    histograms: part.get('default_histogram_aggregation'),
  }
  // They are checked with all others.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as OtlpOptions
}

function headersOf(part: Part): Readonly<Record<string, string>> | undefined {
  const list = part.get<string>('headers_list')
  const listed = list === undefined ? {} : TABLE.otlp.options?.headers.kind.parse?.(list)
  if (listed === undefined) throw part.fault('headers_list', 'a list like name=value,other=value', 'something else')
  const named = part.list('headers').map((header) => [header.get('name'), header.get('value')])
  const headers = { ...listed, ...Object.fromEntries(named.filter(([, value]) => value !== undefined)) }
  return Object.keys(headers).length === 0 ? undefined : headers
}

function timesOf(periodic: Part): ConsoleOptions {
  const intervalMs = periodic.get<number>('interval')
  const exportTimeoutMs = periodic.get<number>('timeout')
  return { ...(intervalMs !== undefined && { intervalMs }), ...(exportTimeoutMs !== undefined && { exportTimeoutMs }) }
}

function noteLimit(reader: Part, limits: Set<number>): void {
  const part = reader.object('cardinality_limits')
  part?.knows('default')
  const limit = part?.get<number>('default')
  if (limit !== undefined) limits.add(limit)
}
