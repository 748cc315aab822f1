import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Attributes } from '@opentelemetry/api'
import { AggregationType, InstrumentType } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { optionsFromFile } from '../../src/config/file'
import type { MetricsOptions } from '../../src/config/options'
import { DefinitionError } from '../../src/model/errors'

const PULL = 'pull: { exporter: { prometheus/development: {} } }'
const reader = (content: string) => `meter_provider: { readers: [{ ${content} }] }`
const otlp = (content: string, kind = 'otlp_http') => reader(`periodic: { exporter: { ${kind}: { ${content} } } }`)
const view = (content: string) => `meter_provider: { readers: [{ ${PULL} }], views: [{ ${content} }] }`
const own = (content: string) => `distribution: { meterkit: { ${content} } }`

/** What stands in a file, and the options that it gives. */
const KEYS: readonly (readonly [content: string, options: MetricsOptions])[] = [
  ['', {}],
  ['disabled: true', { disabled: true }],
  ['log_level: warn2', { logLevel: 'warn' }],
  ['log_level: trace', { logLevel: 'info' }],
  ['log_level: fatal', { logLevel: 'none' }],
  ['resource: { attributes: [{ name: a, value: b }, { name: c, value: 2 }] }', { resource: { a: 'b', c: 2 } }],
  ['resource: { attributes: [{ name: a, value: [b, c], type: string_array }] }', { resource: { a: ['b', 'c'] } }],
  ['resource: { attributes_list: "a=b,c=d", attributes: [{ name: a, value: x }] }', { resource: { a: 'x', c: 'd' } }],
  [
    'resource: { detection/development: { detectors: [{ container: }, { host: }, { process: }, { service: }, { os: }] } }',
    { resourceDetectors: ['container', 'host', 'process', 'serviceinstance', 'os'] },
  ],
  [
    reader(
      'pull: { exporter: { prometheus/development: { resource_constant_labels: { included: [service.namespace] } } } }',
    ),
    { exporters: ['prometheus'], prometheus: {}, resourceLabels: ['service.namespace'] },
  ],
  [
    'meter_provider: { exemplar_filter: always_off, readers: [{ periodic: { exporter: { console: } } }] }',
    {
      exemplars: 'always_off',
      exporters: ['console'],
    },
  ],
  [reader(PULL), { exporters: ['prometheus'], prometheus: {} }],
  [
    reader(
      'pull: { exporter: { prometheus/development: { host: "::1", port: 0, translation_strategy: no_translation/development } } }',
    ),
    { exporters: ['prometheus'], prometheus: { host: '::1', port: 0, translationStrategy: 'NoTranslation' } },
  ],
  [
    reader('pull: { exporter: { prometheus/development: }, cardinality_limits: { default: 5 } }'),
    {
      exporters: ['prometheus'],
      prometheus: {},
      cardinalityLimit: 5,
    },
  ],
  [otlp(''), { exporters: ['otlp'], otlp: { protocol: 'http/protobuf' } }],
  [otlp('', 'otlp_grpc'), { exporters: ['otlp'], otlp: { protocol: 'grpc' } }],
  [
    otlp('endpoint: "a:4317", tls: { insecure: true }', 'otlp_grpc'),
    { exporters: ['otlp'], otlp: { protocol: 'grpc', endpoint: 'a:4317', insecure: true } },
  ],
  [
    otlp(
      'endpoint: http://a/m, encoding: json, compression: gzip, timeout: 5, headers: [{ name: k, value: v }], headers_list: "l=w", temporality_preference: low_memory, default_histogram_aggregation: base2_exponential_bucket_histogram, tls: { ca_file: a, key_file: k, cert_file: c }',
    ),
    {
      exporters: ['otlp'],
      otlp: {
        endpoint: 'http://a/m',
        protocol: 'http/json',
        compression: 'gzip',
        timeoutMs: 5,
        headers: { k: 'v', l: 'w' },
        temporality: 'lowmemory',
        histograms: 'base2_exponential_bucket_histogram',
        certificate: 'a',
        clientKey: 'k',
        clientCertificate: 'c',
      },
    },
  ],
  [
    reader('periodic: { interval: 7, timeout: 6, exporter: { otlp_http: } }'),
    { exporters: ['otlp'], otlp: { protocol: 'http/protobuf', intervalMs: 7, exportTimeoutMs: 6 } },
  ],
  [
    reader('periodic: { interval: 7, timeout: 6, exporter: { console: } }'),
    { exporters: ['console'], console: { intervalMs: 7, exportTimeoutMs: 6 } },
  ],
  // No limit.
  [
    reader('periodic: { timeout: 0, exporter: { otlp_grpc: { timeout: 0 } } }'),
    {
      exporters: ['otlp'],
      otlp: { protocol: 'grpc', timeoutMs: 0, exportTimeoutMs: 0 },
    },
  ],
  [
    `meter_provider: { readers: [{ ${PULL} }, { periodic: { exporter: { otlp_http: } } }, { periodic: { exporter: { otlp_grpc: } } }] }`,
    { exporters: ['prometheus', 'otlp'], prometheus: {}, otlp: [{ protocol: 'http/protobuf' }, { protocol: 'grpc' }] },
  ],
  [
    view(
      'selector: { instrument_name: "a*", instrument_type: observable_up_down_counter, unit: s, meter_name: m, meter_version: "1", meter_schema_url: u }, stream: { name: b, description: d, aggregation_cardinality_limit: 9 }',
    ),
    {
      exporters: ['prometheus'],
      prometheus: {},
      views: [
        {
          instrumentName: 'a*',
          instrumentType: InstrumentType.OBSERVABLE_UP_DOWN_COUNTER,
          instrumentUnit: 's',
          meterName: 'm',
          meterVersion: '1',
          meterSchemaUrl: 'u',
          name: 'b',
          description: 'd',
          aggregationCardinalityLimit: 9,
        },
      ],
    },
  ],
  ...(
    [
      ['drop:', { type: AggregationType.DROP }],
      ['sum:', { type: AggregationType.SUM }],
      ['last_value:', { type: AggregationType.LAST_VALUE }],
      ['default:', { type: AggregationType.DEFAULT }],
      [
        'explicit_bucket_histogram: { boundaries: [1, 2] }',
        { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [1, 2] } },
      ],
      [
        'base2_exponential_bucket_histogram: { max_size: 20 }',
        { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize: 20 } },
      ],
    ] as const
  ).map(
    ([aggregation, expected]) =>
      [
        view(`selector: { instrument_name: x }, stream: { aggregation: { ${aggregation} } }`),
        {
          exporters: ['prometheus'],
          prometheus: {},
          views: [{ instrumentName: 'x', aggregation: expected }],
        } as MetricsOptions,
      ] as const,
  ),
  [
    own('http: { ignore: [/health], maxPaths: 5 }, runtime: false, prometheus: { path: /m }, semconv: true'),
    { http: { ignore: ['/health'], maxPaths: 5 }, runtime: false, prometheus: { path: '/m' }, semconv: true },
  ],
  [
    `${reader('pull: { exporter: { prometheus/development: { port: 1 } } }')}\n${own('prometheus: { path: /m, port: 2 }')}`,
    { exporters: ['prometheus'], prometheus: { port: 1, path: '/m' } },
  ],
  // What belongs to others.
  ['propagator: { composite: [{ tracecontext: }] }\ndistribution: { other: { x: 1 } }', {}],
]

