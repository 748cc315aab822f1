import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { checkAllOptions, checkOptions } from '../../src/config/check-options'
import type { MetricsOptions } from '../../src/config/options'
import { DefinitionError } from '../../src/model/errors'

const KNOWN =
  'disabled, serviceName, resource, resourceDetectors, resourceLabels, exporters, prometheus, otlp, console, push, http, runtime, selfMetrics, views, cardinalityLimit, exemplars, semconv, constantLabels, logLevel, logger'
const KNOWN_PROMETHEUS =
  'prometheus.host, prometheus.port, prometheus.path, prometheus.endpoints, prometheus.server, prometheus.timeoutMs, prometheus.created, prometheus.translationStrategy'
const PLAIN = 'an object of strings, numbers and booleans'
const EXPORTERS = "a list of 'prometheus', 'otlp', 'console' and metric readers, each once"
const ENDPOINT = 'an http or https URL, or host:port over gRPC'
const HEADER = 'a string, and both as a header may have them'
const GROUPING = 'a string, a number or a boolean, by a label name other than job and le'
const DETECTORS = 'a list of env, host, os, process, serviceinstance, container, aws, gcp, azure, all'
const PATH = 'a path that starts with "/", written as in a URL'
const LOGGER = 'an object with info, warn and error, or false'

/** Options with a value that they cannot have, what is wanted, what is shown of the value, and what is said to write instead. */
const FAULTS: readonly (readonly [path: string, value: unknown, wanted: string, shown: string, mend?: string])[] = [
  ['serviceName', 5, 'a string', '5'],
  ['serviceName', null, 'a string', 'null'],
  ['resource', ['a'], `${PLAIN}, and arrays of these`, '["a"]'],
  ['resourceDetectors', ['hsot'], DETECTORS, '["hsot"]', 'Write "host".'],
  ['resourceDetectors', 'host', DETECTORS, '"host"'],
  ['resourceLabels', [], 'a list of up to 20 attribute names', '[]'],
  ['resourceLabels', [1], 'a list of up to 20 attribute names', '[1]'],
  ['exporters', 'prometheus', EXPORTERS, '"prometheus"'],
  ['exporters', ['zipkin'], EXPORTERS, '["zipkin"]'],
  ['exporters', ['prometeus'], EXPORTERS, '["prometeus"]', 'Write "prometheus".'],
  ['disabled', 'yes', 'true or false', '"yes"'],
  ['otlp', 'http://localhost:4318', 'an object, or a list of them', '"http://localhost:4318"'],
  ['otlp', [], 'an object, or a list of them', '[]'],
  ['otlp.endpoint', 'localhost', ENDPOINT, '"localhost"'],
  ['otlp.endpoint', 'htp://user:hush@a', ENDPOINT, '"htp://****@a"'],
  ['otlp.endpoint', 'http://user:hu/sh@a:99999', ENDPOINT, '"http://****@a:99999"'],
  ['push.url', 'http:// a', 'an http or https URL', '"http:// a"'],
  [
    'otlp.protocol',
    'http/protobuff',
    'one of http/protobuf, http/json, grpc',
    '"http/protobuff"',
    'Write "http/protobuf".',
  ],
  ['otlp.headers', 'a=b', 'an object of strings by name, as headers may have them', 'something else'],
  ['otlp.compression', 'br', 'one of gzip, none', '"br"'],
  [
    'otlp.histograms',
    'base2',
    'one of explicit_bucket_histogram, base2_exponential_bucket_histogram',
    '"base2"',
    'Leave it out for the default.',
  ],
  ['otlp.temporality', 'Delta', 'one of cumulative, delta, lowmemory', '"Delta"', 'Write "delta".'],
  ['otlp.timeoutMs', -1, 'a number from 0, which is no limit, to 2147483647', '-1'],
  ['otlp.intervalMs', '60000', 'a number above 0 and up to 2147483647', '"60000"'],
  ['otlp.exportTimeoutMs', -1, 'a number from 0, which is no limit, to 2147483647', '-1'],
  ['otlp.certificate', '', 'the path of a file', '""'],
  ['otlp.clientCertificate', 5, 'the path of a file', '5'],
  ['otlp.clientKey', 5, 'the path of a file', '5'],
  ['logLevel', 'debug', 'one of info, warn, error, none', '"debug"'],
  ['logLevel', 'eror', 'one of info, warn, error, none', '"eror"', 'Write "error".'],
  ['exporters', ['otlp', 'otlp'], EXPORTERS, '["otlp", "otlp"]'],
  ['exporters', [{}], EXPORTERS, '[an object]'],
  ['prometheus', false, 'an object', 'false'],
  ['prometheus.host', '', 'a host name or address, without a port', '""'],
  ['prometheus.port', '9464', 'a whole number from 0 to 65535', '"9464"'],
  ['prometheus.port', -1, 'a whole number from 0 to 65535', '-1'],
  ['prometheus.port', 65_536, 'a whole number from 0 to 65535', '65536'],
  ['prometheus.port', 1.5, 'a whole number from 0 to 65535', '1.5'],
  ['prometheus.path', 'metrics', PATH, '"metrics"'],
  ['prometheus.path', '/a?b', PATH, '"/a?b"'],
  // As it stands in a request, it is %C3%BC.
  ['prometheus.path', '/ü', PATH, '"/ü"'],
  ['prometheus.endpoints', ['/a'], 'an object of paths', '["/a"]'],
  ['prometheus.server', 'no', 'true or false', '"no"'],
  ['prometheus.timeoutMs', 0, 'a number above 0 and up to 2147483647', '0'],
  ['prometheus.timeoutMs', Number.NaN, 'a number above 0 and up to 2147483647', 'NaN'],
  // A timer of Node.js takes it for 1 ms.
  ['prometheus.timeoutMs', 2 ** 31, 'a number above 0 and up to 2147483647', '2147483648'],
  ['prometheus.created', 'yes', 'true or false', '"yes"'],
  [
    'prometheus.translationStrategy',
    'utf-8',
    'one of UnderscoreEscapingWithSuffixes, UnderscoreEscapingWithoutSuffixes, NoUTF8EscapingWithSuffixes, NoTranslation',
    '"utf-8"',
  ],
  ['http', true, 'an object of options, or false', 'true'],
  ['http', null, 'an object of options, or false', 'null'],
  ['runtime', 1, 'true or false', '1'],
  ['selfMetrics', 'no', 'true or false', '"no"'],
  ['views', {}, "a list of sdk-metrics's ViewOptions", 'an object'],
  ['views', ['jobs'], "a list of sdk-metrics's ViewOptions", '["jobs"]'],
  ['exemplars', true, 'one of trace_based, always_on, always_off', 'true'],
  ['cardinalityLimit', 0, 'a whole number of 1 or more', '0'],
  ['cardinalityLimit', '10', 'a whole number of 1 or more', '"10"'],
  ['constantLabels', 'a', PLAIN, '"a"'],
  ['logger', true, LOGGER, 'true'],
  ['logger', { info() {}, warn() {} }, LOGGER, 'an object'],
]

