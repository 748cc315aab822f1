import { expect } from 'chai'
import { optionsFromEnvironment, variablesOf } from '../../src/config/environment'
import { TABLE } from '../../src/config/table'
import { forEachOption } from '../../src/config/walk'

const DELAY = 'a number above 0 and up to 2147483647'
const TIMEOUT = 'a number from 0, which is no limit, to 2147483647'
const FLAG = 'true or false'
const ENDPOINT = 'an http or https URL, or host:port over gRPC'
const HEADERS = 'an object of strings by name, as headers may have them'
const PAIRS = 'an object of strings, numbers and booleans'

/** Each variable: the options it gives, a text and what that stands for, a text that cannot be and what is wanted then. */
const VARIABLES: Readonly<
  Record<string, readonly [path: string, text: string, value: unknown, bad?: string, wanted?: string, mend?: string]>
> = {
  OTEL_SDK_DISABLED: ['disabled', 'TRUE', true, '1', FLAG],
  OTEL_SERVICE_NAME: ['serviceName', 'orders', 'orders'],
  OTEL_RESOURCE_ATTRIBUTES: ['resource', 'a=b, c = d%2C,', { a: 'b', c: 'd,' }, 'a', `${PAIRS}, and arrays of these`],
  OTEL_NODE_RESOURCE_DETECTORS: [
    'resourceDetectors',
    'env, container',
    ['env', 'container'],
    'env,contianer',
    'a list of env, host, os, process, serviceinstance, container, aws, gcp, azure, all',
  ],
  METERKIT_RESOURCE_LABELS: [
    'resourceLabels',
    'service.namespace',
    ['service.namespace'],
    'a,,b',
    'a list of up to 20 attribute names',
  ],
  OTEL_METRICS_EXPORTER: [
    'exporters',
    'otlp, prometheus',
    ['otlp', 'prometheus'],
    'otpl',
    "a list of 'prometheus', 'otlp', 'console' and metric readers, each once",
    'Write "otlp".',
  ],
  OTEL_EXPORTER_PROMETHEUS_HOST: [
    'prometheus.host',
    '0.0.0.0',
    '0.0.0.0',
    '0.0.0.0:9464',
    'a host name or address, without a port',
  ],
  OTEL_EXPORTER_PROMETHEUS_PORT: ['prometheus.port', '0', 0, '65536', 'a whole number from 0 to 65535'],
  METERKIT_PROMETHEUS_PATH: ['prometheus.path', '/m', '/m', 'm', 'a path that starts with "/", written as in a URL'],
  METERKIT_PROMETHEUS_SERVER: ['prometheus.server', 'false', false, 'no', FLAG],
  METERKIT_PROMETHEUS_TIMEOUT_MS: ['prometheus.timeoutMs', '500', 500, '0', DELAY],
  METERKIT_PROMETHEUS_CREATED: ['prometheus.created', 'true', true, 'yes', FLAG],
  METERKIT_PROMETHEUS_TRANSLATION_STRATEGY: [
    'prometheus.translationStrategy',
    'NoTranslation',
    'NoTranslation',
    'notranslations',
    'one of UnderscoreEscapingWithSuffixes, UnderscoreEscapingWithoutSuffixes, NoUTF8EscapingWithSuffixes, NoTranslation',
    'Write "NoTranslation".',
  ],
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: ['otlp.endpoint', 'http://a/m', 'http://a/m', 'ftp://a', ENDPOINT],
  OTEL_EXPORTER_OTLP_ENDPOINT: [
    'otlp.endpoint',
    'http://a:4318/',
    'http://a:4318/v1/metrics',
    'http://a:99999',
    ENDPOINT,
  ],
  ...twice('INSECURE', 'otlp.insecure', 'true', true, 'yes', FLAG),
  ...twice(
    'PROTOCOL',
    'otlp.protocol',
    'grpc',
    'grpc',
    'grcp',
    'one of http/protobuf, http/json, grpc',
    'Write "grpc".',
  ),
  ...twice('HEADERS', 'otlp.headers', 'api-key=a%20b', { 'api-key': 'a b' }, 'api-key', HEADERS),
  ...twice('COMPRESSION', 'otlp.compression', 'gzip', 'gzip', 'zip', 'one of gzip, none', 'Write "gzip".'),
  ...twice('TIMEOUT', 'otlp.timeoutMs', '0', 0, '-1', TIMEOUT),
  ...twice('CERTIFICATE', 'otlp.certificate', 'ca.pem', 'ca.pem', '\n', 'the path of a file'),
  ...twice('CLIENT_CERTIFICATE', 'otlp.clientCertificate', 'c.pem', 'c.pem', '\n', 'the path of a file'),
  ...twice('CLIENT_KEY', 'otlp.clientKey', 'k.pem', 'k.pem', '\n', 'the path of a file'),
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: [
    'otlp.temporality',
    'LowMemory',
    'lowmemory',
    'detla',
    'one of cumulative, delta, lowmemory',
    'Write "delta".',
  ],
  OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: [
    'otlp.histograms',
    'BASE2_EXPONENTIAL_BUCKET_HISTOGRAM',
    'base2_exponential_bucket_histogram',
    'base2',
    'one of explicit_bucket_histogram, base2_exponential_bucket_histogram',
  ],
  OTEL_METRIC_EXPORT_INTERVAL: ['otlp.intervalMs, console.intervalMs', '1000', 1_000, '1s', DELAY],
  OTEL_METRIC_EXPORT_TIMEOUT: ['otlp.exportTimeoutMs, console.exportTimeoutMs', '1000', 1_000, '2147483648', TIMEOUT],
  METERKIT_PUSH_TO: [
    'push.to',
    'remote-write',
    'remote-write',
    'remotewrite',
    'one of pushgateway, remote-write',
    'Write "remote-write".',
  ],
  METERKIT_PUSH_URL: ['push.url', 'http://a:9091', 'http://a:9091', 'a:9091', 'an http or https URL'],
  METERKIT_PUSH_JOB: ['push.job', 'nightly', 'nightly', '\n', 'a name'],
  METERKIT_PUSH_GROUPING_KEY: [
    'push.groupingKey',
    'shard=7',
    { shard: '7' },
    'shard',
    `${PAIRS} by label name, without job and le`,
  ],
  METERKIT_PUSH_ACTION: ['push.action', 'replace', 'replace', 'add', 'one of merge, replace, delete'],
  METERKIT_PUSH_NATIVE_HISTOGRAMS: ['push.nativeHistograms', 'true', true, 'on', 'true or false'],
  METERKIT_PUSH_HEADERS: ['push.headers', 'api-key=a%20b', { 'api-key': 'a b' }, 'api-key', HEADERS],
  METERKIT_PUSH_TIMEOUT_MS: ['push.timeoutMs', '500', 500, '0', DELAY],
  METERKIT_HTTP: ['http', 'false', false, 'off', 'an object of options, or false'],
  METERKIT_HTTP_ENGINE: ['http.engine', 'opentelemetry', 'opentelemetry', 'otel', 'one of channels, opentelemetry'],
  METERKIT_HTTP_BUCKETS: ['http.buckets', '0.1, 1', [0.1, 1], '0.1,,1', 'a list of rising numbers'],
  METERKIT_HTTP_IGNORE: [
    'http.ignore',
    '/health,/ready',
    ['/health', '/ready'],
    '/health,ready',
    'a list of paths and regular expressions, or a function',
  ],
  METERKIT_HTTP_MAX_PATHS: ['http.maxPaths', '5', 5, '1001', 'a whole number from 1 to 1000'],
  METERKIT_HTTP_METHODS: ['http.methods', 'GET,PUT', ['GET', 'PUT'], 'get', 'a list of 1 to 50 methods in capitals'],
  METERKIT_HTTP_SIZES: ['http.sizes', 'true', true, 'on', 'true, false, or an object with buckets'],
  METERKIT_HTTP_CLIENT: ['http.client', 'false', false, 'off', 'an object of options, or false'],
  METERKIT_HTTP_CLIENT_BUCKETS: ['http.client.buckets', '1', [1], 'one', 'a list of rising numbers'],
  METERKIT_HTTP_CLIENT_IGNORE: [
    'http.client.ignore',
    'a.example',
    ['a.example'],
    'http://a.example',
    'a list of hosts and regular expressions, or a function',
  ],
  METERKIT_HTTP_CLIENT_MAX_HOSTS: ['http.client.maxHosts', '5', 5, '0', 'a whole number from 1 to 1000'],
  METERKIT_RUNTIME: ['runtime', 'false', false, 'no', FLAG],
  METERKIT_SELF_METRICS: ['selfMetrics', 'False', false, 'no', FLAG],
  METERKIT_CARDINALITY_LIMIT: ['cardinalityLimit', '10', 10, '0', 'a whole number of 1 or more'],
  OTEL_METRICS_EXEMPLAR_FILTER: [
    'exemplars',
    'always_off',
    'always_off',
    'alwaysoff',
    'one of trace_based, always_on, always_off',
    'Write "always_off".',
  ],
  METERKIT_SEMCONV: ['semconv', 'true', true, 'yes', FLAG],
  METERKIT_CONSTANT_LABELS: ['constantLabels', 'zone=a', { zone: 'a' }, 'zone', PAIRS],
  OTEL_LOG_LEVEL: ['logLevel', 'WARN', 'warn', 'eror', 'one of info, warn, error, none', 'Write "error".'],
}