/** What cannot be, and what is said of it behind the name of the file. */
const FAULTS: readonly (readonly [content: string, message: string])[] = [
  [own('httpx: 1'), 'got "httpx". Write "http".'],
  [
    own('http: { maxPaths: 0 }'),
    'http.maxPaths of distribution.meterkit in FILE must be a whole number from 1 to 1000, got 0.',
  ],
  [
    reader('pull: { exporter: { prometheus/development: { port: 70000 } } }'),
    'prometheus.port in FILE must be a whole number from 0 to 65535, got 70000.',
  ],
  [
    reader('pull: { exporter: { prometheus/development: { scope_info_enabled: true } } }'),
    'meter_provider.readers[0].pull.exporter.prometheus/development.scope_info_enabled must be left out, as meterkit has no such thing, got a value.',
  ],
  [
    otlp('endpoint: "htp://user:hush@a"'),
    'otlp.endpoint in FILE must be an http or https URL, or host:port over gRPC, got "htp://****@a".',
  ],
  [otlp('compression: br'), 'otlp.compression in FILE must be one of gzip, none, got "br".'],
  [otlp('tls: { insecure: true }'), 'meter_provider.readers[0].periodic.exporter.otlp_http.tls must'],
  [otlp('headers_list: nonsense'), 'headers_list must be a list like name=value,other=value, got something else.'],
  [reader('periodic: { exporter: { otlp_file/development: } }'), 'otlp_file/development must be left out'],
  [
    `meter_provider: { readers: [{ ${PULL} }, { ${PULL} }] }`,
    'meter_provider.readers[1].pull must be there once, got another one.',
  ],
  [
    'meter_provider: { readers: [{ pull: { exporter: { prometheus/development: }, cardinality_limits: { counter: 1 } } }] }',
    'cardinality_limits.counter must be left out',
  ],
  [
    own('constantLabels: { a: [b] }'),
    'constantLabels["a"] of distribution.meterkit in FILE must be a string, a number or a boolean, got ["b"].',
  ],
  [
    'meter_provider: { readers: [{ periodic: { exporter: { console: } } }, { periodic: { exporter: { console: } } }] }',
    'meter_provider.readers[1].periodic must be of the console once, got another one.',
  ],
  [
    reader('periodic: { exporter: { console: { temporality_preference: delta } } }'),
    'console.temporality_preference must be left out',
  ],
  [
    'resource: { attributes_list: nonsense }',
    'resource.attributes_list must be a list like name=value,other=value, got "nonsense".',
  ],
  ['resource: { detection/development: { detectors: [{ hsot: }] } }', 'got ["hsot"]. Write "host".'],
  [
    'resource: { detection/development: { attributes: { excluded: [a] } } }',
    'resource.detection/development.attributes must be left out',
  ],
  [
    reader('pull: { exporter: { prometheus/development: { resource_constant_labels: { included: ["service.*"] } } } }'),
    'resource_constant_labels.included must be a list of names without * and ?, got "service.*".',
  ],
  [
    'distribution: { meterkitt: { runtime: false } }',
    'distribution.meterkitt must be meterkit, got another name. Write "meterkit".',
  ],
  ['meter_provider: { readers: [] }', 'must NOT have fewer than 1 items'],
  ['log_level: loud', 'log_level must be one of trace, debug, info, warn, error, fatal, got "loud".'],
  ['resource: [', 'got this error:'],
  [
    'meter_provder: {}',
    'meter_provder must be left out, as meterkit has no such thing, got a value. Write "meter_provider".',
  ],
]