const ATTRIBUTE = 'a string, a number, a boolean or an array of one of these'

/** Values by name of which one cannot be. */
const ENTRY_FAULTS: readonly (readonly [path: string, value: unknown, entry: string, wanted: string, shown: string])[] =
  [
    ['resource', { b: 'c', a: {} }, 'resource["a"]', ATTRIBUTE, 'an object'],
    ['resource', { a: null }, 'resource["a"]', ATTRIBUTE, 'null'],
    ['resource', { 'a.b': ['c', 1] }, 'resource["a.b"]', ATTRIBUTE, '["c", 1]'],
    ['resource', { a: [['b']] }, 'resource["a"]', ATTRIBUTE, '[an array]'],
    ['constantLabels', { a: ['b'] }, 'constantLabels["a"]', 'a string, a number or a boolean', '["b"]'],
    ['push.groupingKey', { a: null }, 'push.groupingKey["a"]', GROUPING, 'null'],
    // It may be what lets somebody in.
    ['otlp.headers', { a: ['secret'] }, 'otlp.headers["a"]', HEADER, 'something else'],
    ['otlp.headers', { a: 'b\nc' }, 'otlp.headers["a"]', HEADER, 'something else'],
    ['push.headers', { 'a b': 'c' }, 'push.headers["a b"]', HEADER, 'something else'],
  ]

function optionsOf(path: string, value: unknown): MetricsOptions {
  const [outer, inner] = path.split('.')
  return { [outer as string]: inner === undefined ? value : { [inner]: value } }
}