/** A variable for metrics alone and the one for all signals. */
function twice(name: string, ...row: (typeof VARIABLES)[string]): typeof VARIABLES {
  return { [`OTEL_EXPORTER_OTLP_METRICS_${name}`]: row, [`OTEL_EXPORTER_OTLP_${name}`]: row }
}

const read = (env: Readonly<Record<string, string>>) => {
  const faults: string[] = []
  const { options, origins } = optionsFromEnvironment(env, (message) => faults.push(message))
  return { options, origins, faults }
}

function nested(path: string, value: unknown): object {
  return path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object
}

describe('The options of the environment', () => {
  it('are all told of here', () => {
    const names: string[] = []
    forEachOption(TABLE, (path, option) => names.push(...variablesOf(path, option).map(({ name }) => name)))
    expect([...new Set(names)].sort()).to.deep.equal(Object.keys(VARIABLES).sort())
  })

  for (const [name, [path, text, value, bad, wanted, mend]] of Object.entries(VARIABLES)) {
    it(`have ${path} from ${name}, which counts as unset where it is empty`, () => {
      const { options, origins, faults } = read({ [name]: text })
      const paths = path.split(', ')
      expect(options).to.deep.equal(Object.assign({}, ...paths.map((each) => nested(each, value))))
      expect([...origins]).to.deep.equal(paths.map((each) => [each, name]))
      expect(faults).to.deep.equal([])
      expect(read({ [name]: '' })).to.deep.equal({ options: {}, origins: new Map(), faults: [] })
    })

    if (bad === undefined) continue
    it(`say what ${name} must be where it is ${bad}`, () => {
      const { options, faults } = read({ [name]: bad })
      expect(options).to.deep.equal({})
      expect(faults).to.deep.equal([
        `${name} must be ${wanted}, got ${wanted === HEADERS ? 'something else' : JSON.stringify(bad)}. ${mend ?? 'Unset it for the default.'}`,
      ])
    })
  }

  it('cannot have every text, but for a name, which may be any', () => {
    const free = Object.entries(VARIABLES).filter(([, [, , , bad]]) => bad === undefined)
    expect(free.map(([name]) => name)).to.deep.equal(['OTEL_SERVICE_NAME'])
  })

  it('take a variable for metrics before the one for all signals', () => {
    const { options } = read({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://metrics/in',
    })
    expect(options).to.deep.equal({ otlp: { endpoint: 'http://metrics/in' } })
  })

  it('are no exporters and no detectors where there is to be none', () => {
    expect(read({ OTEL_METRICS_EXPORTER: 'none' }).options).to.deep.equal({ exporters: [] })
    expect(read({ OTEL_NODE_RESOURCE_DETECTORS: 'none' }).options).to.deep.equal({ resourceDetectors: [] })
  })

  it('do not show secrets', () => {
    const faults = ['secret', 'a=secret%0A', 'a%20b=secret'].flatMap(
      (OTEL_EXPORTER_OTLP_HEADERS) => read({ OTEL_EXPORTER_OTLP_HEADERS }).faults,
    )
    expect(faults).to.deep.equal(
      Array(3).fill(`OTEL_EXPORTER_OTLP_HEADERS must be ${HEADERS}, got something else. Unset it for the default.`),
    )
    const [fault] = read({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'htp://user:se/cret@a' }).faults
    expect(fault).to.include('got "htp://****@a"')
  })

  it('may be in any letters where they are one of a few', () => {
    const { options, faults } = read({
      OTEL_METRICS_EXPORTER: 'OTLP,Console',
      OTEL_METRICS_EXEMPLAR_FILTER: 'Always_On',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'GRPC',
      METERKIT_HTTP: 'False',
    })
    expect(options).to.deep.equal({
      exporters: ['otlp', 'console'],
      exemplars: 'always_on',
      otlp: { protocol: 'grpc' },
      http: false,
    })
    expect(faults).to.deep.equal([])
    expect(read({ OTEL_METRICS_EXPORTER: 'None' }).options).to.deep.equal({ exporters: [] })
  })

  it('have the path for metrics before the query of the base of all signals, and none for gRPC without a scheme', () => {
    const endpoint = (OTEL_EXPORTER_OTLP_ENDPOINT: string) => read({ OTEL_EXPORTER_OTLP_ENDPOINT }).options.otlp
    expect(endpoint('HTTP://a:4318/in/?key=b')).to.deep.equal({ endpoint: 'http://a:4318/in/v1/metrics?key=b' })
    expect(endpoint('collector:4317')).to.deep.equal({ endpoint: 'collector:4317' })
  })

  for (const [name, text] of [
    ['OTEL_METRICS_EXPORTER', 'otlp,otlp'],
    ['METERKIT_HTTP_BUCKETS', '3,2,1'],
    ['METERKIT_PUSH_URL', 'http://a:99999'],
    ['METERKIT_PUSH_GROUPING_KEY', 'job=b'],
    ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'a:99999'],
  ] as const) {
    it(`cannot be ${name}=${text}`, () => {
      const { options, faults } = read({ [name]: text })
      expect(options).to.deep.equal({})
      expect(faults.join()).to.match(new RegExp(`^${name} must be .*, got "${text}"`))
    })
  }

  it('say so where a variable of meterkit’s is none', () => {
    expect(read({ METERKIT_PROMETHEUS_PAHT: '/m', METERKIT_X: 'y', METERKIT_REGISTERED: '1:2' }).faults).to.deep.equal([
      'a variable must be one that there is, got "METERKIT_PROMETHEUS_PAHT". Write "METERKIT_PROMETHEUS_PATH".',
      'a variable must be one that there is, got "METERKIT_X". Unset it, or correct its name.',
    ])
  })

  it('say so where a variable is nearly one of OpenTelemetry’s, and leave alone what is for others', () => {
    expect(
      read({
        OTEL_METRICS_EXPORTERS: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPIONT: 'http://a',
        OTEL_CONFIG_FIEL: 'a.yaml',
        OTEL_METRIC_EXPORTER: '',
        OTEL_CONFIG_FILE: 'a.yaml',
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_LOGS_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '1',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://a',
        OTEL_EXPORTER_OTLP_RETRY_DISABLED: 'true',
        OTEL_PROPAGATORS: 'b3',
      }),
    ).to.deep.equal({
      options: {},
      origins: new Map(),
      faults: [
        'a variable must be one that there is, got "OTEL_METRICS_EXPORTERS". Write "OTEL_METRICS_EXPORTER".',
        'a variable must be one that there is, got "OTEL_EXPORTER_OTLP_ENDPIONT". Write "OTEL_EXPORTER_OTLP_ENDPOINT".',
        'a variable must be one that there is, got "OTEL_CONFIG_FIEL". Write "OTEL_CONFIG_FILE".',
      ],
    })
  })

  it('say so of what is inside of something that is turned off', () => {
    const { options, faults } = read({
      METERKIT_HTTP: 'false',
      METERKIT_HTTP_MAX_PATHS: '5',
      METERKIT_HTTP_CLIENT_MAX_HOSTS: '5',
    })
    expect(options).to.deep.equal({ http: false })
    expect(faults).to.deep.equal([
      'METERKIT_HTTP_MAX_PATHS must be unset where METERKIT_HTTP is false, got a value. Unset one of them.',
      'METERKIT_HTTP_CLIENT_MAX_HOSTS must be unset where METERKIT_HTTP is false, got a value. Unset one of them.',
    ])
  })

  for (const port of ['http', '-1', '1e3', '0x10', ' 9464', '99999999999999999999']) {
    it(`do not take ${JSON.stringify(port)} for a port`, () => {
      expect(read({ OTEL_EXPORTER_PROMETHEUS_PORT: port }).faults).to.have.length(1)
    })
  }
})