describe('The options of a configuration file', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'meterkit-file-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  function written(content: string): string {
    const file = join(folder, 'config.yaml')
    writeFileSync(file, `file_format: "1.0"\n${content}\n`)
    return file
  }

  for (const [content, options] of KEYS) {
    it(`are right for ${content || 'nothing'}`, () => {
      const { options: read, origins } = optionsFromFile(written(content))
      expect(read).to.deep.equal(options)
      expect(origins.get('prometheus.port')).to.equal(join(folder, 'config.yaml'))
    })
  }

  for (const [content, message] of FAULTS) {
    it(`cannot be ${content}`, () => {
      const file = written(content)
      expect(() => optionsFromFile(file))
        .to.throw(DefinitionError)
        .with.property('message')
        .that.includes(message.replace('FILE', file))
    })
  }

  it('have an allow list and a deny list of attributes', () => {
    const file = written(
      view('selector: { instrument_name: x }, stream: { attribute_keys: { included: [a, b], excluded: [b] } }'),
    )
    const processors = optionsFromFile(file).options.views?.[0]?.attributesProcessors ?? []
    const all: Attributes = { a: 1, b: 2, c: 3 }
    const left = processors.reduce((attributes, processor) => processor.process(attributes, {} as never), all)
    expect(left).to.deep.equal({ a: 1 })
  })

  it('take values from the environment, and defaults where it has none', () => {
    process.env.METERKIT_TEST_PORT = '1234'
    try {
      const content = [
        'meter_provider:',
        '  readers:',
        '    - pull:',
        '        exporter:',
        '          prometheus/development:',
        // biome-ignore-start lint/suspicious/noTemplateCurlyInString: that is how a file has it
        '            port: ${METERKIT_TEST_PORT}',
        '            host: ${METERKIT_TEST_NONE:-::1}',
        // biome-ignore-end lint/suspicious/noTemplateCurlyInString: that is how a file has it
      ].join('\n')
      expect(optionsFromFile(written(content)).options.prometheus).to.deep.equal({ port: 1_234, host: '::1' })
    } finally {
      delete process.env.METERKIT_TEST_PORT
    }
  })

  it('cannot be those of a file that is not there, or none', () => {
    const missing = join(folder, 'missing.yaml')
    expect(() => optionsFromFile(missing)).to.throw(DefinitionError, `Cannot read "${missing}": the file must be`)
  })
})