describe('The options of a service', () => {
  for (const [path, value, wanted, shown, mend = 'Leave it out for the default.'] of FAULTS) {
    it(`say what ${path} must be where it is ${shown}`, () => {
      expect(() => checkOptions(optionsOf(path, value)))
        .to.throw(DefinitionError)
        .with.property('message', `Cannot start "metrics": ${path} must be ${wanted}, got ${shown}. ${mend}`)
    })
  }

  for (const [path, value, entry, wanted, shown] of ENTRY_FAULTS) {
    it(`say what ${entry} must be where it is ${shown}`, () => {
      expect(() => checkOptions(optionsOf(path, value)))
        .to.throw(DefinitionError)
        .with.property(
          'message',
          `Cannot start "metrics": ${entry} must be ${wanted}, got ${shown}. Write it as text, or leave it out.`,
        )
    })
  }

  for (const [path, known, mend] of [
    ['exporter', KNOWN, 'Write "exporters".'],
    ['toString', KNOWN, 'Remove it or correct its name.'],
    ['prometheus.prot', KNOWN_PROMETHEUS, 'Write "prometheus.port".'],
    ['prometheus.__proto__x', KNOWN_PROMETHEUS, 'Remove it or correct its name.'],
  ] as const) {
    it(`refuse ${path}, which is none, and list those there are`, () => {
      expect(() => checkOptions(optionsOf(path, 1)))
        .to.throw(DefinitionError)
        .with.property('message', `Cannot start "metrics": an option must be one of ${known}, got "${path}". ${mend}`)
    })
  }

  it('must be an object', () => {
    for (const [options, shown] of [
      [null, 'null'],
      ['orders', '"orders"'],
      [[], '[]'],
      [() => ({}), 'a function'],
    ] as const) {
      expect(() => checkOptions(options as never)).to.throw(
        DefinitionError,
        `Cannot start "metrics": options must be an object, got ${shown}. Write initMetrics({ serviceName: 'orders' }).`,
      )
    }
  })

  it('refuse constant labels that no series could have', () => {
    for (const [label, text] of [
      ['a.b', 'a label name must be letters, digits or "_" and not start with a digit, got "a.b". Write "a_b".'],
      [
        'le',
        'a label name must be another than those that the format and constant labels have, got "le". Rename it, or the constant label of that name.',
      ],
    ]) {
      expect(() => checkOptions({ serviceName: 'orders', constantLabels: { [label as string]: 'x' } }))
        .to.throw(DefinitionError)
        .with.property('message', `Cannot create service "orders": ${text}`)
    }
  })

  it('are accepted at the edges of what they can be, and left out', async () => {
    const reader = new PeriodicExportingMetricReader({
      exporter: { export() {}, forceFlush: async () => {}, shutdown: async () => {} },
    })
    const accepted: readonly MetricsOptions[] = [
      {},
      { prometheus: {} },
      { prometheus: { created: true, translationStrategy: 'NoTranslation' }, constantLabels: { 'größe.m': 1 } },
      { exporters: [], resourceDetectors: [] },
      { resourceDetectors: ['env', 'all'], resourceLabels: ['service.namespace'] },
      { exporters: ['prometheus', 'otlp', 'console', reader] },
      { otlp: [{}] },
      { otlp: { endpoint: 'HTTPS://a' }, push: { url: 'HTTP://a' } },
      { otlp: { endpoint: 'collector:4317' } },
      { otlp: [{ endpoint: 'https://a' }, { protocol: 'grpc', headers: {} }] },
      { disabled: true, logLevel: 'none' },
      { prometheus: { port: 0, path: '/', host: '::1', server: false, timeoutMs: 2 ** 31 - 1 } },
      { prometheus: { port: 65_535, timeoutMs: 0.5 } },
      { http: {} },
      { http: false, runtime: false, logger: false },
      { resource: { a: ['b', 'c'], d: [1], e: [true, false], f: [] } },
      { resource: { a: 'b', c: 1, d: true }, constantLabels: { a: 'b', c: 1, d: true } },
      { cardinalityLimit: 1, views: [] },
      { logger: console },
      { serviceName: '' },
    ]
    for (const options of accepted) checkOptions(options)
    const names = `${KNOWN}, prometheus.port`.split(', ')
    for (const name of names) checkOptions(optionsOf(name, undefined))
    await reader.shutdown()
  })

  it('have a host and a port alone for gRPC, when all sources are known', () => {
    checkAllOptions({ otlp: [{ endpoint: 'collector:4317', protocol: 'grpc' }, { endpoint: 'http://a' }] })
    expect(() => checkAllOptions({ otlp: [{}, { endpoint: 'collector:4318' }] })).to.throw(
      DefinitionError,
      'otlp.endpoint must be an http or https URL where otlp.protocol is not grpc, got "collector:4318". Write "http://collector:4318/v1/metrics".',
    )
  })
})
